import { now, type OrgState } from '../org/org-state.ts';
import { integerOf } from '../store/database.ts';

const windowMs = 24 * 3_600_000;

/** What is left of the org's batches and rows of the last 24 hours. */
export function bulkAllowance(org: OrgState): { readonly batches: number; readonly rows: number } {
  const row = org.database
    .prepare('select count(*) as n, total(rows) as rows from _bulk_batch where at > ?')
    .get(now(org) - windowMs);
  const { dailyBatches, dailyRecords } = org.definition.bulk;
  return {
    batches: Math.max(0, dailyBatches - integerOf(row?.n)),
    rows: Math.max(0, dailyRecords - integerOf(row?.rows)),
  };
}

/** Counts a batch, in the transaction that writes its rows. */
export function countBatch(org: OrgState, rows: number): void {
  const instant = now(org);
  org.database.prepare('delete from _bulk_batch where at <= ?').run(instant - windowMs);
  org.database.prepare('insert into _bulk_batch (at, rows) values (?, ?)').run(instant, rows);
}
