import { bucketOf, type JsonObject } from '@headrace/core';
import type { Trx } from './database.ts';

export type StoredEvent = {
  readonly profileId: string;
  readonly datasetId: string;
  readonly eventId: string;
  readonly at: Date;
  readonly document: JsonObject;
};

/** Adds events; one that is there already, by its id, stays as it is. */
export async function insertEvents(trx: Trx, events: readonly StoredEvent[]): Promise<void> {
  if (events.length === 0) return;
  await trx.query(
    `insert into profile_event (bucket, profile_id, dataset_id, event_id, at, document)
     select bucket, profile_id, dataset_id, event_id, at, document::jsonb
     from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[])
       as event (bucket, profile_id, dataset_id, event_id, at, document)
     on conflict (bucket, profile_id, dataset_id, event_id) do nothing`,
    [
      events.map((event) => bucketOf(event.profileId)),
      events.map((event) => event.profileId),
      events.map((event) => event.datasetId),
      events.map((event) => event.eventId),
      events.map((event) => event.at),
      events.map((event) => JSON.stringify(event.document)),
    ],
  );
}
