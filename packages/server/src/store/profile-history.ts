import { bucketOf, type JsonObject, type JsonValue } from '@headrace/core';
import { type Db, maybeRow, rows } from './database.ts';

export type ProfileVersion = {
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

export function readProfileVersion(db: Db, profileId: string): Promise<ProfileVersion | undefined> {
  return maybeRow(
    db,
    `select version, created_at as "createdAt", updated_at as "updatedAt"
     from profile where bucket = $1 and profile_id = $2`,
    [bucketOf(profileId), profileId],
  );
}

export type StoredChange = {
  readonly version: number;
  readonly at: Date;
  readonly kind: 'changed' | 'merged' | 'split';
  readonly changes: readonly {
    readonly path: string;
    readonly before?: JsonValue;
    readonly after?: JsonValue;
    readonly cut?: boolean;
  }[];
};

/** Changes of a profile, newest first, behind a version. */
export function readProfileChanges(
  db: Db,
  page: { readonly profileId: string; readonly after: number | undefined; readonly limit: number },
): Promise<StoredChange[]> {
  return rows(
    db,
    `select version, at, kind, changes from profile_change
     where bucket = $1 and profile_id = $2 and ($3::bigint is null or version < $3)
     order by version desc limit $4`,
    [bucketOf(page.profileId), page.profileId, page.after ?? null, page.limit],
  );
}

/** Names an event in a timeline. */
export type EventPlace = { readonly at: Date; readonly datasetId: string; readonly eventId: string };

export type TimelineEvent = EventPlace & {
  readonly namespace: string;
  readonly value: string;
  readonly batchId: string | null;
  readonly document: JsonObject;
};

/** Events of a profile, newest first, behind a place. */
export function readProfileEvents(
  db: Db,
  page: {
    readonly profileId: string;
    readonly datasetId: string | undefined;
    readonly eventType: string | undefined;
    readonly from: Date | undefined;
    readonly to: Date | undefined;
    readonly after: EventPlace | undefined;
    readonly limit: number;
  },
): Promise<TimelineEvent[]> {
  return rows(
    db,
    `select at, dataset_id as "datasetId", event_id as "eventId", namespace, value, batch_id as "batchId", document
     from profile_event
     where bucket = $1 and profile_id = $2 and ($3::uuid is null or dataset_id = $3)
       and ($4::text is null or document ->> 'eventType' = $4)
       and at >= coalesce($5, '-infinity'::timestamptz) and at < coalesce($6, 'infinity'::timestamptz)
       and ($7::timestamptz is null or (at, dataset_id, event_id) < ($7, $8::uuid, $9))
     order by at desc, dataset_id desc, event_id desc limit $10`,
    [
      bucketOf(page.profileId),
      page.profileId,
      page.datasetId ?? null,
      page.eventType ?? null,
      page.from ?? null,
      page.to ?? null,
      page.after?.at ?? null,
      page.after?.datasetId ?? null,
      page.after?.eventId ?? '',
      page.limit,
    ],
  );
}
