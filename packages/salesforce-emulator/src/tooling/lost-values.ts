import { ApiError } from '../errors/api-error.ts';
import type { OrgState } from '../org/org-state.ts';
import { findObject } from '../schema/catalog.ts';
import { buildCustomField, type CustomField } from '../schema/custom-field.ts';
import { integerOf } from '../store/database.ts';
import { columnOf, tableOf } from '../store/record-table.ts';

/** Throws when the values a field has do not fit what it is to become: too long, or not unique. */
export function refuseLostValues(org: OrgState, before: CustomField, after: CustomField): void {
  const object = findObject(org.catalog, before.object);
  if (object === undefined) return;
  const [old, next] = [buildCustomField(before, ''), buildCustomField(after, '')];
  const [table, column] = [tableOf(object), columnOf(old)];
  if (next.length < old.length) {
    const row = org.database.prepare(`select max(length(${column})) as n from ${table}`).get();
    if (integerOf(row?.n) > next.length)
      throw new ApiError(
        400,
        'FIELD_INTEGRITY_EXCEPTION',
        `Data of ${old.name} is longer than ${next.length} characters.`,
      );
  }
  if (!next.unique || old.unique) return;
  const folded = next.caseSensitive ? column : `fold(${column})`;
  const sql = `select 1 from ${table} where ${column} is not null and IsDeleted = 0 group by ${folded} having count(*) > 1 limit 1`;
  if (org.database.prepare(sql).get() !== undefined)
    throw new ApiError(
      400,
      'DUPLICATE_VALUE',
      `duplicate value found: ${old.name} duplicates value on record with id: <unknown>`,
    );
}
