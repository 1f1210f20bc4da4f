import { hourMs, simulate, simulatedWeek } from '../../packages/server/src/delivery/pace.fixture.ts';

/** Figures of the week that the tests of the pace go through, by the pace alone and a ledger in memory. */
export function simulateWeek(allowance: number): Record<string, number> {
  const { lanes, mostCalls } = simulate(simulatedWeek(allowance));
  const { stream, bursts, backfill } = lanes;
  return {
    week_max_calls_24h: mostCalls,
    week_stream_p50_ms: stream?.latency(0.5) ?? Number.NaN,
    week_stream_p99_ms_beside_backfill: stream?.latency(0.99, 33, 36) ?? Number.NaN,
    week_bursts_p99_ms: bursts?.latency(0.99, 0, 72) ?? Number.NaN,
    week_backfill_300k_minutes: Math.round(((backfill?.emptyAt ?? Number.NaN) - 33 * hourMs) / 60_000),
    week_pending: (stream?.pending ?? 0) + (bursts?.pending ?? 0) + (backfill?.pending ?? 0),
  };
}
