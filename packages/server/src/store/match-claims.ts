import { bucketOf, compareText } from '@headrace/core';
import { maybeRow, preparedRows, type Trx, together } from './database.ts';
import type { ExportKey } from './export-marks.ts';

export type MatchClaim = {
  readonly profileId: string;
  readonly recordId: string | null;
  /** Another dataflow of the account is writing under the key at this moment. */
  readonly isBusy: boolean;
};
type ClaimScope = { readonly accountId: string; readonly object: string };

/**
 * Claims match keys for profiles, first come first served.
 * @returns who holds each key now: match key → holder and, where known, the record kept for it.
 */
export async function claimMatchKeys(
  trx: Trx,
  scope: ClaimScope & { readonly dataflowId: string },
  wanted: readonly { readonly matchKey: string; readonly profileId: string }[],
  now: Date,
): Promise<Map<string, MatchClaim>> {
  if (wanted.length === 0) return new Map();
  // One order for everyone, so that two workers inserting the same keys do not wait in a ring.
  const ordered = wanted.toSorted((a, b) => compareText(a.matchKey, b.matchKey));
  const keys = ordered.map((claim) => claim.matchKey);
  const claimed = preparedRows(
    trx,
    `insert into match_claim (account_id, object, match_key, bucket, profile_id, claimed_at)
     select $1, $2, match_key, bucket, profile_id, $6
     from unnest($3::text[], $4::smallint[], $5::uuid[]) as wanted (match_key, bucket, profile_id)
     on conflict (account_id, object, match_key) do nothing`,
    [
      scope.accountId,
      scope.object,
      keys,
      ordered.map((claim) => bucketOf(claim.profileId)),
      ordered.map((claim) => claim.profileId),
      now,
    ],
  );
  const read = preparedRows<{ matchKey: string } & MatchClaim>(
    trx,
    `select c.match_key as "matchKey", c.profile_id as "profileId", c.record_id as "recordId",
       exists (
         select from export_state e join dataflow d using (dataflow_id)
         where e.bucket = c.bucket and e.profile_id = c.profile_id and e.match_key = c.match_key
           and e.in_flight is not null and e.dataflow_id <> $4 and d.account_id = $1
       ) as "isBusy"
     from match_claim c where c.account_id = $1 and c.object = $2 and c.match_key = any($3)`,
    [scope.accountId, scope.object, keys, scope.dataflowId],
  );
  const [, holders] = await together(claimed, read);
  return new Map(holders.map(({ matchKey, ...claim }) => [matchKey, claim]));
}

/**
 * Which of the given profiles have nothing to do with an account any more: members nowhere, nothing pending, no
 * record that is about to be deleted with the person.
 */
export async function findIdleProfiles(
  trx: Trx,
  accountId: string,
  profileIds: readonly string[],
): Promise<Set<string>> {
  const idle = await preparedRows<{ profileId: string }>(
    trx,
    `select p.profile_id as "profileId" from unnest($2::smallint[], $3::uuid[]) as p (bucket, profile_id)
     where not exists (
       select from export_state e join dataflow d using (dataflow_id)
       where e.bucket = p.bucket and e.profile_id = p.profile_id and d.account_id = $1
         and (e.member or e.status = 'pending'))
       and not exists (
         select from profile_deletion r where r.finished_at is null
           and (r.profile_id = p.profile_id or p.profile_id = any(r.former_profile_ids)))`,
    [accountId, profileIds.map(bucketOf), profileIds],
  );
  return new Set(idle.map(({ profileId }) => profileId));
}

/**
 * Profiles that wait for each other's keys in a ring: the first wants `want.matchKey`, whose holder waits for another
 * key, and so on until a key that the first holds. Undefined when there is none, or a longer one.
 */
export async function findWaitingRing(
  trx: Trx,
  scope: ClaimScope & { readonly dataflowId: string },
  want: { readonly matchKey: string; readonly profileId: string },
  longest: number,
): Promise<{ matchKey: string; profileId: string }[] | undefined> {
  const ring = [want];
  for (let { matchKey } = want; ring.length <= longest; ) {
    const next = await maybeRow<{ profileId: string; matchKey: string | null }>(
      trx,
      `select c.profile_id as "profileId", e.match_key as "matchKey"
       from match_claim c
       left join export_state e on e.bucket = c.bucket and e.dataflow_id = $4 and e.profile_id = c.profile_id
         and e.member and e.status = 'excluded' and e.code = 'match_key_held' and e.match_key <> c.match_key
       where c.account_id = $1 and c.object = $2 and c.match_key = $3`,
      [scope.accountId, scope.object, matchKey, scope.dataflowId],
    );
    if (next === undefined) return undefined;
    if (next.profileId === want.profileId) return ring.length > 1 ? ring : undefined;
    if (next.matchKey === null || ring.some(({ profileId }) => profileId === next.profileId))
      return undefined;
    matchKey = next.matchKey;
    ring.push({ profileId: next.profileId, matchKey });
  }
  return undefined;
}

/** Gives keys to other profiles, with the records kept for them. */
export async function giveMatchKeys(
  trx: Trx,
  scope: ClaimScope,
  given: readonly { readonly matchKey: string; readonly profileId: string }[],
): Promise<void> {
  await preparedRows(
    trx,
    `update match_claim c set bucket = g.bucket, profile_id = g.profile_id
     from unnest($3::text[], $4::smallint[], $5::uuid[]) as g (match_key, bucket, profile_id)
     where c.account_id = $1 and c.object = $2 and c.match_key = g.match_key`,
    [
      scope.accountId,
      scope.object,
      given.map(({ matchKey }) => matchKey),
      given.map(({ profileId }) => bucketOf(profileId)),
      given.map(({ profileId }) => profileId),
    ],
  );
}

/** Gives the keys of a ring to who waits for them. Each record stays with its profile, under the profile's new key. */
export async function exchangeMatchKeys(
  trx: Trx,
  scope: ClaimScope,
  ring: readonly { readonly matchKey: string; readonly profileId: string }[],
): Promise<void> {
  const keys = [scope.accountId, scope.object, ring.map(({ matchKey }) => matchKey)];
  const held = await preparedRows<{ profileId: string; recordId: string | null }>(
    trx,
    `select profile_id as "profileId", record_id as "recordId" from match_claim
     where account_id = $1 and object = $2 and match_key = any($3)`,
    keys,
  );
  const records = new Map(held.map(({ profileId, recordId }) => [profileId, recordId]));
  // For the moment in between, a record would be kept under two keys.
  await preparedRows(
    trx,
    `update match_claim set record_id = null where account_id = $1 and object = $2 and match_key = any($3)`,
    keys,
  );
  await preparedRows(
    trx,
    `update match_claim c set bucket = g.bucket, profile_id = g.profile_id, record_id = g.record_id
     from unnest($3::text[], $4::smallint[], $5::uuid[], $6::text[]) as g (match_key, bucket, profile_id, record_id)
     where c.account_id = $1 and c.object = $2 and c.match_key = g.match_key`,
    [
      ...keys,
      ring.map(({ profileId }) => bucketOf(profileId)),
      ring.map(({ profileId }) => profileId),
      ring.map(({ profileId }) => records.get(profileId) ?? null),
    ],
  );
}

/**
 * Writes down which record is kept for each key, and lets go of earlier keys of the same record: the record
 * moved on with its profile, so another profile may take the old key.
 * @returns the keys let go.
 */
export async function recordMatchClaims(
  trx: Trx,
  scope: ClaimScope,
  kept: readonly { readonly matchKey: string; readonly profileId: string; readonly recordId: string }[],
): Promise<string[]> {
  if (kept.length === 0) return [];
  const columns = [
    scope.accountId,
    scope.object,
    kept.map((claim) => claim.matchKey),
    kept.map((claim) => bucketOf(claim.profileId)),
    kept.map((claim) => claim.profileId),
    kept.map((claim) => claim.recordId),
  ];
  // First: a record is kept under one key at a time. A key without a record stays while one is being made for it, as
  // by a profile that was merged into this one.
  const letGo = preparedRows<{ matchKey: string }>(
    trx,
    `with former as materialized (
       select c.row_id
       from unnest($3::text[], $4::smallint[], $5::uuid[], $6::text[]) as k (match_key, bucket, profile_id, record_id),
         lateral (select ctid as row_id, * from match_claim
           where bucket = k.bucket and profile_id = k.profile_id offset 0) as c
       where c.account_id = $1 and c.object = $2 and c.match_key <> k.match_key
         and (c.record_id = k.record_id
           or c.record_id is null and c.match_key <> all ($3::text[]) and not exists (
             select from export_state e join dataflow d using (dataflow_id)
             where d.account_id = $1 and e.object = $2 and e.match_key = c.match_key and e.in_flight is not null)))
     delete from match_claim c using former where c.ctid = former.row_id
     returning c.match_key as "matchKey"`,
    columns,
  );
  const keeping = preparedRows(
    trx,
    `with kept as materialized (
       select c.row_id, k.record_id
       from unnest($3::text[], $4::smallint[], $5::uuid[], $6::text[]) as k (match_key, bucket, profile_id, record_id),
         lateral (select ctid as row_id, record_id, profile_id from match_claim
           where account_id = $1 and object = $2 and match_key = k.match_key limit 1) as c
       where c.record_id is distinct from k.record_id and (c.record_id is null or c.profile_id = k.profile_id))
     update match_claim c set record_id = kept.record_id from kept where c.ctid = kept.row_id`,
    columns,
  );
  const [released] = await together(letGo, keeping);
  return released.map((claim) => claim.matchKey);
}

/** Forgets records that are gone, under whatever key they were kept; the profiles keep their keys. */
export async function forgetRecords(
  trx: Trx,
  scope: ClaimScope,
  recordIds: readonly string[],
): Promise<void> {
  if (recordIds.length === 0) return;
  await preparedRows(
    trx,
    `update match_claim set record_id = null
     where account_id = $1 and object = $2 and record_id = any($3)`,
    [scope.accountId, scope.object, recordIds],
  );
}

/** A record that is kept for a profile but written no longer. */
export type SupersededRecord = {
  readonly recordId: string;
  /** Of the row that tells it that its person has left; null where there is none. */
  readonly status: 'pending' | 'exited' | null;
  /** `record_superseded` once it is told; else of what failed, or why it waits. */
  readonly code: string | null;
  readonly message: string | null;
};

/**
 * SQL for the superseded records of a row `e` of export_state with its dataflow `d`, as JSON: those of profiles that
 * were merged into it, and those that it went on without, of another object too.
 */
export const supersededRecords = `(
  select coalesce(json_agg(json_build_object('recordId', c.record_id, 'status', l.status, 'code', l.code,
    'message', l.message) order by c.record_id), '[]')
  from match_claim c
  left join export_state l on l.dataflow_id = e.dataflow_id and l.left_behind and l.record_id = c.record_id
    and l.object = c.object
  where c.bucket = e.bucket and c.profile_id = e.profile_id and c.account_id = d.account_id
    and (c.object = e.object or l.profile_id is not null) and c.record_id <> e.record_id)`;

/** Who is kept in each of the given records: record id → profile id. */
export async function findRecordHolders(
  trx: Trx,
  scope: ClaimScope,
  recordIds: readonly string[],
): Promise<Map<string, string>> {
  const held = await preparedRows<{ recordId: string; profileId: string }>(
    trx,
    `select held.record_id as "recordId", c.profile_id as "profileId"
     from unnest($3::text[]) as held (record_id), lateral (
       select profile_id from match_claim
       where account_id = $1 and object = $2 and record_id = held.record_id limit 1) as c`,
    [scope.accountId, scope.object, recordIds],
  );
  return new Map(held.map((claim) => [claim.recordId, claim.profileId]));
}

/** A record that is kept for each of the given profiles: profile id → record id. */
export async function findKeptRecords(
  trx: Trx,
  scope: ClaimScope,
  profileIds: readonly string[],
): Promise<Map<string, string>> {
  const kept = await preparedRows<{ profileId: string; recordId: string }>(
    trx,
    `select p.profile_id as "profileId", min(c.record_id) as "recordId"
     from unnest($3::smallint[], $4::uuid[]) as p (bucket, profile_id), lateral (
       select * from match_claim where bucket = p.bucket and profile_id = p.profile_id offset 0) as c
     where c.account_id = $1 and c.object = $2 and c.record_id is not null
     group by p.profile_id`,
    [scope.accountId, scope.object, profileIds.map(bucketOf), profileIds],
  );
  return new Map(kept.map(({ profileId, recordId }) => [profileId, recordId]));
}

/** Members that wait for a key which one of the given profiles holds. */
export function findWaitingForProfiles(trx: Trx, profileIds: readonly string[]): Promise<ExportKey[]> {
  return preparedRows(
    trx,
    `select e.dataflow_id as "dataflowId", e.profile_id as "profileId"
     from unnest($1::smallint[], $2::uuid[]) as p (bucket, profile_id)
     join match_claim c using (bucket, profile_id)
     join dataflow d using (account_id)
     join export_state e on e.dataflow_id = d.dataflow_id and e.match_key = c.match_key
     where e.status = 'excluded' and e.member and e.code = 'match_key_held' and e.profile_id <> c.profile_id`,
    [profileIds.map(bucketOf), profileIds],
  );
}

/** Members that wait because another profile held one of these keys. */
export function findWaitingForKeys(
  trx: Trx,
  accountId: string,
  matchKeys: readonly string[],
): Promise<ExportKey[]> {
  return preparedRows(
    trx,
    `select e.dataflow_id as "dataflowId", e.profile_id as "profileId"
     from export_state e join dataflow d using (dataflow_id)
     where d.account_id = $1 and e.match_key = any($2) and e.status = 'excluded' and e.member
       and e.code = 'match_key_held'`,
    [accountId, matchKeys],
  );
}
