import { escapeHtml } from '../http/html.ts';
import type { OrgState } from '../org/org-state.ts';
import { createRecordId } from '../org/record-id.ts';
import { placeOfId, type RecordPlace } from '../org/record-of-id.ts';
import { fieldJson } from '../records/record-json.ts';
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

/** The cell of a field: text, or for a reference the record it refers to. */
export function fieldCell(org: OrgState, object: ObjectType, field: FieldDefinition, row: Row): string {
  const text = textOf(object, field, row);
  return field.type === 'reference' ? recordCell(org, text) : escapeHtml(text);
}

/** The name of the record with this id as a link to its page; the id alone where there is none. */
export function recordCell(org: OrgState, id: string): string {
  const found = findRecord(org, id);
  return found === undefined ? escapeHtml(id) : recordLink(found.object, found.row, nameOf(found.row));
}

/** What a record is called: its name, or nothing. */
export const nameOf = (row: Row): string => {
  const name = row.Name;
  return typeof name === 'string' ? name : '';
};

/** The record behind an id, deleted ones too. */
export function findRecord(org: OrgState, rawId: string): (RecordPlace & { readonly row: Row }) | undefined {
  const place = placeOfId(org.catalog, rawId);
  const row = place === undefined ? undefined : readRecord(org.database, place.object, place.rid);
  return place === undefined || row === undefined ? undefined : { ...place, row };
}
