import type { JsonValue } from '@headrace/core';
import type { FieldChange } from '../store/profile-changes.ts';

/** Fields of one change that its history tells. */
const maxFields = 500;
/** Characters of a value's JSON that the history keeps, about. */
const maxValueLength = 4_000;

/**
 * A change as the history keeps it: bounded, however much a record or a merge changes at once. Fields whose values
 * are too large are named without them; the empty pointer, the document as a whole, stands for further fields.
 */
export function boundChanges(changes: readonly FieldChange[]): readonly FieldChange[] {
  const kept = changes
    .slice(0, maxFields)
    .map((change) =>
      isSmall(change.before) && isSmall(change.after) ? change : { path: change.path, cut: true },
    );
  return changes.length > maxFields ? [...kept, { path: '', cut: true }] : kept;
}

const isSmall = (value: JsonValue | undefined): boolean =>
  typeof value === 'string'
    ? value.length <= maxValueLength
    : typeof value !== 'object' || value === null || JSON.stringify(value).length <= maxValueLength;
