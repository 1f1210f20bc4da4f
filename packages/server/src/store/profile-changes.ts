import { bucketOf, type JsonValue } from '@headrace/core';
import { bareArray, jsonLines } from './array-parameters.ts';
import { preparedRows, type Trx } from './database.ts';

export type FieldChange = {
  /** JSON pointer. */
  readonly path: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
  /** Its values were too large to keep. */
  readonly cut?: boolean;
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
  await preparedRows(
    trx,
    `insert into profile_change (bucket, profile_id, version, at, kind, changes)
     select bucket, profile_id, version, $6, kind, changes::jsonb
     from unnest($1::smallint[], $2::uuid[], $3::bigint[], $4::text[],
       string_to_array($5, E'\\n'))
       as change (bucket, profile_id, version, kind, changes)`,
    [
      bareArray(changes.map(({ profileId }) => bucketOf(profileId))),
      bareArray(changes.map(({ profileId }) => profileId)),
      bareArray(changes.map(({ version }) => version)),
      bareArray(changes.map(({ kind }) => kind)),
      jsonLines(changes.map((entry) => entry.changes)),
      now,
    ],
  );
}
