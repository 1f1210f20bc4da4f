import { now, type OrgState } from '../org/org-state.ts';
import { createRecordId } from '../org/record-id.ts';
import { placeOfId } from '../org/record-of-id.ts';
import { findObject } from '../schema/catalog.ts';
import type { StoredValue } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { type Database, integerOf, type Row } from '../store/database.ts';
import { deleteRow, readDeletedFlag, readRecord, updateRecord } from '../store/record-table.ts';
import type { Draft } from './draft.ts';
import { type RecordError, recordError } from './record-error.ts';
import { failed, type RecordResult } from './record-result.ts';
import type { Saving } from './save-records.ts';
import { binSteps } from './save-steps.ts';
import { findDuplicateValue } from './steps/unique-values.ts';

/** What lies in the recycle bin, parents before what went with them; `root` is what somebody deleted. */
export const binTable = `
  create table if not exists _bin (
    sequence integer primary key, object text not null, rid integer not null, at integer not null,
    root_object text not null, root_rid integer not null, unique (object, rid)
  );
  create index if not exists _bin_by_root on _bin (root_object, root_rid);
`;

/** Salesforce keeps deleted records for 15 days. */
export const binKeptMs = 15 * 24 * 60 * 60 * 1000;

/** A record by its object and number. */
export interface BinEntry {
  readonly object: ObjectType;
  readonly rid: number;
}

/** Puts a record in the bin with what went with it under the same root; `at` in epoch milliseconds. */
export function addToBin(database: Database, entry: BinEntry, root: BinEntry, at: number): void {
  database
    .prepare('insert or replace into _bin (object, rid, at, root_object, root_rid) values (?, ?, ?, ?, ?)')
    .run(entry.object.name, entry.rid, at, root.object.name, root.rid);
}

const notInBin = recordError('UNDELETE_FAILED', 'Entity is not in the recycle bin');

/**
 * Brings a deleted record back with what went with it. What went with another record comes back only with that
 * one; a Unique value that another record took meanwhile keeps all of them in the bin. No other rule is asked.
 */
export function undeleteRecord(saving: Saving, rawId: string): RecordResult {
  const { org } = saving.context;
  const root = placeOfId(org.catalog, rawId);
  if (root === undefined || !root.object.traits.undeletable || !isBinRoot(org, root))
    return failed([notInBin]);
  const group = groupOf(org, root);
  for (const entry of group) {
    const errors = takenValues(saving, entry);
    if (errors.length > 0) return failed(errors);
  }
  for (const entry of group) restore(saving, entry, entry === group[0]);
  return { id: createRecordId(root.object.keyPrefix, root.rid), success: true, errors: [] };
}

const isBinRoot = (org: OrgState, { object, rid }: BinEntry): boolean =>
  org.database
    .prepare('select 1 from _bin where object = ? and rid = ? and root_object = object and root_rid = rid')
    .get(object.name, rid) !== undefined;

/** The root first, then what went with it, parents before children. */
function groupOf(org: OrgState, root: BinEntry): readonly BinEntry[] {
  return org.database
    .prepare('select object, rid from _bin where root_object = ? and root_rid = ? order by sequence')
    .all(root.object.name, root.rid)
    .flatMap((row) => entryOf(org, row) ?? []);
}

function entryOf(org: OrgState, row: Row): BinEntry | undefined {
  const object = findObject(org.catalog, String(row.object));
  return object === undefined ? undefined : { object, rid: integerOf(row.rid) };
}

function takenValues(saving: Saving, { object, rid }: BinEntry): readonly RecordError[] {
  const row = readRecord(saving.context.org.database, object, rid);
  const values = new Map<string, StoredValue>();
  for (const [name, value] of Object.entries(row ?? {}))
    if (typeof value === 'string' || typeof value === 'number') values.set(name, value);
  const before = (): Row | undefined => row;
  const draft: Draft = { object, mode: 'update', rid, values, knownFree: undefined, before };
  return findDuplicateValue(saving.context, draft);
}

/** A record whose other parent is still in the bin waits there for it; the root comes back without such a parent. */
function restore(saving: Saving, entry: BinEntry, isRoot: boolean): void {
  const { org } = saving.context;
  const { object, rid } = entry;
  const row = readRecord(org.database, object, rid);
  if (row?.IsDeleted !== 1) return;
  const values = new Map<string, StoredValue>([['IsDeleted', 0], ...saving.stamps]);
  if (object.fieldByName.has('MasterRecordId')) values.set('MasterRecordId', null);
  for (const field of object.referenceFields) {
    if (!field.cascadeDelete || typeof row[field.name] !== 'string') continue;
    const parent = placeOfId(org.catalog, String(row[field.name]));
    if (parent === undefined || readDeletedFlag(org.database, parent.object, parent.rid) === false) continue;
    if (!isRoot) {
      waitFor(org, entry, parent);
      return;
    }
    values.set(field.name, null);
  }
  updateRecord(org.database, object, rid, values);
  org.database.prepare('delete from _bin where object = ? and rid = ?').run(object.name, rid);
  saving.notes.add('undeleted', object.name, rid, null);
  for (const step of binSteps) step(saving.context, object, rid, 'undeleted');
}

function waitFor(org: OrgState, { object, rid }: BinEntry, parent: BinEntry): void {
  org.database
    .prepare('update _bin set root_object = ?, root_rid = ? where object = ? and rid = ?')
    .run(parent.object.name, parent.rid, object.name, rid);
}

/** Removes a deleted record and what went with it for good; false when it does not lie in the bin. */
export function removeFromBin(org: OrgState, rawId: string): boolean {
  const root = placeOfId(org.catalog, rawId);
  if (root === undefined || !isBinRoot(org, root)) return false;
  removeGroup(org, root);
  return true;
}

/** Removes a root of the bin for good. */
export function removeGroup(org: OrgState, root: BinEntry): void {
  for (const { object, rid } of groupOf(org, root)) deleteRow(org.database, object, rid);
  org.database
    .prepare('delete from _bin where root_object = ? and root_rid = ?')
    .run(root.object.name, root.rid);
}

/** Removes for good what was deleted at this instant or before; answers how many records. */
export function purgeBin(org: OrgState, deletedUntil: number = now(org) - binKeptMs): number {
  const { database } = org;
  // The oldest lies first: mostly there is nothing to look for.
  const oldest = database.prepare('select at from _bin order by sequence limit 1').get();
  if (oldest === undefined || integerOf(oldest.at) > deletedUntil) return 0;
  const old = database.prepare('select object, rid from _bin where at <= ?').all(deletedUntil);
  database.transaction(() => {
    for (const row of old) {
      const entry = entryOf(org, row);
      if (entry !== undefined) deleteRow(database, entry.object, entry.rid);
    }
    database.prepare('delete from _bin where at <= ?').run(deletedUntil);
  });
  return old.length;
}
