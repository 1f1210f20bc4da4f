import type { ErrorDetail } from '@headrace/core';
import { type Db, rows, type Trx } from './database.ts';

/** A refused row is an error; of one that is ingested something may be left out. */
export type Severity = 'error' | 'warning';

/** A row of a file, and why it was refused or what of it was left out. */
export type RefusedRow = { readonly rowNumber: number; readonly errors: readonly ErrorDetail[] };

/** One reason of a row. */
export type BatchErrorRow = {
  readonly rowNumber: number;
  readonly ordinal: number;
  readonly severity: Severity;
  readonly pointer: string;
  readonly keyword: string;
  readonly message: string;
};

export async function insertBatchErrors(
  trx: Trx,
  batchId: string,
  severity: Severity,
  refused: readonly RefusedRow[],
): Promise<void> {
  const flat = refused.flatMap(({ rowNumber, errors }) =>
    errors.map((error, ordinal) => ({ rowNumber, ordinal, error })),
  );
  if (flat.length === 0) return;
  await trx.query(
    `insert into batch_error (batch_id, row_number, ordinal, pointer, keyword, message, severity)
     select $1, row_number, ordinal, pointer, keyword, message, $7
     from unnest($2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::text[])
       as failure (row_number, ordinal, pointer, keyword, message)
     on conflict do nothing`,
    [
      batchId,
      flat.map((row) => row.rowNumber),
      flat.map((row) => row.ordinal),
      flat.map((row) => row.error.pointer ?? ''),
      flat.map((row) => row.error.keyword ?? ''),
      flat.map((row) => row.error.message),
      severity,
    ],
  );
}

/** How many rows are refused. */
export async function countRefusedRows(db: Db, batchId: string): Promise<number> {
  const [counted] = await rows<{ count: number }>(
    db,
    `select count(distinct row_number) as count from batch_error
     where batch_id = $1 and severity = 'error'`,
    [batchId],
  );
  return counted?.count ?? 0;
}

/** Reasons in order of rows, behind one of them. */
export function readBatchErrors(
  db: Db,
  batchId: string,
  after: Pick<BatchErrorRow, 'rowNumber' | 'ordinal'>,
  limit: number,
): Promise<BatchErrorRow[]> {
  return rows(
    db,
    `select row_number as "rowNumber", ordinal, severity, pointer, keyword, message from batch_error
     where batch_id = $1 and (row_number, ordinal) > ($2, $3) order by row_number, ordinal limit $4`,
    [batchId, after.rowNumber, after.ordinal, limit],
  );
}
