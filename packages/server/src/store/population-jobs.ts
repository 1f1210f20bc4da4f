import { bucketCount } from '@headrace/core';
import { type Db, maybeRow, rows, type Trx } from './database.ts';

/** Work on everyone, bucket by bucket. */
export type PopulationJobRow = {
  readonly populationJobId: string;
  readonly kind: string;
  /** What the work is about, for example a dataset. */
  readonly subjectId: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  /** Buckets below it are done. */
  readonly nextBucket: number;
  readonly profilesDone: number;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  /** Of an evaluation: profiles that entered and that left the segment by it. */
  readonly entered: number;
  readonly left: number;
  /** Of a finished job: why it did not do its work. Of another: why its last step failed; it is tried again. */
  readonly error: string | null;
};

/** How much of a job is done. */
export const percentDone = ({ nextBucket }: Pick<PopulationJobRow, 'nextBucket'>): number =>
  Math.floor((nextBucket * 100) / bucketCount);

const columns = `population_job_id as "populationJobId", kind, subject_id as "subjectId", facts,
  next_bucket as "nextBucket", profiles_done as "profilesDone", created_at as "createdAt",
  finished_at as "finishedAt", entered, "left", error`;

export async function insertPopulationJob(
  db: Db,
  job: Pick<PopulationJobRow, 'populationJobId' | 'kind' | 'subjectId' | 'facts' | 'createdAt'>,
): Promise<void> {
  await db.query(
    `insert into population_job (population_job_id, kind, subject_id, facts, created_at) values ($1, $2, $3, $4, $5)`,
    [job.populationJobId, job.kind, job.subjectId, JSON.stringify(job.facts), job.createdAt],
  );
}

/** The oldest unfinished job of one of the kinds, urgent ones before others, those named aside. */
export function readNextPopulationJob(
  db: Db,
  { kinds, urgent = [] }: { readonly kinds: readonly string[]; readonly urgent?: readonly string[] },
  except: readonly string[] = [],
): Promise<PopulationJobRow | undefined> {
  return maybeRow(
    db,
    `select ${columns} from population_job where finished_at is null and kind = any($1) and population_job_id <> all($2)
     order by (kind = any($3)) desc, created_at, population_job_id limit 1`,
    [kinds, except, urgent],
  );
}

/** The job as it stands, held until the transaction ends, so that two servers do not do one chunk twice. */
export function lockPopulationJob(trx: Trx, populationJobId: string): Promise<PopulationJobRow | undefined> {
  return maybeRow(trx, `select ${columns} from population_job where population_job_id = $1 for update`, [
    populationJobId,
  ]);
}

export function readPopulationJob(db: Db, populationJobId: string): Promise<PopulationJobRow | undefined> {
  return maybeRow(db, `select ${columns} from population_job where population_job_id = $1`, [
    populationJobId,
  ]);
}

export function readPopulationJobs(db: Db, subjectId: string): Promise<PopulationJobRow[]> {
  return rows(db, `select ${columns} from population_job where subject_id = $1 order by created_at desc`, [
    subjectId,
  ]);
}

/** The checkpoint, in the transaction that does the work. */
export async function advancePopulationJob(
  trx: Trx,
  populationJobId: string,
  step: { readonly nextBucket: number; readonly profilesDone: number; readonly finishedAt: Date | null },
): Promise<void> {
  await trx.query(
    `update population_job set next_bucket = $2, profiles_done = profiles_done + $3, finished_at = $4, error = null
     where population_job_id = $1`,
    [populationJobId, step.nextBucket, step.profilesDone, step.finishedAt],
  );
}

/** What a step of an evaluation changed, in its transaction. */
export async function addMoves(
  trx: Trx,
  populationJobId: string,
  { entered, left }: { readonly entered: number; readonly left: number },
): Promise<void> {
  if (entered + left === 0) return;
  await trx.query(
    `update population_job set entered = entered + $2, "left" = "left" + $3 where population_job_id = $1`,
    [populationJobId, entered, left],
  );
}

/** Why a step failed; the next one that does not forgets it. */
export async function noteFailure(db: Db, populationJobId: string, error: string): Promise<void> {
  await db.query(
    'update population_job set error = $2 where population_job_id = $1 and finished_at is null',
    [populationJobId, error],
  );
}

/** Ends a job before its work is done. */
export async function endPopulationJob(
  trx: Trx,
  populationJobId: string,
  error: string,
  now: Date,
): Promise<void> {
  await trx.query('update population_job set finished_at = $3, error = $2 where population_job_id = $1', [
    populationJobId,
    error,
    now,
  ]);
}

/** The newest jobs of some kinds. */
export function readNewestPopulationJobs(
  db: Db,
  kinds: readonly string[],
  limit: number,
): Promise<PopulationJobRow[]> {
  return rows(
    db,
    `select ${columns} from population_job where kind = any($1) order by created_at desc, population_job_id limit $2`,
    [kinds, limit],
  );
}

/** Ends the unfinished jobs of a kind, or those of them about one subject; another does their work. */
export async function supersedePopulationJobs(
  trx: Trx,
  kind: string,
  now: Date,
  subjectId?: string,
): Promise<void> {
  await trx.query(
    `update population_job set finished_at = $2, error = 'superseded'
     where kind = $1 and finished_at is null and ($3::uuid is null or subject_id = $3)`,
    [kind, now, subjectId ?? null],
  );
}
