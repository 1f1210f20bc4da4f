import type { RecordError } from './record-error.ts';

/** What became of a write. `matchingIds` is set when an upsert found several records. */
export interface RecordResult {
  readonly id?: string;
  readonly success: boolean;
  readonly created?: boolean;
  readonly errors: readonly RecordError[];
  readonly matchingIds?: readonly string[];
}

/** A failure carries no id: by Salesforce's documents a result with an id was written. */
export const failed = (errors: readonly RecordError[]): RecordResult => ({ success: false, errors });
