import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CallBudget, compileSegmentRule, composeSchema } from '@headrace/core';
import { startOrg } from '@headrace/salesforce-emulator';
import { heldSecrets } from '../../packages/server/src/catalog/account-secrets.ts';
import { activateSegment, plainActivation } from '../../packages/server/src/delivery/activations.ts';
import { createCallBudget } from '../../packages/server/src/delivery/call-budget.ts';
import { DataflowLane } from '../../packages/server/src/delivery/dataflow-lane.ts';
import { LanePacer } from '../../packages/server/src/delivery/lane-pacer.ts';
import { LeaseKeeper } from '../../packages/server/src/delivery/lease-keeper.ts';
import { markChanges } from '../../packages/server/src/delivery/mark-changes.ts';
import { createSalesforceCrmDestination } from '../../packages/server/src/destinations/salesforce-crm/salesforce-crm-destination.ts';
import { applyRecords } from '../../packages/server/src/ingestion/apply-records.ts';
import type { PreparedRecord } from '../../packages/server/src/ingestion/prepared-record.ts';
import { evaluateChanges } from '../../packages/server/src/segmentation/evaluate-changes.ts';
import { openCallBudget, updateCallBudget } from '../../packages/server/src/store/call-budgets.ts';
import { openDatabase, transaction } from '../../packages/server/src/store/database.ts';
import { readActivatedDataflows } from '../../packages/server/src/store/delivery-dataflows.ts';
import { startEmbeddedPostgres } from '../../packages/server/src/store/embedded/start-embedded-postgres.ts';
import { migrate } from '../../packages/server/src/store/migrate.ts';
import type { MovedClock } from './moved-clock.ts';

const log = {
  info: () => undefined,
  warn: (facts: object, message: string) => process.stderr.write(`${message} ${JSON.stringify(facts)}\n`),
};
const rule = compileSegmentRule('person.name.lastName.isNotNull()', {
  profile: composeSchema({ classId: 'xdm.individual-profile', fieldGroupIds: ['xdm.demographic-details'] }),
  event: composeSchema({ classId: 'xdm.experience-event', fieldGroupIds: [] }),
});
const mapping = [
  { source: { attribute: 'personalEmail.address' }, target: 'email' },
  { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
  { source: { attribute: 'homeAddress.city' }, target: 'city' },
];

const renewMs = 20_000;
const maxBatchRecords = 200;

/** The delivery of one server with its own PostgreSQL and an emulated org, all by one clock. */
export type BenchOrg = Awaited<ReturnType<typeof startBenchOrg>>;

/** @param allowance calls in any 24 hours. */
export async function startBenchOrg(clock: MovedClock, allowance: number) {
  const stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'headrace-bench-'));
  stack.defer(async () => {
    const location = await readFile(join(dataDir, 'postgres.location'), 'utf8').catch(() => undefined);
    if (location !== undefined) await rm(location.trim(), { recursive: true, force: true });
    await rm(dataDir, { recursive: true, force: true });
  });
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined });
  stack.defer(() => postgres.stop());
  const config = { connectionString: postgres.connectionString };
  const pool = openDatabase({ config, maxConnections: 8, onIdleError: () => undefined });
  stack.defer(() => pool.end());
  await migrate(pool);
  const org = stack.use(await startOrg({ clock: clock.ms, definition: { dailyApiRequests: 4 * allowance } }));
  const ids = await setUp(pool, org.organizationId, clock);
  await openCallBudget(pool, ids.accountId, allowance);
  await updateCallBudget(pool, ids.accountId, { allowance });

  /** When each call was reserved. */
  const calledAt: number[] = [];
  const counted = createCallBudget({ pool, accountId: ids.accountId, allowance, now: clock.now, log });
  const budget: CallBudget = {
    reserve: async (purpose) => {
      await counted.reserve(purpose);
      calledAt.push(clock.ms());
    },
    observe: (usage) => counted.observe(usage),
  };
  const connection = connect(org, ids.accountId, budget, clock);
  stack.defer(() => connection.close());
  const leases = new LeaseKeeper(config);
  stack.defer(() => leases.release());
  const pacer = new LanePacer(pool, clock.now);
  const [dataflow] = await readActivatedDataflows(pool, clock.now());
  if (dataflow === undefined) throw new Error('There is no dataflow.');
  const lane = new DataflowLane({
    pool,
    ownerId: leases.ownerId,
    connectionFor: async () => connection,
    pacer,
    now: clock.now,
    random: Math.random,
    log,
    onSettled: () => undefined,
  });
  const never = new AbortController().signal;
  let ranges = await leases.renew();
  let renewedAt = performance.now();
  const heldRanges = async () => {
    if (performance.now() - renewedAt > renewMs) {
      ranges = await leases.renew();
      renewedAt = performance.now();
    }
    return ranges;
  };
  let stamp = 1;
  return {
    pool,
    budget,
    calledAt,
    paceOf: async () => pacer.paceOf(dataflow, await heldRanges(), maxBatchRecords),
    /** Whether commits wait for the disk, as they do by default. */
    commitDurably: async (isDurable: boolean) => {
      await pool.query(
        `alter system ${isDurable ? 'reset synchronous_commit' : 'set synchronous_commit = off'}`,
      );
      await pool.query('select pg_reload_conf()');
    },
    sending: () => pacer.sending(dataflow.dataflowId, 1),
    /** Changes people, each by its number, as ingestion does. */
    change: async (people: readonly number[]) => {
      const records = people.map((person): PreparedRecord => toRecord(ids.datasetId, person, stamp++));
      await transaction(pool, (trx) =>
        applyRecords(
          trx,
          records,
          async (inside, changes, now) => {
            const rules = [{ segmentId: ids.segmentId, rule }];
            await markChanges(inside, await evaluateChanges(inside, changes, rules, now), changes, now);
          },
          clock.now(),
        ),
      );
    },
    /** Claims, sends and settles what the pace lets go now. */
    deliver: async () => {
      lane.kick(dataflow, await heldRanges(), never);
      await lane.drain();
    },
    countPending: async (): Promise<number> => {
      const { rows } = await pool.query<{ count: number }>(
        `select count(*) from export_state where status = 'pending'`,
      );
      return rows[0]?.count ?? 0;
    },
    stop: () => stack.disposeAsync(),
  };
}

function connect(
  org: Awaited<ReturnType<typeof startOrg>>,
  accountId: string,
  budget: CallBudget,
  clock: MovedClock,
) {
  const { username, password, securityToken, clientId, clientSecret } = org.credentials;
  const values = { username, password, security_token: securityToken, client_id: clientId };
  return createSalesforceCrmDestination({ allowLoopback: true }).connect(
    {
      accountId,
      authentication: 'oauth2-password',
      organizationId: org.organizationId,
      values: { ...values, client_secret: clientSecret, custom_domain: org.url },
    },
    { budget, now: clock.now, log, calls: { record: () => undefined }, secrets: heldSecrets({}, {}) },
  );
}

const toRecord = (datasetId: string, person: number, stamp: number): PreparedRecord => {
  const primary = { namespace: 'CRMID', value: `person-${person}` };
  return {
    datasetId,
    kind: 'profile',
    recordId: primary.value,
    stampMs: stamp,
    receivedMs: 0,
    batchId: null,
    primary,
    identities: [primary],
    document: {
      personalEmail: { address: `person-${person}@example.com` },
      person: { name: { lastName: `Person ${person}` } },
      homeAddress: { city: `City ${stamp}` },
    },
  };
};

async function setUp(pool: ReturnType<typeof openDatabase>, organizationId: string, clock: MovedClock) {
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
    [accountId, organizationId],
  );
  await pool.query(
    `insert into dataflow (dataflow_id, account_id, name, description, details, mapping, enabled, created_at)
     values ($1, $2, 'f', '', '{"membership":"none"}', $3, true, now())`,
    [dataflowId, accountId, JSON.stringify(mapping)],
  );
  await activateSegment(pool, dataflowId, segmentId, plainActivation, clock.now());
  return { accountId, dataflowId, segmentId, datasetId };
}
