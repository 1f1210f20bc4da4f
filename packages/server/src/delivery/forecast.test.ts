import { expect, test } from 'vitest';
import { describeForecast, forecast } from './forecast.ts';
import { atOnce, hourMs, simulate } from './pace.fixture.ts';

const at = Date.parse('2025-03-03T14:00:00Z');
const free = { at, limit: 40_000, used: 0, leaving: [] };
const backlog = { records: 322_400, recordsPerCall: 200, share: 1 };

test('a backfill is told with the calls it needs and when it will be done', () => {
  const found = forecast(free, backlog);
  expect(describeForecast(found, { records: 322_400, allowance: 40_000, isHeld: false })).toBe(
    '322,400 records need 1,612 calls; the allowance is 40,000 calls in 24 hours; done at about 2025-03-03 14:05 UTC.',
  );
});

test('with the calls used up it waits until they become free', () => {
  const used = { at, limit: 1_000, used: 1_000, leaving: [{ at: at + 5 * hourMs, calls: 1_000 }] };
  const { doneAt } = forecast(used, { ...backlog, records: 20_000 });
  expect(doneAt).toBeGreaterThanOrEqual(at + 5 * hourMs);
  expect(doneAt).toBeLessThan(at + 7 * hourMs);
});

test('it comes out as the lanes go', () => {
  const records = 3_000_000;
  const lane = {
    name: 'backfill',
    priority: 'normal',
    arrivals: atOnce(records, 0),
    maxRecords: 200,
  } as const;
  const { lanes } = simulate({ ms: 60 * hourMs, lanes: [lane], limitAt: () => 10_000 });
  const { doneAt } = forecast({ ...free, at: 0, limit: 10_000 }, { ...backlog, records });
  expect((doneAt ?? 0) / (lanes.backfill?.emptyAt ?? 0)).toBeGreaterThan(0.9);
  expect((doneAt ?? 0) / (lanes.backfill?.emptyAt ?? 0)).toBeLessThan(1.1);
});

test('what cannot be done within 30 days, what stands still, and nothing', () => {
  const never = forecast({ ...free, limit: 0 }, backlog);
  const about = { records: 322_400, allowance: 0, isHeld: false };
  expect(describeForecast(never, about)).toContain('not done within 30 days');
  expect(describeForecast(never, { ...about, isHeld: true })).toContain('stands still');
  expect(describeForecast(forecast(free, { ...backlog, records: 0 }), { ...about, records: 0 })).toBe(
    'Nothing is to be delivered.',
  );
});
