import { expect, test } from 'vitest';
import { runProgressOf } from './run-hour.ts';

const startedAt = new Date('2026-06-01T10:00:00Z');
const run = { startedAt, received: 4, activated: 3, pending: 0, settledAt: new Date('2026-06-01T10:20:00Z') };
const at = (time: string) => new Date(`2026-06-01T${time}Z`);
const hour = 3_600_000;

test.each([
  ['goes on while its hour lasts', run, '10:59:59.999', 'processing', hour - 1],
  ['takes an hour once that is over and all is settled', run, '11:00:00', 'completed', hour],
  ['goes on while a change is pending', { ...run, pending: 1 }, '13:00:00', 'processing', 3 * hour],
  ['took until its last retry', { ...run, settledAt: at('12:30:00') }, '23:00:00', 'completed', 2.5 * hour],
] as const)('a run %s', (_what, given, now, status, durationMs) => {
  expect(runProgressOf(given, at(now))).toEqual({ status, durationMs, activationRate: 0.75 });
});

test('where nothing was received there is no rate', () => {
  expect(runProgressOf({ ...run, received: 0, activated: 0 }, at('11:00:00')).activationRate).toBeNull();
});
