import { bucketOf } from '@headrace/core';
import { preparedRows, type Trx } from './database.ts';
import type { SentHashes } from './delivery-claims.ts';
import { leftIdOf } from './left-records.ts';

/** A profile that goes on in a record. */
export type GoingOn = { readonly profileId: string; readonly recordId: string };

/**
 * What a dataflow told records for others than who goes on in them: for profiles that were merged into theirs, and for
 * whoever left them behind.
 * @returns profile id → what its record was told; null where that may be anything. None where nobody told it anything.
 */
export async function readToldBefore(
  trx: Trx,
  { dataflowId, object }: { readonly dataflowId: string; readonly object: string },
  going: readonly GoingOn[],
): Promise<Map<string, SentHashes | null>> {
  const recordOf = new Map(going.map(({ profileId, recordId }) => [profileId, recordId]));
  const profileIds = [...recordOf.keys()];
  const merged = await preparedRows<{ profileId: string; writtenBy: string }>(
    trx,
    `select distinct f.profile_id as "profileId", f.origin_id as "writtenBy"
     from unnest($1::smallint[], $2::uuid[]) as p (bucket, profile_id) join profile_fragment f using (bucket, profile_id)
     where f.origin_id <> f.profile_id`,
    [profileIds.map(bucketOf), profileIds],
  );
  const left = going.map(({ profileId, recordId }) => ({
    profileId,
    writtenBy: leftIdOf({ object, recordId }),
  }));
  const writers = [...merged, ...left];
  const found = await preparedRows<{ profileId: string; sent: SentHashes | null }>(
    trx,
    `select w.profile_id as "profileId", e.sent
     from unnest($3::uuid[], $4::smallint[], $5::uuid[], $6::text[]) as w (profile_id, bucket, written_by, record_id),
       lateral (select record_id, object, sent from export_state
         where bucket = w.bucket and dataflow_id = $1 and profile_id = w.written_by limit 1) as e
     where e.record_id = w.record_id and e.object = $2`,
    [
      dataflowId,
      object,
      writers.map(({ profileId }) => profileId),
      writers.map(({ writtenBy }) => bucketOf(writtenBy)),
      writers.map(({ writtenBy }) => writtenBy),
      writers.map(({ profileId }) => recordOf.get(profileId)),
    ],
  );
  return new Map(
    [...Map.groupBy(found, ({ profileId }) => profileId)].map(([profileId, rows]) => [
      profileId,
      rows.some(({ sent }) => sent === null) ? null : Object.assign({}, ...rows.map(({ sent }) => sent)),
    ]),
  );
}
