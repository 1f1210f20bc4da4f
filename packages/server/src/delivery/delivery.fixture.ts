import { randomUUID } from 'node:crypto';
import { compileSegmentRule, composeSchema, type DestinationConnection } from '@headrace/core';
import type { TestDatabase } from '@headrace/testkit';
import type pg from 'pg';
import type { ProfileChangeListener } from '../ingestion/save-profiles.ts';
import { evaluateChanges } from '../segmentation/evaluate-changes.ts';
import { DeliveryWorker } from './delivery-worker.ts';
import { markChanges } from './mark-changes.ts';

const mapping = [
  { source: { attribute: 'personalEmail.address' }, target: 'email' },
  { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
];

/** Members are people with a last name. */
const rule = compileSegmentRule('person.name.lastName.isNotNull()', {
  profile: composeSchema({ classId: 'xdm.individual-profile', fieldGroupIds: ['xdm.demographic-details'] }),
  event: composeSchema({ classId: 'xdm.experience-event', fieldGroupIds: [] }),
});

/** Evaluates the one segment and marks what is due, as the server does. */
export const evaluateAndMark =
  (segmentId: string): ProfileChangeListener =>
  async (trx, changes, now) => {
    const rules = [{ segmentId, rule }];
    await markChanges(trx, await evaluateChanges(trx, changes, rules, now), changes, now);
  };

/** A dataset, a segment, and an enabled dataflow to an account: the least that delivery needs. */
export async function insertDelivery(pool: pg.Pool) {
  const [schemaId, accountId] = [randomUUID(), randomUUID()];
  const [dataflowId, segmentId, datasetId] = [randomUUID(), randomUUID(), randomUUID()];
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
  await pool.query(`insert into segment values ($1, 'seg', '', 'true', now(), now())`, [segmentId]);
  await pool.query(
    `insert into account values ($1, 'memory', 'a', 'none', '{}', '\\x00', null, null, now(), now())`,
    [accountId],
  );
  await pool.query(
    `insert into dataflow (dataflow_id, account_id, name, description, details, mapping, enabled, stopped_by, created_at)
     values ($1, $2, 'f', '', '{}', $3, true, null, now())`,
    [dataflowId, accountId, JSON.stringify(mapping)],
  );
  return { dataflowId, segmentId, datasetId };
}

/** A worker that delivers by a connection until it is stopped. */
export function startWorker(
  { pool, url }: TestDatabase,
  connection: DestinationConnection,
  now: () => Date = () => new Date(),
) {
  const worker = new DeliveryWorker({
    pool,
    connection: { connectionString: url },
    connectionFor: async () => connection,
    now,
    random: () => 0,
    log: { info: () => undefined, warn: () => undefined },
  });
  const controller = new AbortController();
  const running = worker.run(controller.signal);
  const stop = async (): Promise<void> => {
    controller.abort();
    await running;
  };
  return { worker, stop };
}
