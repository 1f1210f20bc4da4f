import { type ChangeNotes, createChangeNotes } from '../journal/change-journal.ts';
import { now } from '../org/org-state.ts';
import { normalizeId } from '../org/record-id.ts';
import { modificationStamps, wholeSecond } from '../org/stamps.ts';
import { beginSameSave } from '../rules/same-save.ts';
import type { StoredValue } from '../schema/field.ts';
import { Rollback } from '../store/database.ts';
import { recordErrors } from './record-error.ts';
import { strikeWrites } from './record-faults.ts';
import type { RecordResult } from './record-result.ts';
import type { WriteContext } from './write-context.ts';
import { identityOfWrite, type RecordWrite, writeRecord } from './write-record.ts';

/** One save on its way: who saves, at which instant (epoch milliseconds), and the changes noted so far. */
export interface Saving {
  readonly context: WriteContext;
  readonly notes: ChangeNotes;
  readonly instant: number;
  /** What every record changed by this save is stamped with. */
  readonly stamps: readonly (readonly [string, StoredValue])[];
}

/** Begins a save; its notes are written by whoever ends it, in the same transaction. */
export function startSaving(context: WriteContext): Saving {
  const instant = wholeSecond(now(context.org));
  const notes = createChangeNotes(context.org, context.userId, context.call);
  return { context, notes, instant, stamps: modificationStamps(context.userId, instant) };
}

/**
 * Writes records in order in one transaction: either all the accepted ones are durable when this returns, or
 * (a crash, an unexpected error) none. Results stand in the order of the writes. With `allOrNone` one refusal
 * undoes them all, and the others say so.
 */
export function saveRecords(
  context: WriteContext,
  writes: readonly RecordWrite[],
  allOrNone: boolean,
): readonly RecordResult[] {
  let results: readonly RecordResult[] = [];
  try {
    context.org.database.transaction(() => {
      const saving = startSaving(context);
      results = saveEach(saving, writes);
      if (allOrNone && results.some((result) => !result.success)) throw new Rollback();
      saving.notes.write();
    });
    return results;
  } catch (error) {
    if (!(error instanceof Rollback)) throw error;
    return results.map((result) => (result.success ? rolledBack(result) : result));
  }
}

/** As Salesforce's documents show it: a record that was there before keeps its id in the answer. */
function rolledBack({ id, created }: RecordResult): RecordResult {
  const head = id === undefined || created === true ? {} : { id };
  return { ...head, success: false, errors: [recordErrors.rolledBack()] };
}

/** Writes the records of one call in order, each for itself, in the caller's transaction. */
export function saveEach(saving: Saving, writes: readonly RecordWrite[]): readonly RecordResult[] {
  const { context } = saving;
  beginSameSave(context);
  return strikeWrites(context.org.faults, refuseRepeatedKeys(writes)).map((write) =>
    writeRecord(saving, write),
  );
}

/** Salesforce refuses every record of a call that shares its key or id with another one of that call. */
function refuseRepeatedKeys(writes: readonly RecordWrite[]): readonly RecordWrite[] {
  if (writes.length < 2) return writes;
  const keys = writes.map(identityOfWrite);
  const counts = new Map<string, number>();
  for (const key of keys) if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  return writes.map((write, index) => {
    const key = keys[index];
    if (key === undefined || (counts.get(key) ?? 0) < 2) return write;
    if (write.kind === 'update') {
      const id = normalizeId(write.id) ?? write.id;
      return { kind: 'refused', error: recordErrors.sameIdTwice(id) };
    }
    if (write.kind !== 'upsert') return write;
    return { kind: 'refused', error: recordErrors.sameKeyTwice(write.keyField.name, String(write.key)) };
  });
}
