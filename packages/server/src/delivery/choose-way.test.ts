import { expect, test } from 'vitest';
import { bulkPauseMs } from './bulk-pause.ts';
import { chooseWay } from './choose-way.ts';

test.each([
  { due: 1_999, callsLeft: 20, recordsPerCall: 200, way: 'direct', why: 'too few' },
  {
    due: 2_000,
    callsLeft: 15_000,
    recordsPerCall: 200,
    way: 'direct',
    why: 'ten calls, and a job takes twelve',
  },
  { due: 10_000, callsLeft: 100_000, recordsPerCall: 200, way: 'direct', why: 'calls are plentiful' },
  { due: 10_000, callsLeft: 900, recordsPerCall: 200, way: 'bulk', why: '50 of 900 calls' },
  { due: 10_000, callsLeft: 900, recordsPerCall: 1_000, way: 'direct', why: 'ten calls' },
  { due: 50_000, callsLeft: 1_000_000, recordsPerCall: 200, way: 'bulk', why: 'many' },
  { due: 50_000, callsLeft: 5, recordsPerCall: 200, way: 'direct', why: 'no job could be seen through' },
])('$due records, $callsLeft calls: $way, for $why', ({ way, why: _, ...backlog }) =>
  expect(chooseWay(backlog)).toBe(way),
);

test('a job of 100,000 records and five minutes is looked at four times', () => {
  let at = 0;
  let looks = 0;
  for (; at < 300_000; looks++) at += bulkPauseMs(100_000, looks);
  expect(looks).toBe(4);
  expect(bulkPauseMs(10, 0)).toBe(5_000);
  expect(bulkPauseMs(100_000, 50)).toBe(600_000);
});
