import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataflowDetails, MappingRow } from '@headrace/core';
import type pg from 'pg';
import { activateSegment, plainActivation } from '../../packages/server/src/delivery/activations.ts';
import { createCallBudget } from '../../packages/server/src/delivery/call-budget.ts';
import { DeliveryWorker } from '../../packages/server/src/delivery/delivery-worker.ts';
import { updateCallBudget } from '../../packages/server/src/store/call-budgets.ts';
import { openBenchDatabase } from '../moved/bench-database.ts';
import { connectToOrg, insertDataflow, benchLog as log } from '../moved/bench-dataflow.ts';
import { MovedClock } from '../moved/moved-clock.ts';
import type { BenchOrg } from './bench-org.ts';
import { makePeople } from './people.ts';

/** So much time passes at once while server and org wait for nothing but time. */
const stepMs = 2_000;
const dayMs = 86_400_000;
/** Beyond it calls would leave the org's count. */
const longestMs = dayMs / 2;

export type MovedBackfill = {
  readonly people: number;
  readonly details: DataflowDetails;
  readonly mapping: readonly MappingRow[];
  /** Calls in any 24 hours, and how many of them were made, evenly, in the last 24. */
  readonly allowance: number;
  readonly madeBefore: number;
};

export type MovedFigures = {
  /** Counted by the org. */
  readonly calls: number;
  /** Of the moved clock. */
  readonly minutes: number;
  readonly byKind: Readonly<Record<string, number>>;
};

/**
 * A server that is signed in and knows the fields delivers a backlog of people until nothing is pending: the real
 * worker, ledger and pace in this process with the server's own PostgreSQL, over HTTP to an org in another. All calls
 * from then on are counted. The clock of both is moved ahead while they wait.
 */
export async function movedBackfill(org: BenchOrg, backfill: MovedBackfill): Promise<MovedFigures> {
  await using stack = new AsyncDisposableStack();
  const { people, details, mapping, allowance, madeBefore } = backfill;
  const { pool, config } = await openBenchDatabase(stack, 16);
  const clock = new MovedClock(Date.now());
  const { now } = clock;
  const organizationId = await org.organizationId();
  const dataflow = { organizationId, details, mapping, now: now() };
  const { accountId, dataflowId } = await insertDataflow(pool, dataflow);
  const segmentId = await insertMembers(pool, people, now());
  await fillLedger(pool, accountId, { allowance, madeBefore, until: clock.ms() });
  const budget = createCallBudget({ pool, accountId, allowance, now, log });
  const values = org.credentials;
  const connection = connectToOrg({ accountId, organizationId, url: org.url, values }, { budget, now });
  stack.defer(() => connection.close());
  const worker = new DeliveryWorker({
    pool,
    connection: config,
    connectionFor: async () => connection,
    now,
    random: Math.random,
    log,
  });
  const ending = new AbortController();
  const running = worker.run(ending.signal);
  stack.defer(async () => {
    ending.abort();
    await running;
  });
  // Signed in, with the fields looked up, as a server is that has delivered lately.
  await connection.targetFields(details, AbortSignal.timeout(60_000));
  await enable(pool, dataflowId, false);
  await activateSegment(pool, dataflowId, segmentId, plainActivation, now());
  worker.wake();
  while ((await standingOf(pool, dataflowId, now())).pending < people) await sleep(200);
  await org.ask('DELETE', '/emulator/journal');
  const callsBefore = await org.calls();
  const startedAt = clock.ms();
  await enable(pool, dataflowId, true);
  worker.wake();
  for (;;) {
    const { pending, isBusy } = await standingOf(pool, dataflowId, now());
    if (pending === 0 && !isBusy) break;
    if (clock.ms() - startedAt > longestMs) throw new Error(`${pending} people are not delivered.`);
    if (!isBusy) {
      clock.moveTo(clock.ms() + stepMs);
      await org.advance(stepMs);
      // What waits for a time waits by the machine's clock.
      worker.wake();
    }
    await sleep(50);
  }
  const calls = (await org.calls()) - callsBefore;
  const minutes = Math.round((clock.ms() - startedAt) / 6_000) / 10;
  return { calls, minutes, byKind: await org.callsByKind() };
}

/** @returns the segment they are members of. */
async function insertMembers(pool: pg.Pool, people: number, at: Date): Promise<string> {
  const segmentId = randomUUID();
  await makePeople({ database: pool }, { from: 0, to: people, points: 0 });
  await pool.query(`insert into segment values ($1, 'People', '', 'true', now(), now())`, [segmentId]);
  await pool.query(
    `insert into segment_membership select bucket, profile_id, $1, 'realized', $2 from profile`,
    [segmentId, at],
  );
  await pool.query('vacuum (analyze) segment_membership');
  return segmentId;
}

/** Reserves calls evenly over the 24 hours before, as if they had been made. */
async function fillLedger(
  pool: pg.Pool,
  accountId: string,
  calls: { readonly allowance: number; readonly madeBefore: number; readonly until: number },
): Promise<void> {
  const { allowance, madeBefore, until } = calls;
  const clock = { ms: until - dayMs };
  const now = () => new Date(clock.ms);
  const budget = createCallBudget({ pool, accountId, allowance, now, log });
  for (let made = 0; made < madeBefore; made++) {
    await budget.reserve('deliver');
    clock.ms += dayMs / madeBefore;
  }
  await updateCallBudget(pool, accountId, { allowance });
}

const enable = (pool: pg.Pool, dataflowId: string, isEnabled: boolean) =>
  pool.query('update dataflow set enabled = $2 where dataflow_id = $1', [dataflowId, isEnabled]);

/** `isBusy`: a call is being made, or its answer written down, or a job is to be looked at. */
async function standingOf(
  pool: pg.Pool,
  dataflowId: string,
  now: Date,
): Promise<{ pending: number; isBusy: boolean }> {
  const { rows } = await pool.query<{ pending: number; isBusy: boolean }>(
    `select (select coalesce(sum(received - activated - excluded - failed), 0)::int from dataflow_run
         where dataflow_id = $1) as pending,
       case when exists (select from bulk_job where finished_at is null)
         then exists (select from bulk_job where finished_at is null and (state <> 'working' or look_at <= $2))
         else exists (select from export_state where in_flight is not null) end as "isBusy"`,
    [dataflowId, now],
  );
  return rows[0] ?? { pending: 0, isBusy: true };
}
