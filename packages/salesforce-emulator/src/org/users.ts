import { findObject } from '../schema/catalog.ts';
import type { Row } from '../store/database.ts';
import { findByKey, readRecord } from '../store/record-table.ts';
import type { OrgState } from './org-state.ts';
import { createRecordId, recordNumberOf } from './record-id.ts';

/** The id of the User record with this username, in any case. */
export function userIdOf(org: OrgState, username: string): string | undefined {
  const object = findObject(org.catalog, 'User');
  const field = object?.fieldByName.get('Username');
  if (object === undefined || field === undefined) return undefined;
  const [rid] = findByKey(org.database, object, field, username, 1);
  return rid === undefined ? undefined : createRecordId(object.keyPrefix, rid);
}

/** The User record with this id. */
export function readUserRow(org: OrgState, userId: string): Row | undefined {
  const object = findObject(org.catalog, 'User');
  const rid = recordNumberOf(userId);
  if (object === undefined || rid === undefined || !userId.startsWith(object.keyPrefix)) return undefined;
  return readRecord(org.database, object, rid);
}
