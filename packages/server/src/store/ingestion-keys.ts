import type pg from 'pg';
import { type Db, maybeRow, transaction } from './database.ts';

/** A request as its sender names it, so that a repeated one is known. */
export type IngestionKey = {
  readonly datasetId: string;
  readonly idempotencyKey: string;
  /** Of the request's content. */
  readonly digest: string;
};

/**
 * Writes a request down unless it is known.
 * @returns what the first request with the key was and when it was received; undefined when the dataset is gone.
 */
export async function claimIngestionKey(
  pool: pg.Pool,
  key: IngestionKey,
  now: Date,
): Promise<{ readonly digest: string; readonly receivedAt: Date } | undefined> {
  return transaction(pool, async (trx) => {
    // On disk at the latest with the commit of the records, which comes behind it in the log.
    await trx.query('set local synchronous_commit = off');
    // The update changes nothing; it makes a known row be returned.
    return maybeRow<{ digest: string; receivedAt: Date }>(
      trx,
      `insert into ingestion_key as known (dataset_id, idempotency_key, digest, received_at)
       select dataset_id, $2, $3, $4 from dataset where dataset_id = $1 for key share
       on conflict (dataset_id, idempotency_key) do update set digest = known.digest
       returning digest, received_at as "receivedAt"`,
      [key.datasetId, key.idempotencyKey, key.digest, now],
    );
  });
}

/** Keys deleted by one statement, so that none runs long. */
const purgeStep = 10_000;

/** Forgets requests received before an instant. @returns how many. */
export async function purgeIngestionKeys(db: Db, before: Date): Promise<number> {
  for (let purged = 0; ; ) {
    const { rowCount } = await db.query(
      `delete from ingestion_key where (dataset_id, idempotency_key) in (
         select dataset_id, idempotency_key from ingestion_key where received_at < $1
         order by received_at limit $2)`,
      [before, purgeStep],
    );
    purged += rowCount ?? 0;
    if ((rowCount ?? 0) < purgeStep) return purged;
  }
}
