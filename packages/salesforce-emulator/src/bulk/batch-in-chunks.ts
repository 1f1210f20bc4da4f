import type { RecordResult } from '../records/record-result.ts';
import { saveEach, startSaving } from '../records/save-records.ts';
import type { WriteContext } from '../records/write-context.ts';
import type { RecordWrite } from '../records/write-record.ts';
import { Rollback } from '../store/database.ts';
import type { CsvDialect } from './csv-dialect.ts';
import type { CsvRow } from './csv-rows.ts';
import { failureLine, successLine } from './result-lines.ts';
import { type RowPlan, writeOfRow } from './row-write.ts';
import { shuffle } from './shuffle.ts';

/** Salesforce saves a batch in chunks of this size: rules about "one call" go by the chunk. */
const chunkRows = 200;
/** A batch with more locked rows than this is undone, to be tried again. */
const maxLockedRows = 100;

/** What became of a batch; the texts are parts of its result files. */
export interface DoneBatch {
  readonly rows: number;
  readonly failed: number;
  readonly successes: readonly string[];
  readonly failures: readonly string[];
}

/** A batch being written, in the caller's transaction. */
export interface Batch {
  readonly add: (row: CsvRow) => void;
  /** Writes what is left. Throws Rollback when too many rows were locked. */
  readonly end: () => DoneBatch;
}

/**
 * Takes the rows of a batch and saves them chunk by chunk, so that a row's objects are gone before the next
 * chunk's are made. With a seed the results come in an order of their own.
 */
export function beginBatch(
  context: WriteContext,
  plan: RowPlan,
  dialect: CsvDialect,
  seed: number | undefined,
): Batch {
  const saving = startSaving(context);
  const columns = plan.columns.length;
  const successes: string[] = [];
  const failures: string[] = [];
  let rows: CsvRow[] = [];
  let done = 0;
  let failed = 0;
  let locked = 0;
  const saveChunk = (): void => {
    const writes = rows.map((row) => writeOfRow(plan, row));
    const results = saveEach(saving, writes);
    const good: string[] = [];
    const bad: string[] = [];
    for (let index = 0; index < rows.length; index++) {
      const { row, write, result } = outcomeAt(index, rows, writes, results);
      if (result.success) good.push(successLine(result, row, columns, dialect));
      else bad.push(failureLine(result, write, row, columns, dialect));
      if (result.errors[0]?.statusCode === 'UNABLE_TO_LOCK_ROW') locked += 1;
    }
    const inOrder = (lines: readonly string[]): string =>
      (seed === undefined ? lines : shuffle(lines, seed + done)).join('');
    if (good.length > 0) successes.push(inOrder(good));
    if (bad.length > 0) failures.push(inOrder(bad));
    done += rows.length;
    failed += bad.length;
    rows = [];
  };
  return {
    add: (row) => {
      rows.push(row);
      if (rows.length === chunkRows) saveChunk();
    },
    end: () => {
      if (rows.length > 0) saveChunk();
      if (locked > maxLockedRows) throw new Rollback();
      saving.notes.write();
      if (seed === undefined) return { rows: done, failed, successes, failures };
      return { rows: done, failed, successes: shuffle(successes, seed), failures: shuffle(failures, seed) };
    },
  };
}

function outcomeAt(
  index: number,
  rows: readonly CsvRow[],
  writes: readonly RecordWrite[],
  results: readonly RecordResult[],
): { readonly row: CsvRow; readonly write: RecordWrite; readonly result: RecordResult } {
  const [row, write, result] = [rows[index], writes[index], results[index]];
  if (row === undefined || write === undefined || result === undefined)
    throw new Error('A row without a result.');
  return { row, write, result };
}
