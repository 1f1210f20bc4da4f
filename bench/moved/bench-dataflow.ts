import { randomUUID } from 'node:crypto';
import type { CallBudget, DataflowDetails, DestinationLog, MappingRow } from '@headrace/core';
import type pg from 'pg';
import { heldSecrets } from '../../packages/server/src/catalog/account-secrets.ts';
import { activateSegment, plainActivation } from '../../packages/server/src/delivery/activations.ts';
import { createSalesforceCrmDestination } from '../../packages/server/src/destinations/salesforce-crm/salesforce-crm-destination.ts';

/** What goes wrong is told; the rest is not. */
export const benchLog: DestinationLog = {
  info: () => undefined,
  warn: (facts, message) => void process.stderr.write(`${message} ${JSON.stringify(facts)}\n`),
};

/** A dataset, a segment, an account of the org, and an enabled dataflow of the segment to it. */
export async function insertDataflow(
  pool: pg.Pool,
  dataflow: {
    readonly organizationId: string;
    readonly details: DataflowDetails;
    readonly mapping: readonly MappingRow[];
    readonly now: Date;
  },
) {
  const [schemaId, datasetId, segmentId] = [randomUUID(), randomUUID(), randomUUID()];
  const [accountId, dataflowId] = [randomUUID(), randomUUID()];
  await pool.query(
    `insert into xdm_schema (schema_id, name, class_id, field_group_ids, identities, created_at, enabled_for_profile_at)
     values ($1, 's', 'xdm.individual-profile', '{}', '[]', now(), now())`,
    [schemaId],
  );
  await pool.query(
    `insert into dataset (dataset_id, name, schema_id, created_at, enabled_for_profile_at)
     values ($1, 'd', $2, now(), now())`,
    [datasetId, schemaId],
  );
  await pool.query(`insert into segment values ($1, 'Bench', '', 'true', now(), now())`, [segmentId]);
  await pool.query(
    `insert into account values ($1, 'salesforce-crm', 'a', 'oauth2-password', '{}', '\\x00', $2, null, now(), now())`,
    [accountId, dataflow.organizationId],
  );
  await pool.query(
    `insert into dataflow (dataflow_id, account_id, name, description, details, mapping, enabled, created_at)
     values ($1, $2, 'f', '', $4, $3, true, now())`,
    [dataflowId, accountId, JSON.stringify(dataflow.mapping), dataflow.details],
  );
  await activateSegment(pool, dataflowId, segmentId, plainActivation, dataflow.now);
  return { accountId, dataflowId, segmentId, datasetId };
}

/** @param org.values of the account, as its fields are named. */
export const connectToOrg = (
  org: {
    readonly accountId: string;
    readonly organizationId: string | null;
    readonly url: string;
    readonly values: Readonly<Record<string, string>>;
  },
  { budget, now }: { readonly budget: CallBudget; readonly now: () => Date },
) =>
  createSalesforceCrmDestination({ allowLoopback: true }).connect(
    {
      accountId: org.accountId,
      authentication: 'oauth2-password',
      organizationId: org.organizationId,
      values: { ...org.values, custom_domain: org.url },
    },
    { budget, now, log: benchLog, calls: { record: () => undefined }, secrets: heldSecrets({}, {}) },
  );
