import type { ListMembership, SegmentStanding } from './delivery.ts';

/**
 * What a record says of its lists, each once: who is in one of several segments that share a list is on it, whatever
 * others they have left. Pure.
 * @param tell what one segment says, where it says anything
 */
export function toldLists(
  segments: readonly SegmentStanding[],
  tell: (segment: SegmentStanding) => ListMembership | undefined,
): ListMembership[] {
  const lists = new Map<string, ListMembership>();
  for (const segment of segments) {
    const told = tell(segment);
    if (told !== undefined && (segment.status !== 'exited' || !lists.has(told.listId)))
      lists.set(told.listId, told);
  }
  return [...lists.values()];
}
