import { expect, test } from 'vitest';
import {
  findDisagreements,
  type ReasonCount,
  renderReasons,
  renderSegments,
  type Summary,
} from './summary.ts';

const reasons: readonly ReasonCount[] = [
  {
    status: 'failed',
    code: 'INVALID_EMAIL_ADDRESS',
    count: 40,
    meaning: 'Correct the address.',
    remedy: 'Act.',
  },
  { status: 'excluded', code: 'value_hashed', count: 10, meaning: 'Send plain text.', remedy: 'Act.' },
  { status: 'excluded', code: 'consent_withdrawn', count: 50, meaning: 'Nothing.', remedy: 'Act.' },
];
const agreeing = {
  members: 1_000,
  activated: 900,
  excluded: 60,
  failed: 40,
  pending: 0,
  readBack: { found: 900, equal: 900 },
};
type Change = Partial<typeof agreeing> & { readonly reasons?: readonly ReasonCount[] };
const summaryWith = ({ reasons: changed, ...change }: Change): Summary => ({
  segments: [
    { name: 'Gold', profiles: 1_000, delivery: { ...agreeing, ...change } },
    { name: 'Business', profiles: 3 },
  ],
  dataflow: { ...agreeing, reasons: changed ?? reasons },
});

test('numbers that add up are not remarked on', () => {
  expect(findDisagreements(summaryWith({}))).toEqual([]);
});

test.each([
  [
    'a member nobody accounts for',
    { excluded: 59 },
    'Gold: activated + excluded + failed + pending 999, but members 1,000.',
  ],
  ['a reason too few', { reasons: reasons.slice(1) }, 'Dataflow: reasons for failed 0, but failed 40.'],
  [
    'a Contact too few',
    { readBack: { found: 899, equal: 899 } },
    'Gold: Contacts in Salesforce 899, but activated 900.',
  ],
  [
    'a Contact with other values',
    { readBack: { found: 900, equal: 899 } },
    'Gold: Contacts that hold the mapped values 899, but activated 900.',
  ],
  ['something pending', { pending: 1, excluded: 59 }, 'Gold: 1 still pending.'],
  [
    'another count of members',
    { members: 999, excluded: 59 },
    'Gold: profiles in the segment 1,000, but members to deliver 999.',
  ],
])('%s is named', (_, change, message) => expect(findDisagreements(summaryWith(change))).toContain(message));

test('a segment that is not activated shows no delivery', () => {
  const row = renderSegments([{ name: 'Business', profiles: 1_234 }])
    .split('\n')
    .find((line) => line.includes('Business'));
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
  const text = renderReasons(reasons) ?? '';
  const order = ['consent_withdrawn', 'value_hashed', 'INVALID_EMAIL_ADDRESS'].map((code) =>
    text.indexOf(code),
  );
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(renderReasons([])).toBeUndefined();
});
