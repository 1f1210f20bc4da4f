import { createHash } from 'node:crypto';
import { HeadraceError, notFound } from '@headrace/core';
import type pg from 'pg';
import { claimIngestionKey, purgeIngestionKeys } from '../store/ingestion-keys.ts';

const dayMs = 86_400_000;
/** How long a repeated request is known. */
const keptDays = 7;

/**
 * When the first request with this key was received: records without a time of their own are as old as that, however
 * often the request is repeated and whatever came in between.
 * @throws HeadraceError `conflict` when the key was used for other content, `not_found` when the dataset is gone.
 */
export async function firstReceipt(
  pool: pg.Pool,
  datasetId: string,
  idempotencyKey: string,
  records: readonly unknown[],
  now: Date,
): Promise<Date> {
  const digest = createHash('sha256').update(JSON.stringify(records)).digest('hex');
  const first = await claimIngestionKey(pool, { datasetId, idempotencyKey, digest }, now);
  if (first === undefined) throw notFound('dataset', datasetId);
  if (first.digest !== digest)
    throw new HeadraceError(
      'conflict',
      'This Idempotency-Key was used for another request to the dataset. Send new records under a new key.',
    );
  return first.receivedAt;
}

/** Forgets requests that nobody repeats any more. */
export const forgetOldRequests = (pool: pg.Pool, now: Date): Promise<number> =>
  purgeIngestionKeys(pool, new Date(now.getTime() - keptDays * dayMs));
