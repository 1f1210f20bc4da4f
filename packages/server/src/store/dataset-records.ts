import { type BucketRange, bucketOfText, type Identity, identityKey, type JsonObject } from '@headrace/core';
import { type Db, rows, type Trx } from './database.ts';

/** A record of a dataset that is not enabled for Profile. */
export type KeptRecord = {
  readonly primary: Identity;
  readonly recordId: string;
  readonly stamp: Date;
  readonly receivedAt: Date;
  /** Null when it was streamed. */
  readonly batchId: string | null;
  readonly document: JsonObject;
};

/**
 * Keeps records: of each primary identity and record id the newest by stamp, then the one whose text is the
 * greater, so that the order of arrival does not matter.
 */
export async function keepRecords(
  trx: Trx,
  records: readonly (KeptRecord & { readonly datasetId: string })[],
): Promise<void> {
  if (records.length === 0) return;
  await trx.query(
    `insert into dataset_record as r
       (bucket, dataset_id, namespace, value, record_id, stamp, received_at, batch_id, document)
     select distinct on (bucket, dataset_id, namespace, value, record_id)
       bucket, dataset_id, namespace, value, record_id, stamp, received_at, batch_id, document::jsonb
     from unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
       $7::timestamptz[], $8::uuid[], $9::text[])
       as kept (bucket, dataset_id, namespace, value, record_id, stamp, received_at, batch_id, document)
     order by bucket, dataset_id, namespace, value, record_id, stamp desc,
       (document::jsonb)::text collate "C" desc
     on conflict (bucket, dataset_id, namespace, value, record_id) do update
     set stamp = excluded.stamp, received_at = excluded.received_at, batch_id = excluded.batch_id,
       document = excluded.document
     where (excluded.stamp, excluded.document::text collate "C") > (r.stamp, r.document::text collate "C")`,
    [
      records.map(bucketOfRecord),
      records.map(({ datasetId }) => datasetId),
      records.map(({ primary }) => primary.namespace),
      records.map(({ primary }) => primary.value),
      records.map(({ recordId }) => recordId),
      records.map(({ stamp }) => stamp),
      records.map(({ receivedAt }) => receivedAt),
      records.map(({ batchId }) => batchId),
      records.map(({ document }) => JSON.stringify(document)),
    ],
  );
}

/** Records kept of a dataset whose primary identity falls into some buckets. */
export async function readKeptRecords(
  db: Db,
  datasetId: string,
  { firstBucket, lastBucket }: BucketRange,
): Promise<KeptRecord[]> {
  const found = await rows<Omit<KeptRecord, 'primary'> & Identity>(
    db,
    `select namespace, value, record_id as "recordId", stamp, received_at as "receivedAt",
       batch_id as "batchId", document
     from dataset_record where dataset_id = $1 and bucket between $2 and $3
     order by namespace, value, record_id`,
    [datasetId, firstBucket, lastBucket],
  );
  return found.map(({ namespace, value, ...record }) => ({ ...record, primary: { namespace, value } }));
}

/** Forgets records that are part of profiles from now on. */
export async function forgetKeptRecords(
  trx: Trx,
  datasetId: string,
  records: readonly Pick<KeptRecord, 'primary' | 'recordId'>[],
): Promise<void> {
  if (records.length === 0) return;
  await trx.query(
    `delete from dataset_record r
     using unnest($2::smallint[], $3::text[], $4::text[], $5::text[]) as gone (bucket, namespace, value, record_id)
     where r.dataset_id = $1 and r.bucket = gone.bucket and r.namespace = gone.namespace
       and r.value = gone.value and r.record_id = gone.record_id`,
    [
      datasetId,
      records.map(bucketOfRecord),
      records.map(({ primary }) => primary.namespace),
      records.map(({ primary }) => primary.value),
      records.map(({ recordId }) => recordId),
    ],
  );
}

/** Deletes what is kept of a dataset in a range of buckets. @returns how many records. */
export async function deleteKeptRecords(
  trx: Trx,
  datasetId: string,
  range: BucketRange & { readonly before?: Date },
): Promise<number> {
  const deleted = await trx.query(
    `delete from dataset_record
     where dataset_id = $1 and bucket between $2 and $3 and ($4::timestamptz is null or stamp < $4)`,
    [datasetId, range.firstBucket, range.lastBucket, range.before ?? null],
  );
  return deleted.rowCount ?? 0;
}

/** Deletes what any dataset keeps under some primary identities. */
export async function deleteKeptRecordsOf(trx: Trx, identities: readonly Identity[]): Promise<void> {
  await trx.query(
    `delete from dataset_record r
     using dataset d, unnest($1::smallint[], $2::text[], $3::text[]) as gone (bucket, namespace, value)
     where r.dataset_id = d.dataset_id and r.bucket = gone.bucket and r.namespace = gone.namespace
       and r.value = gone.value`,
    [
      identities.map((primary) => bucketOfRecord({ primary })),
      identities.map(({ namespace }) => namespace),
      identities.map(({ value }) => value),
    ],
  );
}

const bucketOfRecord = ({ primary }: Pick<KeptRecord, 'primary'>): number =>
  bucketOfText(identityKey(primary));
