import { bucketOf, compareText } from '@headrace/core';
import { rows, type Trx } from './database.ts';
import type { ExportKey } from './export-marks.ts';

export type MatchClaim = { readonly profileId: string; readonly recordId: string | null };
type ClaimScope = { readonly accountId: string; readonly object: string };

/**
 * Claims match keys for profiles, first come first served.
 * @returns who holds each key now: match key → holder and, where known, the record kept for it.
 */
export async function claimMatchKeys(
  trx: Trx,
  scope: ClaimScope,
  wanted: readonly { readonly matchKey: string; readonly profileId: string }[],
  now: Date,
): Promise<Map<string, MatchClaim>> {
  if (wanted.length === 0) return new Map();
  // One order for everyone, so that two workers inserting the same keys do not wait in a ring.
  const ordered = wanted.toSorted((a, b) => compareText(a.matchKey, b.matchKey));
  const keys = ordered.map((claim) => claim.matchKey);
  await trx.query(
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
  const holders = await rows<{ matchKey: string } & MatchClaim>(
    trx,
    `select match_key as "matchKey", profile_id as "profileId", record_id as "recordId"
     from match_claim where account_id = $1 and object = $2 and match_key = any($3)`,
    [scope.accountId, scope.object, keys],
  );
  return new Map(holders.map(({ matchKey, ...claim }) => [matchKey, claim]));
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
  await trx.query(
    `update match_claim c set record_id = k.record_id
     from unnest($3::text[], $4::smallint[], $5::uuid[], $6::text[]) as k (match_key, bucket, profile_id, record_id)
     where c.account_id = $1 and c.object = $2 and c.match_key = k.match_key
       and c.record_id is distinct from k.record_id`,
    columns,
  );
  const released = await rows<{ matchKey: string }>(
    trx,
    `delete from match_claim c
     using unnest($3::text[], $4::smallint[], $5::uuid[], $6::text[]) as k (match_key, bucket, profile_id, record_id)
     where c.account_id = $1 and c.object = $2 and c.bucket = k.bucket and c.profile_id = k.profile_id
       and c.match_key <> k.match_key and (c.record_id is null or c.record_id = k.record_id)
     returning c.match_key as "matchKey"`,
    columns,
  );
  return released.map((claim) => claim.matchKey);
}

/**
 * Lets go of keys under which nothing was written: the destination refused the record, and another profile with
 * the key should be judged by itself.
 * @returns the keys let go.
 */
export async function releaseUnusedClaims(
  trx: Trx,
  scope: ClaimScope,
  refused: readonly { readonly matchKey: string; readonly profileId: string }[],
): Promise<string[]> {
  if (refused.length === 0) return [];
  const released = await rows<{ matchKey: string }>(
    trx,
    `delete from match_claim c
     using unnest($3::text[], $4::uuid[]) as r (match_key, profile_id)
     where c.account_id = $1 and c.object = $2 and c.match_key = r.match_key and c.profile_id = r.profile_id
       and c.record_id is null
     returning c.match_key as "matchKey"`,
    [scope.accountId, scope.object, refused.map((row) => row.matchKey), refused.map((row) => row.profileId)],
  );
  return released.map((claim) => claim.matchKey);
}

/** Forgets records that are gone; the profiles keep their keys. */
export async function forgetRecords(
  trx: Trx,
  scope: ClaimScope,
  gone: readonly { readonly matchKey: string; readonly recordId: string }[],
): Promise<void> {
  if (gone.length === 0) return;
  await trx.query(
    `update match_claim c set record_id = null
     from unnest($3::text[], $4::text[]) as g (match_key, record_id)
     where c.account_id = $1 and c.object = $2 and c.match_key = g.match_key and c.record_id = g.record_id`,
    [scope.accountId, scope.object, gone.map((row) => row.matchKey), gone.map((row) => row.recordId)],
  );
}

/** Members that wait because another profile held one of these keys. */
export function findWaitingForKeys(
  trx: Trx,
  accountId: string,
  matchKeys: readonly string[],
): Promise<ExportKey[]> {
  return rows(
    trx,
    `select e.dataflow_id as "dataflowId", e.profile_id as "profileId"
     from export_state e join dataflow d using (dataflow_id)
     where d.account_id = $1 and e.match_key = any($2) and e.status = 'excluded' and e.member
       and e.code = 'match_key_held'`,
    [accountId, matchKeys],
  );
}
