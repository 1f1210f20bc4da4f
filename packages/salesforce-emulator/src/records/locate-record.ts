import type { OrgState } from '../org/org-state.ts';
import { normalizeId, recordNumberOf } from '../org/record-id.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { readDeletedFlag } from '../store/record-table.ts';
import { type RecordError, recordErrors } from './record-error.ts';

/** The record number behind an id of a live record of this object, or why there is none. */
export function locateRecord(
  org: OrgState,
  object: ObjectType,
  rawId: string,
): { readonly rid: number } | { readonly error: RecordError } {
  const id = normalizeId(rawId.trim());
  if (id === undefined || !id.startsWith(object.keyPrefix))
    return { error: recordErrors.malformedId(`${object.label} ID`, rawId, 'Id') };
  const rid = recordNumberOf(id);
  const deleted = rid === undefined ? undefined : readDeletedFlag(org.database, object, rid);
  if (rid === undefined || deleted === undefined) return { error: recordErrors.badReference() };
  return deleted ? { error: recordErrors.deleted() } : { rid };
}
