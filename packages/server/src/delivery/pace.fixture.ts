import type { Priority } from '@headrace/core';
import { callBinLeavesAt, callBinOf, countedFrom, windowMs } from './call-limit.ts';
import { shareOf } from './lane-shares.ts';
import { type Pace, paceOf } from './pace.ts';

/** One dataflow of a simulation. Times are milliseconds from its start. */
export type SimulatedLane = {
  readonly name: string;
  readonly priority: Priority;
  /** Changes that become due in a span of time. */
  readonly arrivals: (from: number, to: number) => number;
  readonly maxRecords?: number;
};

export type LaneResult = {
  readonly delivered: number;
  readonly pending: number;
  readonly calls: number;
  /** When last nothing was due any more. */
  readonly emptyAt: number;
  /** Milliseconds from becoming due until the answer, of a share of the changes that became due in some hours. */
  latency(share: number, fromHour?: number, toHour?: number): number;
};

type Running = {
  readonly lane: SimulatedLane;
  readonly queue: { readonly at: number; changes: number }[];
  /** Hour → latency → changes. */
  readonly latencies: Map<number, Map<number, number>>;
  wakeAt: number;
  pending: number;
  delivered: number;
  calls: number;
  emptyAt: number;
};

export const hourMs = 3_600_000;
const stepMs = 50;
const answerMs = 250;

export type Simulation = {
  readonly ms: number;
  readonly lanes: readonly SimulatedLane[];
};
export type SimulationResult = {
  readonly lanes: Readonly<Record<string, LaneResult>>;
  /** In any 24 hours. */
  readonly mostCalls: number;
};

/** What a simulation asks the ledger: when a lane may send, and for a call now. */
export type LedgerAsk = { readonly at: number; readonly lane: SimulatedLane; readonly of: 'pace' | 'call' };
/** For a call that is refused: when the lane tries again. */
export type LedgerAnswer = Pace | { readonly refusedUntil: number } | undefined;

/**
 * Runs `paceOf` over simulated time against a ledger of bins that is kept as the real one is.
 * @param options.limitAt what the allowance and others leave at a time.
 */
export function simulate(
  options: Simulation & { readonly limitAt: (at: number) => number },
): SimulationResult {
  const bins: { readonly startedAt: number; readonly at: number; calls: number }[] = [];
  let used = 0;
  const sentAt = new Map<SimulatedLane, number>();

  const takeCall = (at: number): void => {
    const startedAt = callBinOf(new Date(at));
    const last = bins.at(-1);
    if (last?.startedAt === startedAt.getTime()) last.calls += 1;
    else bins.push({ startedAt: startedAt.getTime(), at: callBinLeavesAt(startedAt).getTime(), calls: 1 });
    used += 1;
  };
  const paceAt = (lane: SimulatedLane, at: number): Pace => {
    const from = countedFrom(new Date(at)).getTime();
    while (bins[0] !== undefined && bins[0].startedAt < from) used -= bins.shift()?.calls ?? 0;
    const others = options.lanes
      .filter((other) => other !== lane)
      .map((other) => ({ priority: other.priority, sentAt: sentAt.get(other) ?? Number.NEGATIVE_INFINITY }));
    const share = shareOf(lane.priority, others, 1, at);
    const ledger = { at, limit: options.limitAt(at), used, leaving: bins };
    const lastAt = sentAt.get(lane) ?? Number.NEGATIVE_INFINITY;
    return paceOf(ledger, { share, calls: 1, sentAt: lastAt, maxRecords: lane.maxRecords ?? 1_000 });
  };

  const running = runSimulation(options);
  for (let step = running.next(); ; ) {
    if (step.done) return step.value;
    const { of, lane, at } = step.value;
    if (of === 'call') {
      takeCall(at);
      sentAt.set(lane, at);
    }
    step = running.next(of === 'pace' ? paceAt(lane, at) : undefined);
  }
}

/** A simulation that asks whoever runs it, in steps of 50 ms, each call answered after 250 ms. */
export function* runSimulation({
  ms,
  lanes,
}: Simulation): Generator<LedgerAsk, SimulationResult, LedgerAnswer> {
  const madeAt: number[] = [];
  let oldest = 0;
  let mostCalls = 0;
  const running = lanes.map((lane) => start(lane));
  for (let at = 0; at < ms; at += stepMs)
    for (const one of running) {
      const changes = one.lane.arrivals(at, at + stepMs);
      if (changes > 0) {
        one.queue.push({ at, changes });
        one.pending += changes;
      }
      if (one.pending === 0 || at < one.wakeAt) continue;
      const pace = yield { at, lane: one.lane, of: 'pace' };
      if (pace === undefined || !('sendAt' in pace)) throw new Error('A lane was told no pace.');
      one.wakeAt = pace.sendAt;
      if (pace.sendAt > at) continue;
      const answer = yield { at, lane: one.lane, of: 'call' };
      if (answer !== undefined && 'refusedUntil' in answer) {
        one.wakeAt = answer.refusedUntil;
        continue;
      }
      madeAt.push(at);
      while ((madeAt[oldest] ?? at) <= at - windowMs) oldest += 1;
      mostCalls = Math.max(mostCalls, madeAt.length - oldest);
      send(one, at, pace.records);
    }
  return { mostCalls, lanes: Object.fromEntries(running.map((one) => [one.lane.name, resultOf(one)])) };
}

const start = (lane: SimulatedLane): Running => ({
  lane,
  queue: [],
  latencies: new Map(),
  wakeAt: 0,
  pending: 0,
  delivered: 0,
  calls: 0,
  emptyAt: 0,
});

function send(one: Running, at: number, records: number): void {
  one.calls += 1;
  let room = records;
  let whole = 0;
  for (const due of one.queue) {
    const taken = Math.min(room, due.changes);
    due.changes -= taken;
    room -= taken;
    count(one, due.at, at - due.at + answerMs, taken);
    if (due.changes > 0) break;
    whole += 1;
    if (room === 0) break;
  }
  one.queue.splice(0, whole);
  one.pending -= records - room;
  one.delivered += records - room;
  if (one.pending === 0) one.emptyAt = at;
}

function count({ latencies }: Running, dueAt: number, ms: number, changes: number): void {
  const hour = Math.floor(dueAt / hourMs);
  const ofHour = latencies.get(hour) ?? new Map<number, number>();
  latencies.set(hour, ofHour);
  ofHour.set(ms, (ofHour.get(ms) ?? 0) + changes);
}

const resultOf = ({ delivered, pending, calls, emptyAt, latencies }: Running): LaneResult => ({
  delivered,
  pending,
  calls,
  emptyAt,
  latency(share, fromHour = 0, toHour = Number.POSITIVE_INFINITY) {
    const counts = new Map<number, number>();
    for (const [hour, ofHour] of latencies)
      if (hour >= fromHour && hour < toHour)
        for (const [ms, changes] of ofHour) counts.set(ms, (counts.get(ms) ?? 0) + changes);
    let left = share * [...counts.values()].reduce((sum, changes) => sum + changes, 0);
    for (const [ms, changes] of [...counts].sort(([a], [b]) => a - b)) {
      left -= changes;
      if (left <= 0) return ms;
    }
    return 0;
  },
});

/** So many changes a second, evenly. */
export const steady =
  (perSecond: number) =>
  (from: number, to: number): number =>
    Math.floor((to * perSecond) / 1_000) - Math.floor((from * perSecond) / 1_000);

/** So many changes at one instant. */
export const atOnce =
  (changes: number, at: number) =>
  (from: number, to: number): number =>
    from <= at && at < to ? changes : 0;

/**
 * A week of 20 changes a second with half an hour of 200 a second every eight hours, a Monday backfill of 300,000 of low
 * priority in hour 33, and another consumer that takes 30 % for six hours of Wednesday and everything for three of Friday;
 * four quiet hours at the end.
 */
export const simulatedWeek = (limit: number): Parameters<typeof simulate>[0] => {
  const isWithin = (at: number, first: number, last: number) => at >= first * hourMs && at < last * hourMs;
  const inWeek = (perSecond: number) => (from: number, to: number) =>
    isWithin(from, 0, 168) ? steady(perSecond)(from, to) : 0;
  return {
    ms: 172 * hourMs,
    lanes: [
      { name: 'stream', priority: 'normal', arrivals: inWeek(20) },
      {
        name: 'bursts',
        priority: 'normal',
        arrivals: (from, to) => (from % (8 * hourMs) < hourMs / 2 ? inWeek(200)(from, to) : 0),
      },
      { name: 'backfill', priority: 'low', arrivals: atOnce(300_000, 33 * hourMs) },
    ],
    limitAt: (at) => (isWithin(at, 80, 86) ? 0.7 * limit : isWithin(at, 128, 131) ? 0 : limit),
  };
};
