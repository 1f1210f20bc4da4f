import { now, type OrgState } from '../org/org-state.ts';
import type { StoredValue } from '../schema/field.ts';
import { type Database, integerOf } from '../store/database.ts';

/** What happened to a record. A merge deletes its losers and a conversion updates its lead. */
export const changeKinds = ['created', 'updated', 'deleted', 'undeleted'] as const;
export type ChangeKind = (typeof changeKinds)[number];

export const isChangeKind = (text: string): text is ChangeKind => changeKinds.some((kind) => kind === text);

/** Old and new value of each field that changed, as stored. */
export type FieldChanges = Readonly<Record<string, readonly [StoredValue, StoredValue]>>;

/** One entry: consecutive records that one call created, or one record changed otherwise. */
interface ChangeNote {
  readonly kind: ChangeKind;
  readonly objectName: string;
  readonly firstRid: number;
  lastRid: number;
  readonly changes: FieldChanges | null;
}

export const changeTables = `
  create table if not exists _change (
    sequence integer primary key, at integer not null, call integer, user_id text not null,
    kind text not null, object text not null, first_rid integer not null, last_rid integer not null,
    changes text
  );
  create index if not exists _change_by_record on _change (object, last_rid);
  create index if not exists _change_created on _change (object, last_rid) where kind = 'created';
`;

/** The highest record number that any change of the object was noted for; 0 without one. */
export const lastNotedNumber = (database: Database, objectName: string): number =>
  integerOf(database.prepare('select max(last_rid) as n from _change where object = ?').get(objectName)?.n);

/** Collects the changes of one save; {@link ChangeNotes.write} stores them in the save's own transaction. */
export interface ChangeNotes {
  readonly add: (kind: ChangeKind, objectName: string, rid: number, changes: FieldChanges | null) => void;
  readonly write: () => void;
}

/**
 * Notes for one save of one user. Records created one after another make a single entry, so that a bulk load
 * does not write everything twice; their values are in the records themselves.
 */
export function createChangeNotes(org: OrgState, userId: string, call: number | null): ChangeNotes {
  const notes: ChangeNote[] = [];
  return {
    add: (kind, objectName, rid, changes) => {
      const last = notes.at(-1);
      const follows = last?.kind === 'created' && last.objectName === objectName && last.lastRid === rid - 1;
      if (kind === 'created' && follows) last.lastRid = rid;
      else notes.push({ kind, objectName, firstRid: rid, lastRid: rid, changes });
    },
    write: () => {
      const at = now(org);
      const statement = org.database.prepare(
        'insert into _change (at, call, user_id, kind, object, first_rid, last_rid, changes) values (?, ?, ?, ?, ?, ?, ?, ?)',
      );
      for (const note of notes.splice(0)) {
        const changes = note.changes === null ? null : JSON.stringify(note.changes);
        statement.run(at, call, userId, note.kind, note.objectName, note.firstRid, note.lastRid, changes);
      }
    },
  };
}
