import { bucketOf, type FragmentLink, firstIdentities } from '@headrace/core';
import { bareArray } from './array-parameters.ts';
import { type Db, preparedRows } from './database.ts';

/** The first identity of each namespace (see `firstIdentities`): profile id → namespace → value. */
export async function readFirstIdentities(
  db: Db,
  profileIds: readonly string[],
): Promise<Map<string, ReadonlyMap<string, string>>> {
  const found = await preparedRows<{ profileId: string; links: readonly FragmentLink[] }>(
    db,
    `select f.profile_id as "profileId", f.identities as links
     from profile_fragment f
     join unnest($1::smallint[], $2::uuid[]) as wanted (bucket, profile_id) using (bucket, profile_id)`,
    [bareArray(profileIds.map(bucketOf)), bareArray(profileIds)],
  );
  return new Map(
    [...Map.groupBy(found, ({ profileId }) => profileId)].map(([profileId, fragments]) => [
      profileId,
      firstIdentities(fragments),
    ]),
  );
}
