import { bucketOf, type JsonValue } from '@headrace/core';
import type { Trx } from './database.ts';

export type FieldChange = {
  /** JSON pointer. */
  readonly path: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
  /** Its values were too large to keep. */
  readonly cut?: boolean;
};

/** Adds to the history of profiles that exist; the version is the one just written. */
export async function insertProfileChanges(
  trx: Trx,
  changes: readonly {
    readonly profileId: string;
    readonly kind: 'changed' | 'merged' | 'split';
    readonly changes: readonly FieldChange[];
  }[],
  now: Date,
): Promise<void> {
  if (changes.length === 0) return;
  await trx.query(
    `insert into profile_change (bucket, profile_id, version, at, kind, changes)
     select c.bucket, c.profile_id, p.version, $5, c.kind, c.changes::jsonb
     from unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[]) as c (bucket, profile_id, kind, changes)
     join profile p on p.bucket = c.bucket and p.profile_id = c.profile_id`,
    [
      changes.map((change) => bucketOf(change.profileId)),
      changes.map((change) => change.profileId),
      changes.map((change) => change.kind),
      changes.map((change) => JSON.stringify(change.changes)),
      now,
    ],
  );
}
