import { type BucketRange, bucketOf } from '@headrace/core';
import { bareArray } from './array-parameters.ts';
import { type Db, maybeRow, preparedRows, rows, type Trx } from './database.ts';

/** 9999-12-31: what lies behind it is not waited for. */
const latestDate = 253_402_214_400_000;

/** The instant that a clock was lowered to, or undefined where nothing is to be waited for. */
export const waitFor = (until: number): Date | undefined =>
  until <= latestDate ? new Date(until) : undefined;

/** When profiles are to be evaluated again: profile id → instant; those that are not are left out. */
export async function readEvaluationDue(db: Db, profileIds: readonly string[]): Promise<Map<string, Date>> {
  if (profileIds.length === 0) return new Map();
  const found = await preparedRows<{ profileId: string; evaluateAt: Date }>(
    db,
    `select d.profile_id as "profileId", d.evaluate_at as "evaluateAt"
     from unnest($1::smallint[], $2::uuid[]) as wanted (bucket, profile_id)
     join evaluation_due d using (bucket, profile_id)`,
    [bareArray(profileIds.map(bucketOf)), bareArray(profileIds)],
  );
  return new Map(found.map(({ profileId, evaluateAt }) => [profileId, evaluateAt]));
}

export type DueProfile = { readonly profileId: string; readonly evaluateAt: Date };

/** The profiles that are due longest. */
export function readDueProfiles(trx: Trx, now: Date, limit: number): Promise<DueProfile[]> {
  return preparedRows(
    trx,
    `select profile_id as "profileId", evaluate_at as "evaluateAt" from evaluation_due
     where evaluate_at <= $1 order by evaluate_at, bucket, profile_id limit $2`,
    [now, limit],
  );
}

/** The profiles of some buckets that are due, longest first. */
export function readDueProfilesIn(
  trx: Trx,
  now: Date,
  { firstBucket, lastBucket }: BucketRange,
): Promise<DueProfile[]> {
  return preparedRows(
    trx,
    `select profile_id as "profileId", evaluate_at as "evaluateAt" from evaluation_due
     where bucket between $1 and $2 and evaluate_at <= $3 order by evaluate_at, bucket, profile_id`,
    [firstBucket, lastBucket, now],
  );
}

export async function readNextEvaluation(db: Db): Promise<Date | undefined> {
  const next = await maybeRow<{ at: Date | null }>(db, 'select min(evaluate_at) as at from evaluation_due');
  return next?.at ?? undefined;
}

/** Sets when profiles are to be evaluated again; undefined: not before they change. */
export async function writeEvaluationDue(
  trx: Trx,
  due: readonly { readonly profileId: string; readonly evaluateAt: Date | undefined }[],
): Promise<void> {
  const ended = due.filter(({ evaluateAt }) => evaluateAt === undefined).map(({ profileId }) => profileId);
  const set = due.flatMap(({ profileId, evaluateAt }) =>
    evaluateAt === undefined ? [] : [{ profileId, evaluateAt }],
  );
  if (ended.length > 0)
    await preparedRows(
      trx,
      `delete from evaluation_due d using unnest($1::smallint[], $2::uuid[]) as ended (bucket, profile_id)
       where d.bucket = ended.bucket and d.profile_id = ended.profile_id`,
      [bareArray(ended.map(bucketOf)), bareArray(ended)],
    );
  if (set.length > 0)
    await preparedRows(
      trx,
      `insert into evaluation_due (bucket, profile_id, evaluate_at)
       select * from unnest($1::smallint[], $2::uuid[], $3::timestamptz[])
       on conflict (bucket, profile_id) do update set evaluate_at = excluded.evaluate_at`,
      [
        bareArray(set.map(({ profileId }) => bucketOf(profileId))),
        bareArray(set.map(({ profileId }) => profileId)),
        bareArray(set.map(({ evaluateAt }) => evaluateAt.toISOString())),
      ],
    );
}

/** The midnight as of which calendar rules were last evaluated over everyone. */
export async function readCalendarMidnight(db: Db): Promise<Date | undefined> {
  const [row] = await rows<{ midnight: Date }>(db, 'select midnight from calendar_evaluation');
  return row?.midnight;
}

export async function writeCalendarMidnight(trx: Trx, midnight: Date): Promise<void> {
  await trx.query(
    `insert into calendar_evaluation (midnight) values ($1)
     on conflict (is_only) do update set midnight = greatest(calendar_evaluation.midnight, excluded.midnight)`,
    [midnight],
  );
}
