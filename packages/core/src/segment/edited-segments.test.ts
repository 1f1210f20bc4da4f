import { describe, expect, test } from 'vitest';
import { findCircle, groupEdits, positionOfSegment, redirectSegments } from './edited-segments.ts';
import { compileSegmentRule } from './segment-rule.ts';

const segment = (segmentId: string, reads: string, editedReads?: string) => ({
  segmentId,
  reads: [...reads],
  editedReads: editedReads === undefined ? undefined : [...editedReads],
});

describe('groups of edits', () => {
  test('nobody is affected when nothing is edited', () => {
    expect(groupEdits([segment('a', ''), segment('b', 'a')])).toEqual([]);
  });

  test('those that look at an edited one go with it, those it looks at do not', () => {
    const all = [
      segment('d', 'c'),
      segment('a', ''),
      segment('b', 'a', 'a'),
      segment('c', 'b'),
      segment('x', 'a'),
    ];
    expect(groupEdits(all)).toEqual([['d', 'b', 'c']]);
  });

  test('who looks at it now and who will are both affected', () => {
    expect(groupEdits([segment('a', '', ''), segment('b', 'a', ''), segment('c', '', 'a')])).toEqual([
      ['a', 'b', 'c'],
    ]);
  });

  test('edits that have nothing to do with one another are groups of their own; one reader joins them', () => {
    const [a, b] = [segment('a', '', ''), segment('b', '', '')];
    expect(groupEdits([a, b])).toEqual([['a'], ['b']]);
    expect(groupEdits([a, b, segment('c', 'ab')])).toEqual([['a', 'b', 'c']]);
  });
});

test('the shortest circle is found, whatever else goes round', () => {
  const readsOf = new Map([
    ['a', ['b', 'c']],
    ['b', ['b', 'd']],
    ['c', ['a']],
    ['d', ['a']],
  ]);
  expect(findCircle(readsOf, 'a')).toEqual(['a', 'c', 'a']);
  expect(findCircle(readsOf, 'b')).toEqual(['b', 'b']);
  expect(findCircle(new Map([['a', ['b']]]), 'a')).toBeUndefined();
  expect(
    findCircle(
      new Map([
        ['a', ['b']],
        ['b', ['b']],
      ]),
      'a',
    ),
  ).toBeUndefined();
});

test('a rule looks elsewhere where it names a segment and nowhere else', () => {
  const rule = compileSegmentRule(
    'inSegment("a") and code = "a" or not inSegment( "b" ) and inSegment("a")',
    undefined,
  );
  expect(
    redirectSegments(
      rule,
      new Map([
        ['a', 'longer'],
        ['z', 'y'],
      ]),
    ),
  ).toBe('inSegment("longer") and code = "a" or not inSegment( "b" ) and inSegment("longer")');
  expect([positionOfSegment(rule, 'b'), positionOfSegment(rule, 'c')]).toEqual([
    rule.text.indexOf('"b"'),
    undefined,
  ]);
});
