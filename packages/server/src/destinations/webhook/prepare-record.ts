import { createHash } from 'node:crypto';
import {
  type DataflowDetails,
  type ListMembership,
  type PreparedMemberships,
  type PreparedRecord,
  type PrepareInput,
  type SegmentStanding,
  toldLists,
} from '@headrace/core';
import { keyTarget, maxKeyLength, readDetails } from './dataflow-details.ts';

/** Turns mapped values into a record, or says why the profile cannot be one. */
export function prepareRecord({ values, ifEmpty, details }: PrepareInput): PreparedRecord {
  const value = values[keyTarget] ?? null;
  const matchKey = String(value ?? '').trim();
  if (matchKey === '')
    return {
      kind: 'excluded',
      reason: 'required_value_missing',
      message: 'The profile has no value for key, by which the receiver tells records apart.',
    };
  if (typeof value === 'boolean' || matchKey.length > maxKeyLength)
    return {
      kind: 'excluded',
      reason: 'value_not_sendable',
      message: `The value for key cannot tell records apart: expected text or a number of at most ${maxKeyLength} characters.`,
    };
  return {
    kind: 'record',
    object: readDetails(details).object,
    matchKey,
    fields: { ...values, [keyTarget]: matchKey },
    ifEmpty: [...ifEmpty].filter((name) => name !== keyTarget && name in values),
    // It cannot be read.
    compare: 'never',
    parent: null,
  };
}

/** What the receiver calls a segment: its Mapping ID where it has one, else its id. */
export const listIdOf = ({
  mappingId,
  segmentId,
}: Pick<SegmentStanding, 'mappingId' | 'segmentId'>): string => mappingId ?? segmentId;

/** What a record says of segments. */
export function prepareMemberships(
  segments: readonly SegmentStanding[],
  details: DataflowDetails,
): PreparedMemberships {
  if (!readDetails(details).tellsMemberships) return { fields: {}, lists: [] };
  return { fields: {}, lists: toldLists(segments, tellList) };
}

function tellList(segment: SegmentStanding): ListMembership | undefined {
  const listId = listIdOf(segment);
  // Whether it was in for long already is no news.
  if (segment.status !== 'exited') return { listId, status: 'realized' };
  if (segment.onExit === 'nothing') return undefined;
  return { listId, status: segment.onExit === 'write_status' ? 'exited' : null };
}

/**
 * The id of the record with a key: the same whenever and from whichever server it is sent, and, unlike the key, no
 * personal value.
 */
export const recordIdOf = (accountId: string, object: string, matchKey: string): string =>
  createHash('sha256')
    .update(JSON.stringify([accountId, object, matchKey]))
    .digest('hex')
    .slice(0, 32);
