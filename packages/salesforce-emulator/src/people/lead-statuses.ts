import type { OrgState } from '../org/org-state.ts';
import { seedRow } from '../org/seed-rows.ts';
import { findObject } from '../schema/catalog.ts';

/** The statuses a conversion may set, of those a new org has. */
const converted: ReadonlySet<string> = new Set(['Closed - Converted']);

/** Makes the rows of LeadStatus: one for each value of Lead.Status. */
export function seedLeadStatuses(org: OrgState): void {
  const object = findObject(org.catalog, 'LeadStatus');
  const status = findObject(org.catalog, 'Lead')?.fieldByName.get('Status');
  if (object === undefined || status === undefined) return;
  for (const [index, value] of status.picklistValues.entries())
    seedRow(
      org,
      object,
      { ApiName: value },
      {
        MasterLabel: value,
        SortOrder: index + 1,
        IsDefault: status.defaultValue === value ? 1 : 0,
        IsConverted: converted.has(value) ? 1 : 0,
      },
    );
}

/** The statuses a conversion may set, in their order. */
export const convertedStatusesOf = (org: OrgState): readonly string[] =>
  org.database
    .prepare('select ApiName from LeadStatus where IsConverted = 1 order by SortOrder')
    .all()
    .map((row) => String(row.ApiName));
