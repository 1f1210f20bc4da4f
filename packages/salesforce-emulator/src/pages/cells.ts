import { escapeHtml } from '../http/html.ts';
import type { OrgState } from '../org/org-state.ts';
import { createRecordId, normalizeId, recordNumberOf } from '../org/record-id.ts';
import { fieldJson } from '../records/record-json.ts';
import { objectOfPrefix } from '../schema/catalog.ts';
import type { FieldDefinition } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { integerOf, type Row } from '../store/database.ts';
import { readRecord } from '../store/record-table.ts';

/** The value of a field as people read it; nothing where it has none. */
export function textOf(object: ObjectType, field: FieldDefinition, row: Row): string {
  const value = fieldJson(object, field, row);
  if (value === null) return '';
  if (field.type === 'boolean') return value === true ? 'Yes' : 'No';
  return field.type === 'datetime' ? readableInstant(String(value)) : String(value);
}

/** `2026-11-27 03:15:00`, in UTC, of an instant as Salesforce writes it. */
export const readableInstant = (text: string): string =>
  text.replace(/^(.{10})T(\d\d:\d\d:\d\d).*$/, '$1 $2');

/** A record's name as a link to its page. */
export function recordLink(object: ObjectType, row: Row, text: string): string {
  const id = createRecordId(object.keyPrefix, integerOf(row.rid));
  return `<a href="/record/${id}">${escapeHtml(text === '' ? id : text)}</a>`;
}

/** The cell of a field: text, or for a reference the name of what it refers to, as a link. */
export function fieldCell(org: OrgState, object: ObjectType, field: FieldDefinition, row: Row): string {
  const text = textOf(object, field, row);
  if (field.type !== 'reference' || text === '') return escapeHtml(text);
  const target = findRecord(org, text);
  if (target === undefined) return escapeHtml(text);
  return recordLink(target.object, target.row, nameOf(target.row));
}

/** What a record is called: its name, or nothing. */
export const nameOf = (row: Row): string => {
  const name = row.Name;
  return typeof name === 'string' ? name : '';
};

/** The record behind an id, deleted ones too. */
export function findRecord(
  org: OrgState,
  rawId: string,
): { readonly id: string; readonly object: ObjectType; readonly row: Row } | undefined {
  const id = normalizeId(rawId);
  const object = id === undefined ? undefined : objectOfPrefix(org.catalog, id.slice(0, 3));
  const rid = id === undefined ? undefined : recordNumberOf(id);
  const row = object === undefined || rid === undefined ? undefined : readRecord(org.database, object, rid);
  return id === undefined || object === undefined || row === undefined ? undefined : { id, object, row };
}
