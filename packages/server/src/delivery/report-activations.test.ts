import { expect, test } from 'vitest';
import type { ActivationRow, MemberStanding } from '../store/activation-reports.ts';
import { reportOf } from './report-activations.ts';

const activation: ActivationRow = {
  segmentId: 's',
  name: 'S',
  mappingId: null,
  onExit: 'write_status',
  startsAt: null,
  endsAt: null,
  activatedAt: new Date(0),
  backfilledAt: new Date(0),
  profiles: 1_000,
};
const standing = (
  status: MemberStanding['status'],
  count: number,
  code: string | null = null,
  activatedAt: Date | null = null,
): MemberStanding => ({ segmentId: 's', status, code, count, message: null, activatedAt });

test('promise 10: counts of ranges are put together, and reasons of a status add up to it', () => {
  const report = reportOf(
    activation,
    [
      standing('activated', 5, null, new Date(7)),
      standing('failed', 2, 'A'),
      standing('activated', 3, null, new Date(9)),
      standing('failed', 1, 'B'),
      standing('failed', 2, 'B'),
      standing('pending', 4),
      standing('pending', 1, 'BUSY'),
    ],
    1,
  );
  expect(report).toMatchObject({ profiles: 18, pending: 5, activated: 8, excluded: 0, failed: 5 });
  expect(report).toMatchObject({ isEstimate: false, lastActivatedAt: new Date(9) });
  expect(report.reasons.map(({ status, code, count }) => [status, code, count])).toEqual([
    ['failed', 'B', 3],
    ['failed', 'A', 2],
    ['pending', 'BUSY', 1],
  ]);
});

test.each([
  [0.5, [standing('activated', 333), standing('excluded', 100, 'X'), standing('pending', 66)]],
  [0.01, [standing('activated', 1), standing('failed', 1, 'X'), standing('failed', 1, 'Y')]],
  [0.25, []],
])('promise 10: an estimate has the size of the segment, and its parts add up (%s)', (share, standings) => {
  const report = reportOf(activation, standings, share);
  const { profiles, pending, activated, excluded, failed, reasons } = report;
  expect(report.isEstimate).toBe(true);
  expect(Math.abs(profiles - 1_000)).toBeLessThanOrEqual(1);
  expect(pending + activated + excluded + failed).toBe(profiles);
  expect(Math.min(pending, activated, excluded, failed)).toBeGreaterThanOrEqual(0);
  expect(reasons.reduce((sum, { count }) => sum + count, 0)).toBe(excluded + failed);
});

test('promise 10: a segment without members reports none', () => {
  expect(reportOf({ ...activation, profiles: 0 }, [], 1)).toMatchObject({
    profiles: 0,
    pending: 0,
    lastActivatedAt: null,
    reasons: [],
  });
});
