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
  const isSearch = search !== undefined && search.text !== '';
  const page = isSearch ? searchedPage : countedPage;
  return page(org, tableOf(object), where, parameters, wantedPage, pageSize);
}

type ReadPage = (
  org: OrgState,
  table: string,
  where: string,
  parameters: readonly string[],
  wantedPage: number,
  pageSize: number,
) => FoundRows;

const countedPage: ReadPage = ({ database }, table, where, parameters, wantedPage, pageSize) => {
  const counted = database.prepare(`select count(*) as n from ${table} where ${where}`).get(...parameters);
  const total = integerOf(counted?.n);
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const page = Math.min(wantedPage, pages);
  const sql = `select * from ${table} where ${where} order by rid desc limit ? offset ?`;
  return {
    total,
    pages,
    page,
    rows: database.prepare(sql).all(...parameters, pageSize, (page - 1) * pageSize),
  };
};

/** No index helps a search, so the rows are gone through once, for their count and the page together. */
const searchedPage: ReadPage = ({ database }, table, where, parameters, wantedPage, pageSize) => {
  const sql = `select rid from ${table} where ${where} order by rid desc limit ${countLimit}`;
  const found = database.prepare(sql).all(...parameters);
  const pages = Math.max(1, Math.ceil(found.length / pageSize));
  const page = Math.min(wantedPage, pages);
  const shown = found.slice((page - 1) * pageSize, page * pageSize);
  const statement = database.prepare(`select * from ${table} where rid = ?`);
  const rows = shown.flatMap(({ rid }) => {
    const row = statement.get(integerOf(rid));
    return row === undefined ? [] : [row];
  });
  return { total: found.length, pages, page, rows };
};
