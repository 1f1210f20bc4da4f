import type { Identity, JsonObject } from '@headrace/core';
import { type Db, rows } from './database.ts';

/** A stored record as its source sent it. */
export type PreviewRow = {
  readonly recordId: string;
  readonly primary: Identity;
  readonly stamp: Date;
  /** Null of an event: only when it happened is stored. */
  readonly receivedAt: Date | null;
  readonly batchId: string | null;
  readonly document: JsonObject;
};

type Found = Omit<PreviewRow, 'primary'> & Identity;
const toRow = ({ namespace, value, ...row }: Found): PreviewRow => ({
  ...row,
  primary: { namespace, value },
});

/**
 * The rows of a profile dataset received last, among the first `lookAt` of its rows by bucket: of a larger dataset
 * a sample, as its buckets are. An index by time of receipt would find them among all, and was measured to make
 * changing a row half as dear again.
 * @returns with how many rows were looked at.
 */
export async function readNewestFragments(
  db: Db,
  datasetId: string,
  options: { readonly lookAt: number; readonly limit: number },
): Promise<{ readonly found: PreviewRow[]; readonly lookedAt: number }> {
  const found = await rows<Found & { lookedAt: number }>(
    db,
    `with looked_at as materialized (
       select ctid as place, received_at from profile_fragment
       where dataset_id = $1 order by bucket limit $2
     ), newest as (
       select place, (select count(*) from looked_at) as total
       from looked_at order by received_at desc limit $3
     )
     select f.record_id as "recordId", f.namespace, f.value, f.stamp, f.received_at as "receivedAt",
       f.batch_id as "batchId", f.document, newest.total as "lookedAt"
     from newest join profile_fragment f on f.ctid = newest.place
     order by f.received_at desc, f.stamp desc, f.namespace, f.value`,
    [datasetId, options.lookAt, options.limit],
  );
  return {
    found: found.map(({ lookedAt: _lookedAt, ...row }) => toRow(row)),
    lookedAt: found[0]?.lookedAt ?? 0,
  };
}

/** The latest events of an event dataset. */
export async function readLatestEvents(db: Db, datasetId: string, limit: number): Promise<PreviewRow[]> {
  const found = await rows<Found>(
    db,
    `select event_id as "recordId", namespace, value, at as stamp, null as "receivedAt", batch_id as "batchId",
       document
     from profile_event where dataset_id = $1 order by at desc limit $2`,
    [datasetId, limit],
  );
  return found.map(toRow);
}

/** The records received last of a dataset that is not enabled for Profile. */
export async function readNewestKept(db: Db, datasetId: string, limit: number): Promise<PreviewRow[]> {
  const found = await rows<Found>(
    db,
    `select record_id as "recordId", namespace, value, stamp, received_at as "receivedAt",
       batch_id as "batchId", document
     from dataset_record where dataset_id = $1 order by received_at desc limit $2`,
    [datasetId, limit],
  );
  return found.map(toRow);
}
