import type { OrgState } from '../org/org-state.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { integerOf, type Row } from '../store/database.ts';
import { tableOf } from '../store/record-table.ts';

/** One page of rows, newest first. */
export interface FoundRows {
  readonly rows: readonly Row[];
  /** How many there are; a search stops counting at `countLimit`. */
  readonly total: number;
  readonly pages: number;
  /** The one wanted, or the last where there are fewer. */
  readonly page: number;
}

/** Which live rows: those with this text in one of these fields, and with this value in that field. */
export interface RowFilter {
  readonly search?: { readonly text: string; readonly fields: readonly string[] };
  readonly parent?: { readonly field: string; readonly id: string };
}

/** A search through a million rows is cut short here, so that the page comes at once. */
export const countLimit = 10_000;

/** Finds live rows of an object. Fields the object does not have are left out. */
export function findRows(
  org: OrgState,
  object: ObjectType,
  filter: RowFilter,
  wantedPage: number,
  pageSize: number,
): FoundRows {
  const conditions = ['IsDeleted = 0'];
  const parameters: string[] = [];
  const { search, parent } = filter;
  if (search !== undefined && search.text !== '') {
    const known = search.fields.filter((name) => object.fieldByName.has(name));
    conditions.push(`(${known.map((name) => `"${name}" like ? escape '\\'`).join(' or ') || '0'})`);
    const pattern = `%${search.text.replace(/[\\%_]/g, '\\$&')}%`;
    parameters.push(...known.map(() => pattern));
  }
  if (parent !== undefined && object.fieldByName.has(parent.field)) {
    conditions.push(`"${parent.field}" = ?`);
    parameters.push(parent.id);
  }
  const where = conditions.join(' and ');
  const counted = org.database
    .prepare(
      search === undefined || search.text === ''
        ? `select count(*) as n from ${tableOf(object)} where ${where}`
        : `select count(*) as n from (select 1 from ${tableOf(object)} where ${where} limit ${countLimit})`,
    )
    .get(...parameters);
  const total = integerOf(counted?.n);
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const page = Math.min(wantedPage, pages);
  const sql = `select * from ${tableOf(object)} where ${where} order by rid desc limit ${pageSize} offset ${(page - 1) * pageSize}`;
  return { total, pages, page, rows: org.database.prepare(sql).all(...parameters) };
}
