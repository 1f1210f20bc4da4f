import type { RecordError } from './record-error.ts';

/** What became of a write. `matchingIds` is set when an upsert found several records. */
export interface RecordResult {
  readonly id?: string;
  readonly success: boolean;
  readonly created?: boolean;
  readonly errors: readonly RecordError[];
  readonly matchingIds?: readonly string[];
}

/** A refusal carries no id; only a record that was there and is rolled back with others does. */
export const failed = (errors: readonly RecordError[]): RecordResult => ({ success: false, errors });
