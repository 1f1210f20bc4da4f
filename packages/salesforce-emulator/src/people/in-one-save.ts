import type { RecordError } from '../records/record-error.ts';
import { type Saving, startSaving } from '../records/save-records.ts';
import type { WriteContext } from '../records/write-context.ts';
import { Rollback } from '../store/database.ts';

/** What was asked for was not done, and nothing was changed. */
export interface Refusal {
  readonly kind: 'refused';
  readonly errors: readonly RecordError[];
}

/** Carries a refusal out of the transaction it undoes. */
class Refused extends Rollback {
  readonly errors: readonly RecordError[];

  constructor(errors: readonly RecordError[]) {
    super();
    this.errors = errors;
  }
}

/** Ends the save of {@link inOneSave} with these errors. */
export function refuse(...errors: readonly RecordError[]): never {
  throw new Refused(errors);
}

/**
 * Does work on several records, all or nothing, without duplicate and assignment rules, as merges and conversions
 * are done.
 */
export function inOneSave<T>(context: WriteContext, work: (saving: Saving) => T): T | Refusal {
  const options = { ...context.options, duplicateRules: 'skipped', assignmentRule: 'none' } as const;
  try {
    return context.org.database.transaction(() => {
      const saving = startSaving({ ...context, options });
      const result = work(saving);
      saving.notes.write();
      return result;
    });
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', errors: error.errors };
    throw error;
  }
}
