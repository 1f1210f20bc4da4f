import { isPermissionObject } from '../schema/objects/permission-objects.ts';
import { countRecords } from '../store/record-table.ts';
import type { OrgState } from './org-state.ts';

/** How many records take up data storage: all but the org's own set-up. */
export function countStored({ catalog, database }: OrgState): number {
  let records = 0;
  for (const object of catalog.values())
    if (object.createable && !isPermissionObject(object)) records += countRecords(database, object);
  return records;
}
