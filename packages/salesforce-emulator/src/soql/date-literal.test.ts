import { expect, test } from 'vitest';
import { dateLiteralRange } from './date-literal.ts';

/** A Wednesday. */
const now = Date.UTC(2026, 4, 13, 10, 15);
const day = (instant: number): string => new Date(instant).toISOString().slice(0, 10);

test.each([
  ['TODAY', '2026-05-13', '2026-05-14'],
  ['yesterday', '2026-05-12', '2026-05-13'],
  ['TOMORROW', '2026-05-14', '2026-05-15'],
  ['THIS_WEEK', '2026-05-10', '2026-05-17'],
  ['LAST_WEEK', '2026-05-03', '2026-05-10'],
  ['NEXT_WEEK', '2026-05-17', '2026-05-24'],
  ['THIS_MONTH', '2026-05-01', '2026-06-01'],
  ['LAST_MONTH', '2026-04-01', '2026-05-01'],
  ['NEXT_MONTH', '2026-06-01', '2026-07-01'],
  ['THIS_QUARTER', '2026-04-01', '2026-07-01'],
  ['LAST_FISCAL_QUARTER', '2026-01-01', '2026-04-01'],
  ['NEXT_QUARTER', '2026-07-01', '2026-10-01'],
  ['THIS_YEAR', '2026-01-01', '2027-01-01'],
  ['NEXT_FISCAL_YEAR', '2027-01-01', '2028-01-01'],
  ['LAST_90_DAYS', '2026-02-12', '2026-05-14'],
  ['NEXT_90_DAYS', '2026-05-14', '2026-08-12'],
  ['LAST_N_DAYS:7', '2026-05-06', '2026-05-14'],
  ['NEXT_N_DAYS:7', '2026-05-14', '2026-05-21'],
  ['N_DAYS_AGO:1', '2026-05-12', '2026-05-13'],
  ['LAST_N_WEEKS:2', '2026-04-26', '2026-05-10'],
  ['NEXT_N_WEEKS:2', '2026-05-17', '2026-05-31'],
  ['N_WEEKS_AGO:1', '2026-05-03', '2026-05-10'],
  ['LAST_N_MONTHS:6', '2025-11-01', '2026-05-01'],
  ['NEXT_N_MONTHS:8', '2026-06-01', '2027-02-01'],
  ['N_MONTHS_AGO:5', '2025-12-01', '2026-01-01'],
  ['LAST_N_QUARTERS:2', '2025-10-01', '2026-04-01'],
  ['N_FISCAL_QUARTERS_AGO:2', '2025-10-01', '2026-01-01'],
  ['LAST_N_FISCAL_YEARS:2', '2024-01-01', '2026-01-01'],
  ['NEXT_N_YEARS:1', '2027-01-01', '2028-01-01'],
  ['N_YEARS_AGO:2', '2024-01-01', '2025-01-01'],
])('%s', (literal, start, end) => {
  const range = dateLiteralRange(literal, now);
  expect(range && [day(range.start), day(range.end)]).toEqual([start, end]);
});

test.each(['THIS_DAY', 'LAST_N_DAYS', 'LAST_N_DAYS:99999', 'N_DAYS:3', 'LAST_WEEKS', 'constructor', ''])(
  'no date literal: %s',
  (literal) => {
    expect(dateLiteralRange(literal, now)).toBeUndefined();
  },
);
