import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atOnce, hourMs, simulate, simulatedWeek, steady } from './pace.fixture.ts';
import { callRate, paceOf } from './pace.ts';

const limit = 50_000;
const stream = { name: 'stream', priority: 'normal', arrivals: steady(20) } as const;
const lane = { share: 1, calls: 1, sentAt: 0, maxRecords: 1_000 };
const slow = 60_000;

test('promise 5: 20 changes a second with 50,000 calls wait 2 s in the middle and 5 s at most', {
  timeout: slow,
}, () => {
  const { lanes, mostCalls } = simulate({ ms: 60 * hourMs, lanes: [stream], limitAt: () => limit });
  expect(mostCalls).toBeLessThanOrEqual(limit);
  // From an empty ledger, and when what was spent then becomes free again.
  for (const hour of [0, 12, 23, 24, 36, 48]) {
    expect(lanes.stream?.latency(0.5, hour, hour + 6)).toBeLessThanOrEqual(2_000);
    expect(lanes.stream?.latency(0.99, hour, hour + 6)).toBeLessThanOrEqual(5_000);
  }
  // The allowance is made use of.
  expect(mostCalls).toBeGreaterThan(0.98 * limit);
});

test('changes go at once while calls are plentiful, however many are allowed', () => {
  const light = { ...stream, arrivals: steady(0.3) };
  const { lanes } = simulate({ ms: 30 * hourMs, lanes: [light], limitAt: () => limit });
  expect(lanes.stream?.latency(1)).toBe(250);
  expect(paceOf({ at: 0, limit: 100, used: 3, leaving: [{ at: 24 * hourMs, calls: 3 }] }, lane)).toEqual({
    sendAt: 0,
    records: 200,
  });
});

test('where others leave too little a call goes when it is time to hear from them, and not twice', () => {
  const minute = 60_000;
  const full = { at: 10 * minute, limit: 50, used: 60, leaving: [{ at: 8 * hourMs, calls: 60 }] };
  expect(paceOf(full, lane).sendAt).toBe(8 * hourMs);
  expect(paceOf({ ...full, hearAt: 12 * minute }, lane).sendAt).toBe(12 * minute);
  expect(paceOf({ ...full, hearAt: 9 * minute }, lane).sendAt).toBe(10 * minute);
  expect(paceOf({ ...full, hearAt: 9 * minute }, { ...lane, sentAt: 10 * minute }).sendAt).toBe(11 * minute);
});

test('a backfill that takes a small part of the calls is not held up', () => {
  const backfill = {
    name: 'backfill',
    priority: 'normal',
    arrivals: atOnce(322_400, hourMs),
    maxRecords: 200,
  } as const;
  const { lanes } = simulate({ ms: 3 * hourMs, lanes: [backfill], limitAt: () => 40_000 });
  expect(lanes.backfill?.calls).toBe(1_612);
  expect((lanes.backfill?.emptyAt ?? 0) - hourMs).toBeLessThan(5 * 60_000);
});

test('promise 5: a week of bursts, a Monday backfill of 300,000 and another consumer: never over, and all is delivered', {
  timeout: slow,
}, () => {
  const { lanes, mostCalls } = simulate(simulatedWeek(limit));
  expect(mostCalls).toBeLessThanOrEqual(limit);
  expect(lanes).toMatchObject({
    stream: { delivered: 20 * 168 * 3_600, pending: 0 },
    bursts: { delivered: 21 * 200 * 1_800, pending: 0 },
    backfill: { delivered: 300_000, pending: 0 },
  });
  // Beside the backfill the stream stays as quick as it has to be; the backfill is through the same morning.
  expect(lanes.stream?.latency(0.5, 33, 36)).toBeLessThanOrEqual(2_000);
  expect(lanes.stream?.latency(0.99, 33, 36)).toBeLessThanOrEqual(5_000);
  expect(lanes.backfill?.emptyAt).toBeLessThan(36 * hourMs);
  // The hour after the room came back, and from then on.
  expect(lanes.stream?.latency(0.99, 132, 138)).toBeLessThanOrEqual(5_000);
});

test('of scarce calls a dataflow of high priority gets most, and one of low priority some', {
  timeout: slow,
}, () => {
  const arrivals = steady(20);
  const { lanes } = simulate({
    ms: 20 * hourMs,
    lanes: [
      { name: 'high', priority: 'high', arrivals },
      { name: 'low', priority: 'low', arrivals },
    ],
    limitAt: () => limit,
  });
  expect(lanes.high?.latency(0.99, 6, 20)).toBeLessThanOrEqual(4_000);
  expect(lanes.low?.calls).toBeGreaterThan(1_000);
  expect(lanes.low?.pending).toBeLessThan(20 * 120);
});

test(
  'promise 5: whatever comes and whatever others take, no call is over and all is delivered when room comes back',
  () => {
    fc.assert(
      fc.property(
        fc.record({
          most: fc.integer({ min: 300, max: 3_000 }),
          // So that the calls of two and a half days can carry what comes in ten hours.
          perSecond: fc.double({ min: 0.01, max: 8, noNaN: true }),
          backlog: fc.integer({ min: 0, max: 100_000 }),
          taken: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 10, maxLength: 10 }),
        }),
        ({ most, perSecond, backlog, taken }) => {
          const limitAt = (at: number) => Math.floor(most * (1 - (taken[Math.floor(at / hourMs)] ?? 0)));
          const arrivals = (from: number, to: number) =>
            from < 10 * hourMs ? steady(perSecond)(from, to) : 0;
          const backfill = { name: 'backfill', priority: 'low', arrivals: atOnce(backlog, hourMs) } as const;
          const { lanes, mostCalls } = simulate({
            ms: 60 * hourMs,
            lanes: [{ name: 'stream', priority: 'normal', arrivals }, backfill],
            limitAt,
          });
          expect(mostCalls).toBeLessThanOrEqual(most);
          expect([lanes.stream?.pending, lanes.backfill?.pending]).toEqual([0, 0]);
        },
      ),
      { numRuns: 6 },
    );
  },
  slow,
);

test('the rate can go on for 24 hours, whatever becomes free when', () => {
  const ledger = fc
    .record({
      limit: fc.integer({ min: 1, max: 100_000 }),
      parts: fc.array(
        fc.record({ inMs: fc.integer({ min: 1, max: 24 * hourMs }), weight: fc.integer({ min: 0, max: 9 }) }),
      ),
      fill: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ limit: most, parts, fill }) => {
      const weights = parts.reduce((sum, { weight }) => sum + weight, 0) || 1;
      const leaving = parts
        .map(({ inMs, weight }) => ({ at: inMs, calls: Math.floor((fill * most * weight) / weights) }))
        .sort((a, b) => a.at - b.at);
      return { at: 0, limit: most, used: leaving.reduce((sum, { calls }) => sum + calls, 0), leaving };
    });
  fc.assert(
    fc.property(ledger, (one) => {
      const rate = callRate(one);
      if (rate === Number.POSITIVE_INFINITY) return;
      expect(rate).toBeGreaterThanOrEqual(0);
      // Made at the rate that lasts, a call always finds room when its time has come.
      const lasting = Math.min(rate, (0.75 * one.limit) / (24 * hourMs));
      let room = one.limit - one.used;
      for (const { at, calls } of one.leaving) {
        expect(lasting * at).toBeLessThanOrEqual(room + 1e-6);
        room += calls;
      }
    }),
  );
});
