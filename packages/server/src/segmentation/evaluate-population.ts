import { randomUUID } from 'node:crypto';
import type { BucketRange } from '@headrace/core';
import type pg from 'pg';
import type { Trx } from '../store/database.ts';
import {
  addMoves,
  insertPopulationJob,
  type PopulationJobRow,
  supersedePopulationJobs,
} from '../store/population-jobs.ts';
import { markSegmentsEvaluated } from '../store/segments.ts';
import type { MembershipListener } from './evaluate-due.ts';
import { evaluateRange, type IsHeard } from './evaluate-range.ts';
import { PopulationScans } from './population-scan.ts';
import type { SegmentRules } from './segment-rules.ts';

export const evaluateSegmentKind = 'evaluate_segment';

/** Writes down that a segment is evaluated over everyone, from the start where that was going on already. */
export async function beginEvaluation(trx: Trx, segmentId: string, now: Date): Promise<void> {
  await supersedePopulationJobs(trx, evaluateSegmentKind, now, segmentId);
  await insertPopulationJob(trx, {
    populationJobId: randomUUID(),
    kind: evaluateSegmentKind,
    subjectId: segmentId,
    facts: {},
    createdAt: now,
  });
}

/**
 * Evaluates one segment and those that look at it over everyone, beside ingestion, which evaluates it for what it
 * changes from the moment it is published.
 */
export function evaluateSegmentHandler(options: {
  readonly rules: SegmentRules;
  readonly onMemberships: MembershipListener;
  readonly isHeard: IsHeard;
}) {
  const scans = new PopulationScans();
  return {
    isToldAtEnd: true,
    isPacedByTime: true,
    prepare: async (pool: pg.Pool, job: PopulationJobRow, now: Date): Promise<number> => {
      const own = (await options.rules.read(pool)).filter(({ segmentId }) => segmentId === job.subjectId);
      return scans.prepare(pool, job, await options.rules.dependentsOf(pool, own), now);
    },
    rest: (): void => scans.forget(),
    workOn: async (trx: Trx, job: PopulationJobRow, range: BucketRange, now: Date): Promise<number> => {
      const { rules, isHeard } = options;
      const own = (await rules.read(trx)).find(({ segmentId }) => segmentId === job.subjectId);
      if (own === undefined) return 0;
      const watched = await rules.dependentsOf(trx, [own]);
      const scanned = watched.length === 1 ? await scans.read(trx, job, own, range) : undefined;
      const done = await evaluateRange(trx, { rules: watched, isHeard, scanned }, range, now);
      await options.onMemberships(trx, done.changes, now);
      await addMoves(trx, job.populationJobId, done.moves);
      return done.profiles;
    },
    finish: async (trx: Trx, job: PopulationJobRow, now: Date): Promise<void> => {
      const { subjectId, createdAt } = job;
      await scans.end(trx, job);
      const own = (await options.rules.read(trx)).filter(({ segmentId }) => segmentId === subjectId);
      const done = (await options.rules.dependentsOf(trx, own)).map(({ segmentId }) => segmentId);
      await markSegmentsEvaluated(trx, { segmentId: subjectId, withIds: done }, { beganAt: createdAt, now });
    },
  };
}
