import type { BucketRange } from '@headrace/core';
import { type Db, preparedRows, rows } from './database.ts';

/**
 * Takes every range that is free, expired, or whose owner's session is gone (it held an advisory lock that
 * nobody holds now), and renews those of `owner`.
 * @returns the ranges `owner` holds now.
 */
export function acquireLeases(
  db: Db,
  owner: { readonly ownerId: string; readonly sessionKey: number },
  ttlMs: number,
): Promise<BucketRange[]> {
  return rows(
    db,
    `with free as (
       select first_bucket from bucket_lease
       where owner is null or owner = $1 or expires_at < now() or not exists (
         select 1 from pg_locks
         where locktype = 'advisory' and granted and objsubid = 1
           and database = (select oid from pg_database where datname = current_database())
           and (classid::bigint << 32) | objid::bigint = session_key)
       for update skip locked
     )
     update bucket_lease l
     set owner = $1, session_key = $2,
       fencing = case when l.owner = $1 then l.fencing else l.fencing + 1 end,
       expires_at = now() + make_interval(secs => $3::double precision / 1000)
     from free where free.first_bucket = l.first_bucket
     returning l.first_bucket as "firstBucket", l.last_bucket as "lastBucket"`,
    [owner.ownerId, owner.sessionKey, ttlMs],
  );
}

/**
 * The ranges `owner` holds for at least `remainingMs` more; held so until the transaction ends.
 */
export function holdLeases(db: Db, ownerId: string, remainingMs: number): Promise<BucketRange[]> {
  return preparedRows(
    db,
    `select first_bucket as "firstBucket", last_bucket as "lastBucket" from bucket_lease
     where owner = $1 and expires_at > now() + make_interval(secs => $2::double precision / 1000)
     order by first_bucket for share`,
    [ownerId, remainingMs],
  );
}

export async function releaseLeases(db: Db, ownerId: string): Promise<void> {
  await db.query(
    `update bucket_lease set owner = null, session_key = null, expires_at = '-infinity' where owner = $1`,
    [ownerId],
  );
}
