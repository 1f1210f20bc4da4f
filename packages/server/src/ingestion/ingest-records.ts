import type { ErrorDetail } from '@headrace/core';
import type pg from 'pg';
import type { AppliedRecord } from './apply-bisecting.ts';
import type { DatasetRegistry, OpenDataset } from './dataset-registry.ts';
import { firstReceipt } from './ingestion-keys.ts';
import { type Preparation, type PreparedRecord, prepareRecord } from './prepared-record.ts';
import type { RecordQueue } from './record-queue.ts';

/** Warnings name identities that were left out of a record which was ingested. */
export type RecordResult = AppliedRecord & { readonly warnings?: readonly ErrorDetail[] };

/** Records of one request. */
export type RecordsRequest = {
  readonly datasetId: string;
  readonly records: readonly unknown[];
  /** What they take in memory, about. */
  readonly bytes: number;
  /** Requests of one dataset with one key are one request that was repeated. */
  readonly idempotencyKey: string | undefined;
};

/**
 * Streaming ingestion: checks each record, writes the good ones, answers after the commit. One bad record does
 * not fail its neighbours.
 * @returns one result per record, in order.
 * @throws HeadraceError `not_found` for an unknown dataset, `conflict` for a key that was used for other records,
 *   `overloaded` or `rate_limited` when too much is waiting.
 */
export async function ingestRecords(
  options: {
    readonly pool: pg.Pool;
    readonly datasets: DatasetRegistry;
    readonly queue: RecordQueue;
    readonly now: () => Date;
  },
  { datasetId, records, bytes, idempotencyKey }: RecordsRequest,
): Promise<readonly RecordResult[]> {
  const { pool, datasets, queue } = options;
  const dataset = await datasets.open(pool, datasetId);
  const receivedAt = options.now();
  let preparations = prepareAll(dataset, records, receivedAt);
  // A request with no good record may be corrected under its key.
  if (idempotencyKey !== undefined && preparations.some(({ ok }) => ok)) {
    const first = await firstReceipt(pool, datasetId, idempotencyKey, records, receivedAt);
    if (first.getTime() !== receivedAt.getTime()) preparations = prepareAll(dataset, records, first);
  }
  const good = preparations.flatMap((preparation): PreparedRecord[] =>
    preparation.ok ? [preparation.record] : [],
  );
  const refused = preparations.length - good.length;
  const applied = [...(await queue.submit({ datasetId, records: good, refused, bytes }))].values();
  return preparations.map((preparation): RecordResult => {
    if (!preparation.ok) return { status: 'failed', errors: preparation.errors };
    const { value } = applied.next();
    if (value === undefined) throw new Error('Fewer records were applied than submitted.');
    return value.status === 'failed' || preparation.warnings.length === 0
      ? value
      : { ...value, warnings: preparation.warnings };
  });
}

const prepareAll = (dataset: OpenDataset, records: readonly unknown[], receivedAt: Date): Preparation[] =>
  records.map((record) => prepareRecord(dataset, record, { receivedAt, batchId: null }));
