import type { OrgState } from '../org/org-state.ts';
import { recordNumberOf } from '../org/record-id.ts';
import { objectOfPrefix } from '../schema/catalog.ts';
import { type RecordChange, readChanges } from './read-changes.ts';

/** What happened to one record, newest first: created, each change of its fields, deleted. `id` has 18 characters. */
export function readHistory(org: OrgState, id: string, limit = 200): readonly RecordChange[] {
  const object = objectOfPrefix(org.catalog, id.slice(0, 3));
  const rid = recordNumberOf(id);
  return object === undefined || rid === undefined ? [] : readChanges(org, { object, rid }, limit);
}
