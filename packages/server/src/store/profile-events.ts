import { bucketOf, type Identity, type JsonObject, type PlacedFragment } from '@headrace/core';
import { bareArray } from './array-parameters.ts';
import { type Db, maybeRow, preparedRows, rows, type Trx } from './database.ts';
import { keyColumns, keyRows, sameKey } from './profile-fragments.ts';

export type StoredEvent = {
  readonly profileId: string;
  readonly datasetId: string;
  readonly eventId: string;
  readonly at: Date;
  readonly primary: Identity;
  readonly batchId: string | null;
  readonly document: JsonObject;
};

/**
 * Adds events. One with the id and time of another replaces it if its text is the greater, so that the order of
 * arrival does not matter; the same event twice is one.
 */
export async function insertEvents(trx: Trx, events: readonly StoredEvent[]): Promise<void> {
  if (events.length === 0) return;
  await trx.query(
    `insert into profile_event as e
       (bucket, profile_id, dataset_id, event_id, at, namespace, value, batch_id, document)
     select distinct on (bucket, profile_id, dataset_id, event_id, at)
       bucket, profile_id, dataset_id, event_id, at, namespace, value, batch_id, document::jsonb
     from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[], $7::text[],
       $8::uuid[], $9::text[])
       as event (bucket, profile_id, dataset_id, event_id, at, namespace, value, batch_id, document)
     order by bucket, profile_id, dataset_id, event_id, at, (document::jsonb)::text collate "C" desc
     on conflict (bucket, profile_id, dataset_id, event_id, at) do update
     set namespace = excluded.namespace, value = excluded.value, batch_id = excluded.batch_id,
       document = excluded.document
     where (excluded.document::text collate "C") > (e.document::text collate "C")`,
    [
      events.map((event) => bucketOf(event.profileId)),
      events.map((event) => event.profileId),
      events.map((event) => event.datasetId),
      events.map((event) => event.eventId),
      events.map((event) => event.at),
      events.map((event) => event.primary.namespace),
      events.map((event) => event.primary.value),
      events.map((event) => event.batchId),
      events.map((event) => JSON.stringify(event.document)),
    ],
  );
}

/**
 * Moves the events of fragments that go to another profile. Several profiles may have had an event of one id and time:
 * the greater text stays, as in `insertEvents`. Sorting them ends the deletion before the first is inserted.
 */
export async function moveEvents(
  trx: Trx,
  fragments: readonly (PlacedFragment & { readonly from: string })[],
): Promise<void> {
  const moved = fragments.filter(hasEvents);
  if (moved.length === 0) return;
  await trx.query(
    `with gone as (
       delete from profile_event e
       using unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::smallint[], $7::uuid[])
         as k (bucket, profile_id, dataset_id, namespace, value, into_bucket, into_id)
       where ${sameKey('e')}
       returning k.into_bucket, k.into_id, e.*
     )
     insert into profile_event as e
       (bucket, profile_id, dataset_id, event_id, at, namespace, value, batch_id, document)
     select distinct on (into_id, dataset_id, event_id, at)
       into_bucket, into_id, dataset_id, event_id, at, namespace, value, batch_id, document
     from gone
     order by into_id, dataset_id, event_id, at, document::text collate "C" desc, namespace, value
     on conflict (bucket, profile_id, dataset_id, event_id, at) do update
     set namespace = excluded.namespace, value = excluded.value, batch_id = excluded.batch_id,
       document = excluded.document
     where (excluded.document::text collate "C") > (e.document::text collate "C")`,
    [
      ...keyColumns(moved.map(({ from, fragment }) => ({ profileId: from, fragment }))),
      moved.map(({ profileId }) => bucketOf(profileId)),
      moved.map(({ profileId }) => profileId),
    ],
  );
}

/**
 * Events of profiles for rules: profile id → documents, in no order.
 * @param fields what is read of each document, its own keys; undefined: all.
 * @param since older ones are left out.
 */
export async function readEventsForRules(
  db: Db,
  profileIds: readonly string[],
  fields: readonly string[] | undefined,
  since: Date | undefined,
): Promise<Map<string, JsonObject[]>> {
  const found = await preparedRows<{ profileId: string; events: JsonObject[] }>(
    db,
    `select e.profile_id as "profileId", json_agg(
       case when $3::text[] is null then e.document else (
         select coalesce(jsonb_object_agg(field, e.document->field), '{}')
         from unnest($3::text[]) as field where e.document ? field) end) as events
     from unnest($1::smallint[], $2::uuid[]) as wanted (bucket, profile_id)
     join profile_event e using (bucket, profile_id)
     where $4::timestamptz is null or e.at >= $4
     group by e.bucket, e.profile_id`,
    [bareArray(profileIds.map(bucketOf)), bareArray(profileIds), fields ?? null, since ?? null],
  );
  return new Map(found.map(({ profileId, events }) => [profileId, events]));
}

/** Removes the events of fragments. */
export async function deleteEventsOf(trx: Trx, fragments: readonly PlacedFragment[]): Promise<void> {
  const placed = fragments.filter(hasEvents);
  if (placed.length === 0) return;
  await trx.query(`delete from profile_event e using ${keyRows} where ${sameKey('e')}`, keyColumns(placed));
}

/** How many events a profile has. */
export async function countEventsOf(db: Db, profileId: string): Promise<number> {
  const counted = await maybeRow<{ count: number }>(
    db,
    'select count(*) as count from profile_event where bucket = $1 and profile_id = $2',
    [bucketOf(profileId), profileId],
  );
  return counted?.count ?? 0;
}

/** Fragments of event datasets are of no single record. Others need not be looked for in every partition. */
const hasEvents = ({ fragment }: PlacedFragment): boolean => fragment.recordId === '';

/**
 * Deletes events of a dataset that happened before an instant, from one partition.
 * @returns whose they were, once for each; `limit` when there may be more.
 */
export async function deleteEventsBefore(
  trx: Trx,
  partition: string,
  datasetId: string,
  before: Date,
  limit: number,
): Promise<string[]> {
  // By place in the one partition: a limit on the whole table would have to look through all of them.
  const deleted = await rows<{ profileId: string }>(
    trx,
    `delete from ${partition} where ctid = any(array(
       select ctid from ${partition} where dataset_id = $1 and at < $2 limit $3))
     returning profile_id as "profileId"`,
    [datasetId, before, limit],
  );
  return deleted.map(({ profileId }) => profileId);
}
