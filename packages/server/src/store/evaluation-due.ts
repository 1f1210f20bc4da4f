import { type BucketRange, bucketOf } from '@headrace/core';
import { bareArray } from './array-parameters.ts';
import { type Db, maybeRow, preparedRows, type Trx } from './database.ts';

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

/** The profiles of some buckets that are due longest. */
export function readDueProfilesIn(
  trx: Trx,
  now: Date,
  { firstBucket, lastBucket }: BucketRange,
  limit: number,
): Promise<DueProfile[]> {
  return preparedRows(
    trx,
    `select profile_id as "profileId", evaluate_at as "evaluateAt" from evaluation_due
     where bucket between $1 and $2 and evaluate_at <= $3 order by evaluate_at, bucket, profile_id limit $4`,
    [firstBucket, lastBucket, now, limit],
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

/** How far rules that speak of days were evaluated. */
export type CalendarState = {
  /** Everyone was as of this midnight. */
  readonly midnight: Date;
  /** A pass over everyone is going on: the buckets below one were as of a later midnight. */
  readonly pass: { readonly nextBucket: number; readonly midnight: number } | null;
};

/** @param kind of the population job that is the pass. @returns undefined where nothing was evaluated yet. */
export function readCalendarState(db: Db, kind: string): Promise<CalendarState | undefined> {
  return preparedRows<CalendarState>(
    db,
    `select c.midnight, (
       select json_build_object('nextBucket', next_bucket, 'midnight', facts -> 'midnight')
       from population_job where kind = $1 and finished_at is null order by created_at limit 1) as pass
     from calendar_evaluation c`,
    [kind],
  ).then(([state]) => state);
}

/** Everyone was evaluated as of a midnight. */
export async function writeCalendarMidnight(trx: Trx, midnight: Date): Promise<void> {
  await trx.query(
    `insert into calendar_evaluation (midnight) values ($1)
     on conflict (is_only) do update set midnight = greatest(calendar_evaluation.midnight, excluded.midnight)`,
    [midnight],
  );
  await trx.query('delete from calendar_caught_up where midnight <= $1', [midnight]);
}

/** The midnights as of which some profiles were evaluated before the pass came to them: profile id → midnight. */
export async function readCaughtUp(db: Db, profileIds: readonly string[]): Promise<Map<string, number>> {
  const found = await preparedRows<{ profileId: string; midnight: Date }>(
    db,
    `select c.profile_id as "profileId", c.midnight
     from unnest($1::smallint[], $2::uuid[]) as wanted (bucket, profile_id)
     join calendar_caught_up c using (bucket, profile_id)`,
    [bareArray(profileIds.map(bucketOf)), bareArray(profileIds)],
  );
  return new Map(found.map(({ profileId, midnight }) => [profileId, midnight.getTime()]));
}

/** Some profiles were evaluated as of a midnight, or began after it. */
export async function writeCaughtUp(trx: Trx, profileIds: readonly string[], midnight: Date): Promise<void> {
  await preparedRows(
    trx,
    `insert into calendar_caught_up (bucket, profile_id, midnight)
     select bucket, profile_id, $3 from unnest($1::smallint[], $2::uuid[]) as done (bucket, profile_id)
     on conflict (bucket, profile_id) do update set midnight = excluded.midnight`,
    [bareArray(profileIds.map(bucketOf)), bareArray(profileIds), midnight],
  );
}
