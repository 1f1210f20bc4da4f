import {
  type FieldValue,
  type ListMembership,
  type PreparedMemberships,
  type SegmentStanding,
  toldLists,
} from '@headrace/core';
import { exitedStatus, memberStatus } from '../campaign-status.ts';
import type { readDetails } from '../dataflow-details.ts';
import { choiceOf, inOrder } from './fit-choice.ts';
import type { FieldDescription, ObjectDescription } from './object-description.ts';
import { trimmed } from './trim.ts';

type Details = ReturnType<typeof readDetails>;

/** What the text field of a segment says. Members that are new and those of old are one: no write tells them apart. */
export const segmentLabels = { member: 'realized', exited: 'exited' } as const;
/** Parts the segments in the one field that lists them. */
export const separator = ';';

/** What a record says of its segments, in the way the dataflow has chosen. Pure. */
export function tellMemberships(
  segments: readonly SegmentStanding[],
  details: Details,
  object: ObjectDescription,
): PreparedMemberships {
  switch (details.membership) {
    case 'campaign':
      return { fields: {}, lists: toldLists(segments, tellList) };
    case 'segment_fields':
      return {
        fields: Object.fromEntries(segments.flatMap((segment) => tellField(segment, object))),
        lists: [],
      };
    case 'one_field':
      return { fields: tellAll(segments, details.membershipField, object), lists: [] };
    case 'none':
      return { fields: {}, lists: [] };
  }
}

function tellList({ listId, status, onExit }: SegmentStanding): ListMembership | undefined {
  if (listId === null) return undefined;
  if (status !== 'exited') return { listId, status: memberStatus };
  if (onExit === 'nothing') return undefined;
  return { listId, status: onExit === 'remove' ? null : exitedStatus };
}

function tellField(
  { mappingId, status, onExit }: SegmentStanding,
  object: ObjectDescription,
): [name: string, value: FieldValue][] {
  if (mappingId === null) return [];
  const field = fieldNamed(object, mappingId);
  const name = field?.name ?? mappingId;
  const isMember = status !== 'exited';
  if (!isMember && onExit === 'nothing') return [];
  if (field?.type === 'boolean') return [[name, isMember]];
  if (!isMember && onExit === 'remove') return [[name, null]];
  const label = isMember ? segmentLabels.member : segmentLabels.exited;
  return [[name, choiceOf(label, field?.choices ?? []) ?? label]];
}

/** The segments that the profile is in; one that it has left stays listed only where an exit changes nothing. */
function tellAll(
  segments: readonly SegmentStanding[],
  membershipField: string,
  object: ObjectDescription,
): Record<string, FieldValue> {
  if (segments.length === 0) return {};
  const field = fieldNamed(object, membershipField);
  const listed = segments.filter(({ status, onExit }) => status !== 'exited' || onExit === 'nothing');
  const text = joinSegments(listed, field?.choices ?? []);
  return { [field?.name ?? membershipField]: text === '' ? null : text };
}

/** As they stand in the one field, in an order that does not depend on when they were entered. */
export function joinSegments(
  segments: readonly Pick<SegmentStanding, 'name' | 'mappingId'>[],
  choices: FieldDescription['choices'],
): string {
  const names = segments.map((segment) => choiceOf(listedName(segment), choices) ?? listedName(segment));
  return inOrder(new Set(names), choices).join(separator);
}

/** What a segment is called in Salesforce. */
export const listedName = ({ name, mappingId }: Pick<SegmentStanding, 'name' | 'mappingId'>): string =>
  trimmed(mappingId ?? name);

/** Salesforce heeds no case in the names of fields. */
export function fieldNamed({ byName }: ObjectDescription, name: string): FieldDescription | undefined {
  const exact = byName.get(name);
  if (exact !== undefined) return exact;
  const folded = name.toLowerCase();
  return [...byName.values()].find((field) => field.name.toLowerCase() === folded);
}
