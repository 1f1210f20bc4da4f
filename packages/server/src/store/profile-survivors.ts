import { type Db, rows } from './database.ts';

/**
 * Of profiles that are no more those that were merged, with the profile that goes on: the one that most of their
 * fragments went to. Without an entry for profiles that ended otherwise.
 */
export async function findSurvivors(
  db: Db,
  profileIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (profileIds.length === 0) return new Map();
  const found = await rows<{ mergedId: string; survivorId: string }>(
    db,
    `select distinct on (origin_id) origin_id as "mergedId", profile_id as "survivorId"
     from profile_fragment
     where origin_id = any($1) and origin_id <> profile_id
     group by origin_id, profile_id
     order by origin_id, count(*) desc, profile_id`,
    [profileIds],
  );
  return new Map(found.map(({ mergedId, survivorId }) => [mergedId, survivorId]));
}
