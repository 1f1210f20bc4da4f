import { type BenchOrg, startBenchOrg } from './budget/bench-org.ts';
import { RollingCount } from './budget/rolling-count.ts';
import { simulateWeek } from './budget/week.ts';
import { MovedClock } from './moved/moved-clock.ts';

const allowance = 50_000;
const changesPerSecond = 20;
const people = 2_000;
const hourMs = 3_600_000;
const startsAt = Date.UTC(2026, 5, 1);
/** From then on the calls are made; before it they are reserved alone. */
const engineFromHour = 23.5;

export type BudgetOptions = {
  /** Of the moved clock, that the engine delivers; beginning half an hour before the first calls are a day old. */
  readonly hours: number;
  /** Of a week of 172, that calls are reserved. */
  readonly weekHours: number;
};

/**
 * 20 changes a second with 50,000 calls in any 24 hours, under a moved clock.
 *
 * For 23.5 hours the calls are only reserved: in the real ledger, at the real pace, but nothing is claimed or sent, and
 * commits do not wait for the disk. From then on, over the end of the first 24 hours and beyond, everything is real:
 * ingestion, claims, calls over HTTP to an emulated org, which answers at once, and settling. Latencies are those of that stretch, from the change until it is
 * settled; the most calls in any 24 hours are of all. The week is reserved in the real ledger,
 * and nothing of it is sent.
 */
export async function budget({ hours, weekHours }: BudgetOptions): Promise<Record<string, number>> {
  const clock = new MovedClock(startsAt);
  const bench = await startBenchOrg(clock, allowance);
  try {
    const begunAt = performance.now();
    await deliverFirst(bench, clock);
    await bench.commitDurably(false);
    await reserveUntil(bench, clock, startsAt + engineFromHour * hourMs);
    await bench.commitDurably(true);
    tell(`${engineFromHour} hours of reservations in the real ledger`, begunAt);
    const engineAt = performance.now();
    const reserved = bench.calledAt.length;
    const latencies = await deliverUntil(bench, clock, clock.ms() + hours * hourMs);
    tell(`${hours} hours through the real engine, ${bench.calledAt.length - reserved} calls`, engineAt);
    const weekAt = performance.now();
    const week = await simulateWeek(allowance, weekHours);
    tell('a week with bursts, a backfill and another consumer in the real ledger', weekAt);
    return {
      p50_ms: percentile(latencies, 0.5),
      p99_ms: percentile(latencies, 0.99),
      max_calls_24h: mostInADay(bench.calledAt),
      allowance,
      engine_hours: hours,
      engine_changes: latencies.length,
      pending_at_the_end: await bench.countPending(),
      ...week,
    };
  } finally {
    await bench.stop();
  }
}

/** Everyone is at the destination: from then on changes are updates. */
async function deliverFirst(bench: BenchOrg, clock: MovedClock): Promise<void> {
  for (let first = 0; first < people; first += 200)
    await bench.change(Array.from({ length: 200 }, (_, index) => first + index));
  for (let tries = 0; (await bench.countPending()) > 0; tries += 1) {
    if (tries > 100) throw new Error('People are not delivered.');
    await bench.deliver();
    clock.moveTo(clock.ms() + 1_000);
  }
}

async function reserveUntil(bench: BenchOrg, clock: MovedClock, end: number): Promise<void> {
  while (clock.ms() < end) {
    const { sendAt } = await bench.paceOf();
    if (sendAt > clock.ms()) {
      clock.moveTo(sendAt);
      continue;
    }
    bench.sending();
    await bench.budget.reserve('deliver');
    // The next change.
    clock.moveTo(clock.ms() + 1_000 / changesPerSecond);
  }
}

/** @returns the latency of each change, in milliseconds. */
async function deliverUntil(bench: BenchOrg, clock: MovedClock, end: number): Promise<number[]> {
  const latencies: number[] = [];
  const gapMs = 1_000 / changesPerSecond;
  const startedAt = clock.ms();
  let made = 0;
  let waiting: number[] = [];
  let toldAt = startedAt;
  while (clock.ms() < end) {
    if (clock.ms() - toldAt > hourMs / 4) {
      toldAt = clock.ms();
      process.stderr.write(`${((toldAt - startsAt) / hourMs).toFixed(1)} h: ${latencies.length} changes\n`);
    }
    const { sendAt } = await bench.paceOf();
    clock.moveTo(Math.max(sendAt, startedAt + (made + 1) * gapMs));
    const due = Math.floor((clock.ms() - startedAt) / gapMs) - made;
    const numbers = Array.from({ length: due }, (_, index) => made + index);
    await bench.change(numbers.map((number) => number % people));
    waiting.push(...numbers.map((number) => startedAt + (number + 1) * gapMs));
    made += due;
    await bench.deliver();
    if ((await bench.countPending()) > 0) continue;
    const settledAt = clock.ms();
    latencies.push(...waiting.map((at) => settledAt - at));
    waiting = [];
  }
  return latencies;
}

function mostInADay(calledAt: readonly number[]): number {
  const calls = new RollingCount();
  for (const at of calledAt) calls.add(at);
  return calls.most;
}

const percentile = (values: readonly number[], share: number): number =>
  Math.round(values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN);

const tell = (what: string, since: number): void => {
  process.stderr.write(`${what}: ${((performance.now() - since) / 1_000).toFixed(0)} s\n`);
};
