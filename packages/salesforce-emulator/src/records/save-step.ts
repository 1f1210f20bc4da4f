import type { ChangeNotes, FieldChanges } from '../journal/change-journal.ts';
import type { ObjectType } from '../schema/object-type.ts';
import type { Draft } from './draft.ts';
import type { RecordError } from './record-error.ts';
import type { WriteContext } from './write-context.ts';

/** Looks at a record before it is stored: may add values to it, or answer why it is refused. */
export type SaveStep = (context: WriteContext, draft: Draft) => readonly RecordError[];

/**
 * Happens once the record is stored, in the same transaction: what other records have to follow. Records it makes
 * itself go into the notes of changes. `changes` are those of an update, null for a creation; `draft.before()`
 * has the changed fields at least, and the others if a step before the save asked for them.
 */
export type AfterSaveStep = (
  context: WriteContext,
  draft: Draft,
  rid: number,
  notes: ChangeNotes,
  changes: FieldChanges | null,
) => void;

/** Looks at a record that somebody deletes; cascades are not asked. */
export type DeleteStep = (context: WriteContext, object: ObjectType, rid: number) => readonly RecordError[];

export type BinChange = 'deleted' | 'undeleted';

/** Happens when a record has gone to the recycle bin or come back from it, by itself or with another. */
export type BinStep = (context: WriteContext, object: ObjectType, rid: number, change: BinChange) => void;
