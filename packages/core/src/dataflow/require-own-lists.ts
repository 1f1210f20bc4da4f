import { HeadraceError } from '../errors/headrace-error.ts';
import type { SegmentStanding } from './delivery.ts';

/**
 * Requires that no two segments are kept in one list, where leaving one would be told of both.
 * @param listOf under which a list is known at the destination; equal for two that would be one there
 * @throws HeadraceError `destination_misconfigured` that names the two segments.
 */
export function requireOwnLists<Segment extends Pick<SegmentStanding, 'name'>>(
  segments: readonly Segment[],
  listOf: (segment: Segment) => string,
  what: string,
): void {
  const owners = new Map<string, string>();
  for (const segment of segments) {
    const list = listOf(segment);
    const owner = owners.get(list);
    if (owner !== undefined)
      throw new HeadraceError(
        'destination_misconfigured',
        `The segments ${JSON.stringify(owner)} and ${JSON.stringify(segment.name)} would share one ${what}. Give one of them another Mapping ID.`,
      );
    owners.set(list, segment.name);
  }
}
