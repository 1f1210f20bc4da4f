import type { JsonValue } from '../json.ts';
import type { OrgState } from '../org/org-state.ts';
import { createRecordId } from '../org/record-id.ts';
import { findObject } from '../schema/catalog.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { valueJson } from '../schema/value-json.ts';
import { integerOf, type Row } from '../store/database.ts';
import { type ChangeKind, isChangeKind } from './change-journal.ts';

/** One change of one record. */
export interface RecordChange {
  readonly sequence: number;
  /** The org's time, epoch milliseconds. */
  readonly at: number;
  /** The number of the call in the journal; undefined where the org changed it on its own. */
  readonly call: number | undefined;
  readonly userId: string;
  readonly kind: ChangeKind;
  readonly object: string;
  readonly id: string;
  readonly rid: number;
  /** Old and new value of each field as the API writes them; none for a record created or deleted. */
  readonly fields: Readonly<Record<string, { readonly old: JsonValue; readonly new: JsonValue }>>;
}

/** Where a page ended: the change and, within records created together, the record. */
export interface ChangePosition {
  readonly sequence: number;
  readonly rid: number;
}

/** Which changes are wanted; what is left out matches all. `since` in epoch milliseconds of the org's time. */
export interface ChangeFilter {
  readonly object?: ObjectType | undefined;
  /** The number of one record; needs `object`. */
  readonly rid?: number | undefined;
  readonly call?: number | undefined;
  readonly kind?: ChangeKind | undefined;
  readonly since?: number | undefined;
  readonly before?: ChangePosition | undefined;
}

/** Changes, newest first, at most `limit`; records created together come one by one. */
export function readChanges(org: OrgState, filter: ChangeFilter, limit: number): readonly RecordChange[] {
  const { sql, parameters } = selectChanges(filter);
  const found: RecordChange[] = [];
  for (const row of org.database.prepare(sql).iterate(...parameters)) {
    for (const rid of ridsOf(row, filter)) {
      if (found.length >= limit) return found;
      found.push(changeOf(org, row, rid));
    }
  }
  return found;
}

function selectChanges(filter: ChangeFilter): {
  readonly sql: string;
  readonly parameters: (string | number)[];
} {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  const where = (condition: string, ...values: (string | number)[]): void => {
    conditions.push(condition);
    parameters.push(...values);
  };
  const { object, rid, call, kind, since, before } = filter;
  if (object !== undefined) where('object = ?', object.name);
  if (object !== undefined && rid !== undefined)
    // One that stands alone is found by the index; the others are ranges of records created together.
    where(
      `sequence in (
      select sequence from _change where object = ? and last_rid = ? union all
      select sequence from _change where object = ? and kind = 'created' and last_rid > ? and first_rid <= ?)`,
      object.name,
      rid,
      object.name,
      rid,
      rid,
    );
  if (call !== undefined) where('call = ?', call);
  if (kind !== undefined) where('kind = ?', kind);
  if (since !== undefined) where('at >= ?', since);
  if (before !== undefined)
    where('(sequence < ? or (sequence = ? and first_rid < ?))', before.sequence, before.sequence, before.rid);
  const condition = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
  return { sql: `select * from _change${condition} order by sequence desc`, parameters };
}

/** The records of one row that are wanted, newest first. */
function* ridsOf(row: Row, { rid, before }: ChangeFilter): Generator<number> {
  if (rid !== undefined) {
    yield rid;
    return;
  }
  const isCut = before?.sequence === integerOf(row.sequence);
  const last = isCut ? Math.min(integerOf(row.last_rid), before.rid - 1) : integerOf(row.last_rid);
  for (let next = last; next >= integerOf(row.first_rid); next--) yield next;
}

function changeOf(org: OrgState, row: Row, rid: number): RecordChange {
  const object = findObject(org.catalog, String(row.object));
  const kind = String(row.kind);
  return {
    sequence: integerOf(row.sequence),
    at: integerOf(row.at),
    call: row.call === null ? undefined : integerOf(row.call),
    userId: String(row.user_id),
    kind: isChangeKind(kind) ? kind : 'updated',
    object: String(row.object),
    id: object === undefined ? '' : createRecordId(object.keyPrefix, rid),
    rid,
    fields: fieldsOf(object, row.changes),
  };
}

function fieldsOf(object: ObjectType | undefined, changes: unknown): RecordChange['fields'] {
  if (typeof changes !== 'string' || object === undefined) return {};
  const stored: Record<string, readonly [JsonValue, JsonValue]> = JSON.parse(changes);
  const entries = Object.entries(stored).map(([name, [old, next]]) => {
    const field = findField(object, name);
    const shown = (value: JsonValue): JsonValue => (field === undefined ? value : valueJson(field, value));
    return [name, { old: shown(old), new: shown(next) }] as const;
  });
  return Object.fromEntries(entries);
}
