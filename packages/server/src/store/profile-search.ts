import { bucketCount, bucketOf, type Identity, type JsonObject, type JsonValue } from '@headrace/core';
import { type Db, maybeRow, rows } from './database.ts';
import { countProfiles } from './profiles.ts';

export type ProfileSummary = {
  readonly profileId: string;
  /** `person.name` of the document; null where it has none. */
  readonly name: JsonValue;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};
const summaryColumns = `profile_id as "profileId", document #> '{person,name}' as name, created_at as "createdAt",
  updated_at as "updatedAt"`;

/** Identities that begin with a text, in order, at most `limit` of each namespace. */
export function findIdentitiesByPrefix(
  db: Db,
  prefixes: readonly { readonly namespace: string; readonly prefix: string }[],
  limit: number,
): Promise<(Identity & { readonly profileId: string })[]> {
  // The range is what the index on ("C" order) can walk; every text that begins with the prefix lies in it.
  return rows(
    db,
    `select i.namespace, i.value, i.profile_id as "profileId"
     from unnest($1::text[], $2::text[]) as wanted (namespace, prefix)
     cross join lateral (
       select namespace, value, profile_id from identity
       where namespace = wanted.namespace and value >= wanted.prefix and value < wanted.prefix || chr(1114111)
       order by value limit $3
     ) as i`,
    [prefixes.map(({ namespace }) => namespace), prefixes.map(({ prefix }) => prefix), limit],
  );
}

/** Profiles in the order of the primary key (bucket, then profile id). */
export function readProfilePage(
  db: Db,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<ProfileSummary[]> {
  return rows(
    db,
    `select ${summaryColumns} from profile where (bucket, profile_id) > ($1, $2)
     order by bucket, profile_id limit $3`,
    [...placeOf(page.after), page.limit],
  );
}

/** Those of the given profiles that exist. */
export async function readProfileSummaries(
  db: Db,
  profileIds: readonly string[],
): Promise<Map<string, ProfileSummary>> {
  const found = await rows<ProfileSummary>(
    db,
    `select ${summaryColumns}
     from profile join unnest($1::smallint[], $2::uuid[]) as wanted (bucket, profile_id) using (bucket, profile_id)`,
    [profileIds.map(bucketOf), profileIds],
  );
  return new Map(found.map((summary) => [summary.profileId, summary]));
}

/** Documents in the order of the primary key. */
export function readDocumentPage(
  db: Db,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<(ProfileSummary & { readonly document: JsonObject })[]> {
  return rows(
    db,
    `select ${summaryColumns}, document from profile where (bucket, profile_id) > ($1, $2)
     order by bucket, profile_id limit $3`,
    [...placeOf(page.after), page.limit],
  );
}

/** Where a row lies in the table: block and position. */
export type RowPlace = { readonly block: number; readonly position: number };

/** Blocks of the table of profiles. */
export async function countProfileBlocks(db: Db): Promise<number> {
  const row = await maybeRow<{ blocks: number }>(
    db,
    "select pg_relation_size('profile') / current_setting('block_size')::bigint as blocks",
  );
  return row?.blocks ?? 0;
}

/**
 * Profiles in some blocks of the table, behind a place, whose name may hold all of the words: a superset, because
 * PostgreSQL folds case and accents otherwise than JavaScript does, so names beyond ASCII are left to the caller.
 * Blocks are read in the order they lie in: half the time of the order of a key while the table is in memory, and no
 * random reads where it is not.
 */
export async function findNamesInBlocks(
  db: Db,
  range: { readonly after: RowPlace; readonly endBlock: number; readonly words: readonly string[] },
): Promise<{
  readonly profilesRead: number;
  readonly candidates: readonly (ProfileSummary & { readonly place: RowPlace })[];
}> {
  const found = await rows<{ profilesRead: number; candidates: readonly StoredCandidate[] }>(
    db,
    `with page as materialized (
       select ctid as place, profile_id, (document #> '{person,name}')::text as name, created_at, updated_at
       from profile where ctid > $1::tid and ctid < $2::tid
     )
     select count(*) as "profilesRead", coalesce(
       jsonb_agg(jsonb_build_array(place, profile_id, name, created_at, updated_at) order by place)
         filter (where octet_length(name) <> length(name) or name ilike all($3)), '[]') as candidates
     from page`,
    [tidOf(range.after), tidOf({ block: range.endBlock, position: 0 }), range.words.map(likePattern)],
  );
  const [{ profilesRead, candidates } = { profilesRead: 0, candidates: [] }] = found;
  return {
    profilesRead,
    candidates: candidates.map(([place, profileId, name, createdAt, updatedAt]) => {
      const [block = 0, position = 0] = place.slice(1, -1).split(',').map(Number);
      return {
        place: { block, position },
        profileId,
        name: JSON.parse(name),
        createdAt: new Date(createdAt),
        updatedAt: new Date(updatedAt),
      };
    }),
  };
}

type StoredCandidate = readonly [
  place: string,
  profileId: string,
  name: string,
  createdAt: string,
  updatedAt: string,
];

const tidOf = ({ block, position }: RowPlace): string => `(${block},${position})`;

/** The text stands in JSON, where quotes and backslashes are written otherwise. */
const likePattern = (word: string): string => `%${word.replaceAll(/["\\]+/g, '%').replaceAll('_', '\\_')}%`;

/** From about this many on, profiles are not counted one by one. */
const countedExactly = 1_000_000;
/** Buckets of the sample: a fair one, because a profile's bucket is random. */
const sampledBuckets = 256;

/**
 * How many profiles there are: exact up to about a million, else from a sample of 1/16 of the buckets, with a
 * standard error of 0.4 % at a million and 0.2 % at 5 million.
 */
export async function countProfilesFast(db: Db): Promise<{ count: number; isEstimate: boolean }> {
  const sample = await maybeRow<{ count: number }>(
    db,
    'select count(*) as count from profile where bucket < $1',
    [sampledBuckets],
  );
  const estimate = (sample?.count ?? 0) * (bucketCount / sampledBuckets);
  return estimate > countedExactly
    ? { count: estimate, isEstimate: true }
    : { count: await countProfiles(db), isEstimate: false };
}

/** Bucket and profile id that a page begins behind. */
const placeOf = (after: string | undefined): [number, string] =>
  after === undefined ? [-1, '00000000-0000-0000-0000-000000000000'] : [bucketOf(after), after];
