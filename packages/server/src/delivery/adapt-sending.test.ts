import { expect, test } from 'vitest';
import {
  adaptSending,
  batchesInFlight,
  freshSending,
  recordsOf,
  type Sending,
  type SentReport,
} from './adapt-sending.ts';

const answered = (ms: number, contended = 0, records = 200): SentReport => ({
  kind: 'answered',
  records,
  ms,
  contended,
});
const after = (sending: Sending, ...reports: readonly SentReport[]): Sending =>
  reports.reduce(adaptSending, sending);
const times = (count: number, report: SentReport) => Array.from({ length: count }, () => report);

test('five are in flight until something speaks against it', () => {
  const sending = after(freshSending, ...times(50, answered(250)));
  expect([batchesInFlight(sending), recordsOf(sending, 200)]).toEqual([5, 200]);
});

test('what the destination throttles is halved at once and grows back by one a round', () => {
  const throttled = after(freshSending, ...times(3, { kind: 'throttled' }));
  expect([batchesInFlight(throttled), recordsOf(throttled, 200)]).toEqual([1, 200]);
  expect(batchesInFlight(after(throttled, answered(250)))).toBe(2);
  expect(batchesInFlight(after(throttled, ...times(3, answered(250))))).toBeLessThan(4);
  expect(batchesInFlight(after(throttled, ...times(20, answered(250))))).toBe(5);
});

test('records that collide with others shrink both, down to one record at a time in small orgs', () => {
  const once = after(freshSending, answered(250, 3));
  expect([batchesInFlight(once), recordsOf(once, 200)]).toEqual([2, 100]);
  const often = after(freshSending, ...times(20, answered(250, 3)));
  expect([batchesInFlight(often), recordsOf(often, 200), recordsOf(often, 10)]).toEqual([1, 3, 1]);
  const healed = after(often, ...times(40, answered(250)));
  expect([batchesInFlight(healed), recordsOf(healed, 200)]).toEqual([5, 200]);
});

test('answers that take much longer than usual for their size mean fewer at once', () => {
  const usual = after(freshSending, ...times(10, answered(300)), ...times(10, answered(20, 0, 1)));
  expect(batchesInFlight(after(usual, answered(1_100)))).toBe(5);
  expect(batchesInFlight(after(usual, answered(2_000)))).toBe(2);
  // A single record was never that slow; nobody minds 200 ms.
  expect(batchesInFlight(after(usual, answered(200, 0, 1)))).toBe(5);
  expect(batchesInFlight(after(freshSending, answered(12_000)))).toBe(2);
});

test('against an org that gets slower the more it is asked, and throttles above three at once, it settles below', () => {
  let sending = freshSending;
  const seen: number[] = [];
  for (let round = 0; round < 400; round += 1) {
    const inFlight = batchesInFlight(sending);
    seen.push(inFlight);
    const isThrottled = inFlight > 3 && round % 2 === 0;
    sending = adaptSending(sending, isThrottled ? { kind: 'throttled' } : answered(200 + 40 * inFlight));
  }
  const later = seen.slice(100);
  expect(later.reduce((sum, inFlight) => sum + inFlight, 0) / later.length).toBeGreaterThan(2);
  expect(later.filter((inFlight) => inFlight > 3).length / later.length).toBeLessThan(0.4);
});
