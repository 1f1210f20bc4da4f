import type { OrgState } from '../org/org-state.ts';
import { placeOfId } from '../org/record-of-id.ts';
import { type RecordChange, readChanges } from './read-changes.ts';

/** What happened to one record, newest first: created, each change of its fields, deleted. */
export function readHistory(org: OrgState, id: string, limit = 200): readonly RecordChange[] {
  const place = placeOfId(org.catalog, id);
  return place === undefined ? [] : readChanges(org, place, limit);
}
