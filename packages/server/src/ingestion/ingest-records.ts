import type { ErrorDetail } from '@headrace/core';
import type pg from 'pg';
import type { AppliedRecord } from './apply-bisecting.ts';
import type { DatasetRegistry } from './dataset-registry.ts';
import { type PreparedRecord, prepareRecord } from './prepared-record.ts';
import type { RecordQueue } from './record-queue.ts';

export type RecordResult = AppliedRecord;

/**
 * Streaming ingestion: checks each record, writes the good ones, answers after the commit. One bad record does
 * not fail its neighbours.
 * @returns one result per record, in order.
 * @throws HeadraceError `not_found` for an unknown dataset, `overloaded` when too much is waiting.
 */
export async function ingestRecords(
  options: {
    readonly pool: pg.Pool;
    readonly datasets: DatasetRegistry;
    readonly queue: RecordQueue;
    readonly now: () => Date;
  },
  datasetId: string,
  records: readonly unknown[],
): Promise<readonly RecordResult[]> {
  const dataset = await options.datasets.open(options.pool, datasetId);
  const receivedAt = options.now();
  const good: PreparedRecord[] = [];
  const refusals = records.map((record): readonly ErrorDetail[] | undefined => {
    const preparation = prepareRecord(dataset, record, { receivedAt, batchId: null });
    if (!preparation.ok) return preparation.errors;
    good.push(preparation.record);
    return undefined;
  });
  const applied = [...(await options.queue.submit(good))].values();
  return refusals.map((errors): RecordResult => {
    if (errors !== undefined) return { status: 'failed', errors };
    const result = applied.next();
    if (result.done === true) throw new Error('Fewer records were applied than submitted.');
    return result.value;
  });
}
