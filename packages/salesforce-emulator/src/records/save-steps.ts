import type { Draft } from './draft.ts';
import type { RecordError } from './record-error.ts';
import { setAssignedOwner } from './steps/assigned-owner.ts';
import { setPersonName } from './steps/person-name.ts';
import { findDuplicateValue } from './steps/unique-values.ts';
import type { WriteContext } from './write-context.ts';

/** Looks at a record before it is stored: may add values to it, or answer why it is refused. */
export type SaveStep = (context: WriteContext, draft: Draft) => readonly RecordError[];

/** Happens once the record is stored, in the same transaction: what other records have to follow. */
export type AfterSaveStep = (context: WriteContext, draft: Draft, rid: number) => void;

/**
 * What happens to a record between its validation and its storage, in Salesforce's order of execution: the
 * object's own rules, validation rules, duplicate rules, and the database's unique indexes last. The first step
 * that refuses ends it.
 */
export const saveSteps: readonly SaveStep[] = [setPersonName, setAssignedOwner, findDuplicateValue];

export const afterSaveSteps: readonly AfterSaveStep[] = [];
