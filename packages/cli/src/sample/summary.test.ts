import { expect, test } from 'vitest';
import { findDisagreements, renderReasons, renderSegments, type SegmentSummary } from './summary.ts';

const agreeing = {
  members: 1_000,
  activated: 900,
  excluded: 60,
  failed: 40,
  pending: 0,
  reasons: [
    { status: 'failed', code: 'INVALID_EMAIL_ADDRESS', count: 40, remedy: 'Correct the address.' },
    { status: 'excluded', code: 'value_hashed', count: 10, remedy: 'Send plain text.' },
    { status: 'excluded', code: 'consent_withdrawn', count: 50, remedy: 'Nothing.' },
  ],
  readBack: { found: 900, equal: 900, differing: 0, missing: 0 },
} as const;
const segmentWith = (change: Partial<NonNullable<SegmentSummary['delivery']>>): SegmentSummary => ({
  name: 'Gold',
  profiles: 1_000,
  delivery: { ...agreeing, ...change },
});

test('numbers that add up are not remarked on', () => {
  expect(findDisagreements([segmentWith({}), { name: 'Not activated', profiles: 3 }])).toEqual([]);
});

test.each([
  [
    'a member nobody accounts for',
    { activated: 899 },
    'activated + excluded + failed + pending 999, but members 1,000.',
  ],
  ['a reason too few', { reasons: agreeing.reasons.slice(1) }, 'reasons for failed 0, but failed 40.'],
  [
    'a Contact too few',
    { readBack: { ...agreeing.readBack, found: 899 } },
    'Contacts in Salesforce 899, but activated 900.',
  ],
  [
    'a Contact with other values',
    { readBack: { ...agreeing.readBack, equal: 899 } },
    'Contacts that hold the mapped values 899, but activated 900.',
  ],
  ['something pending', { pending: 1, excluded: 59 }, '1 still pending.'],
  [
    'another count of members',
    { members: 999 },
    'profiles in the segment 1,000, but members in the dataflow 999.',
  ],
])('%s is named', (_, change, message) =>
  expect(findDisagreements([segmentWith(change)])).toContain(`Gold: ${message}`),
);

test('a segment that is not activated shows no delivery', () => {
  const [, , , row] = renderSegments([{ name: 'Business', profiles: 1_234 }]).split('\n');
  expect(row?.split('│').map((cell) => cell.trim())).toEqual([
    '',
    'Business',
    '1,234',
    '–',
    '–',
    '–',
    '–',
    '–',
    '',
  ]);
});

test('reasons come by status, most frequent first, and none make no table', () => {
  const text = renderReasons([segmentWith({})]) ?? '';
  const order = ['consent_withdrawn', 'value_hashed', 'INVALID_EMAIL_ADDRESS'].map((code) =>
    text.indexOf(code),
  );
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(renderReasons([segmentWith({ reasons: [] })])).toBeUndefined();
});
