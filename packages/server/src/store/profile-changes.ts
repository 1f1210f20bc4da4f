import { bucketOf, type JsonValue } from '@headrace/core';
import type { Trx } from './database.ts';

export type FieldChange = {
  /** JSON pointer. */
  readonly path: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
};

export type HistoryEntry = {
  readonly profileId: string;
  /** Of the document after the change. */
  readonly version: number;
  readonly kind: 'changed' | 'merged' | 'split';
  readonly changes: readonly FieldChange[];
};

/** Adds to the history of profiles that existed before. */
export async function insertProfileChanges(
  trx: Trx,
  changes: readonly HistoryEntry[],
  now: Date,
): Promise<void> {
  if (changes.length === 0) return;
  await trx.query(
    `insert into profile_change (bucket, profile_id, version, at, kind, changes)
     select bucket, profile_id, version, $6, kind, changes::jsonb
     from unnest($1::smallint[], $2::uuid[], $3::bigint[], $4::text[], $5::text[])
       as change (bucket, profile_id, version, kind, changes)`,
    [
      changes.map((change) => bucketOf(change.profileId)),
      changes.map((change) => change.profileId),
      changes.map((change) => change.version),
      changes.map((change) => change.kind),
      changes.map((change) => JSON.stringify(change.changes)),
      now,
    ],
  );
}
