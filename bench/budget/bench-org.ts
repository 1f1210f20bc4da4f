import { type CallBudget, compileSegmentRule, composeSchema } from '@headrace/core';
import { startOrg } from '@headrace/salesforce-emulator';
import { createCallBudget } from '../../packages/server/src/delivery/call-budget.ts';
import { DataflowLane } from '../../packages/server/src/delivery/dataflow-lane.ts';
import { LanePacer } from '../../packages/server/src/delivery/lane-pacer.ts';
import { LeaseKeeper } from '../../packages/server/src/delivery/lease-keeper.ts';
import { markChanges } from '../../packages/server/src/delivery/mark-changes.ts';
import { applyRecords } from '../../packages/server/src/ingestion/apply-records.ts';
import type { PreparedRecord } from '../../packages/server/src/ingestion/prepared-record.ts';
import { evaluateChanges } from '../../packages/server/src/segmentation/evaluate-changes.ts';
import { openCallBudget, updateCallBudget } from '../../packages/server/src/store/call-budgets.ts';
import { transaction } from '../../packages/server/src/store/database.ts';
import { readActivatedDataflows } from '../../packages/server/src/store/delivery-dataflows.ts';
import { openBenchDatabase } from '../moved/bench-database.ts';
import { connectToOrg, insertDataflow, benchLog as log } from '../moved/bench-dataflow.ts';
import type { MovedClock } from '../moved/moved-clock.ts';

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
  const { pool, config } = await openBenchDatabase(stack, 8);
  const org = stack.use(await startOrg({ clock: clock.ms, definition: { dailyApiRequests: 4 * allowance } }));
  const { organizationId } = org;
  const details = { membership: 'none' };
  const ids = await insertDataflow(pool, { organizationId, details, mapping, now: clock.now() });
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
  const { username, password, securityToken, clientId, clientSecret } = org.credentials;
  const connection = connectToOrg(
    {
      accountId: ids.accountId,
      organizationId,
      url: org.url,
      values: {
        username,
        password,
        security_token: securityToken,
        client_id: clientId,
        client_secret: clientSecret,
      },
    },
    { budget, now: clock.now },
  );
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
