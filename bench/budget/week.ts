import { bucketCount, HeadraceError } from '@headrace/core';
import { createCallBudget } from '../../packages/server/src/delivery/call-budget.ts';
import { LanePacer } from '../../packages/server/src/delivery/lane-pacer.ts';
import {
  hourMs,
  type LedgerAnswer,
  type LedgerAsk,
  runSimulation,
  simulatedWeek,
} from '../../packages/server/src/delivery/pace.fixture.ts';
import type { Pace } from '../../packages/server/src/delivery/pace.ts';
import { openCallBudget, updateCallBudget } from '../../packages/server/src/store/call-budgets.ts';
import { readActivatedDataflows } from '../../packages/server/src/store/delivery-dataflows.ts';
import { openBenchDatabase } from '../moved/bench-database.ts';
import { insertDataflow, benchLog as log } from '../moved/bench-dataflow.ts';
import { RollingCount } from './rolling-count.ts';

const startsAt = Date.UTC(2026, 5, 1);
const everywhere = [{ firstBucket: 0, lastBucket: bucketCount - 1 }];
/** As a lane waits at most where there is no room, and where the org has none. */
const longestPauseMs = 300_000;
const refusedMs = 60_000;

/**
 * The week that the tests of the pace go through, with its calls reserved in the real ledger in PostgreSQL at the pace
 * that the real lanes keep; nothing is sent. What others use is known from the answers alone, so of an org whose calls
 * are all used by others nothing is heard.
 * @param hours of the week, from its begin
 */
export async function simulateWeek(allowance: number, hours: number): Promise<Record<string, number>> {
  await using stack = new AsyncDisposableStack();
  const { pool } = await openBenchDatabase(stack, 4);
  await pool.query('alter system set synchronous_commit = off');
  await pool.query('select pg_reload_conf()');
  // A quarter more than is allowed to us is kept for others, who use it up and more.
  const [allowed, keptForOthers] = [1.25 * allowance, 0.25 * allowance];
  let at = 0;
  const now = () => new Date(startsAt + at);
  const { accountId } = await insertDataflow(pool, {
    organizationId: '00D000000000001AAA',
    details: {},
    mapping: [],
    now: now(),
  });
  const budget = createCallBudget({ pool, accountId, allowance, now, log: quiet });
  const pacer = new LanePacer(pool, now);
  const reserved = new RollingCount();
  const made = new RollingCount();
  const week = simulatedWeek(allowance);
  const othersAt = (): number => {
    const limit = week.limitAt(at);
    return limit === 0 ? allowed : allowance - limit;
  };
  const [dataflow] = await readActivatedDataflows(pool, now());
  if (dataflow === undefined) throw new Error('There is no dataflow.');
  const paceAt = ({ name, priority, maxRecords = 1_000 }: LedgerAsk['lane']): Promise<Pace> =>
    pacer.paceOf({ ...dataflow, dataflowId: name, details: { priority } }, everywhere, maxRecords);

  const call = async (lane: LedgerAsk['lane']): Promise<LedgerAnswer> => {
    try {
      await budget.reserve('deliver');
    } catch (error) {
      if (!(error instanceof HeadraceError) || error.retryAfterMs === undefined) throw error;
      return { refusedUntil: at + Math.min(longestPauseMs, error.retryAfterMs) };
    }
    reserved.add(at);
    pacer.sending(lane.name, 1);
    const used = made.countAt(at) + othersAt();
    budget.observe({ used: Math.min(allowed, used), allowed });
    if (used >= allowed) return { refusedUntil: at + refusedMs };
    made.add(at);
    return undefined;
  };
  await openCallBudget(pool, accountId, allowance);
  await updateCallBudget(pool, accountId, { allowance, keptForOthers });
  const lanes = week.lanes.map((lane) => ({ ...lane }));
  const running = runSimulation({ ms: Math.min(week.ms, hours * hourMs), lanes });
  const begunAt = performance.now();
  let toldDay = 0;
  let step = running.next();
  while (!step.done) {
    const { of, lane } = step.value;
    ({ at } = step.value);
    if (Math.floor(at / (24 * hourMs)) > toldDay) {
      toldDay += 1;
      const seconds = ((performance.now() - begunAt) / 1_000).toFixed(0);
      process.stderr.write(
        `day ${toldDay} of the week: ${seconds} s, at most ${reserved.most} calls in a day\n`,
      );
    }
    const answer = of === 'call' ? await call(lane) : await paceAt(lane);
    // The pace is in the time of the moved clock.
    step = running.next(
      answer && 'sendAt' in answer ? { ...answer, sendAt: answer.sendAt - startsAt } : answer,
    );
  }
  const { stream, bursts, backfill } = step.value.lanes;
  return {
    week_hours: hours,
    week_max_calls_24h: reserved.most,
    week_stream_p50_ms: stream?.latency(0.5) ?? Number.NaN,
    week_stream_p99_ms_beside_backfill: stream?.latency(0.99, 33, 36) ?? Number.NaN,
    week_bursts_p99_ms: bursts?.latency(0.99, 0, 72) ?? Number.NaN,
    week_backfill_300k_minutes: Math.round(((backfill?.emptyAt ?? Number.NaN) - 33 * hourMs) / 60_000),
    week_stream_longest_wait_minutes: Math.round((stream?.latency(1) ?? Number.NaN) / 60_000),
    week_pending: (stream?.pending ?? 0) + (bursts?.pending ?? 0) + (backfill?.pending ?? 0),
  };
}

const quiet = { ...log, warn: () => undefined };
