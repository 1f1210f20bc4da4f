import { expect, test } from 'vitest';
import type { SegmentStanding } from './delivery.ts';
import { requireOwnLists } from './require-own-lists.ts';
import { toldLists } from './told-lists.ts';

const standing = (name: string, status: SegmentStanding['status'], listId: string): SegmentStanding => ({
  segmentId: name,
  name,
  mappingId: null,
  listId,
  status,
  onExit: 'write_status',
});
const tell = ({ listId, status }: SegmentStanding) =>
  listId === null ? undefined : { listId, status: status === 'exited' ? 'out' : 'in' };

test.each([['exited', 'realized'] as const, ['realized', 'exited'] as const])(
  'who has %s one and %s another segment of one list is on it, once',
  (first, second) => {
    const standings = [
      standing('A', first, 'shared'),
      standing('B', 'exited', 'own'),
      standing('C', second, 'shared'),
    ];
    expect(toldLists(standings, tell)).toEqual([
      { listId: 'shared', status: 'in' },
      { listId: 'own', status: 'out' },
    ]);
  },
);

test('who has left all segments of a list has left it', () => {
  const standings = [standing('A', 'exited', 'shared'), standing('C', 'exited', 'shared')];
  expect(toldLists(standings, tell)).toEqual([{ listId: 'shared', status: 'out' }]);
});

test('two segments of one list are named', () => {
  const segments = [{ name: 'A' }, { name: 'B' }, { name: 'a' }];
  requireOwnLists(segments, ({ name }) => name, 'list');
  expect(() => requireOwnLists(segments, ({ name }) => name.toLowerCase(), 'list')).toThrow(
    /"A" and "a" would share one list/,
  );
});
