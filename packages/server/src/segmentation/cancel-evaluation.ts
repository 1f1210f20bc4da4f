import { HeadraceError, notFound } from '@headrace/core';
import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { endPopulationJob, lockPopulationJob, type PopulationJobRow } from '../store/population-jobs.ts';
import { evaluateSegmentKind } from './evaluate-population.ts';
import { editSegmentKind } from './segment-edits.ts';

/**
 * Ends an evaluation over everyone that is going on; what it found until then stays.
 * @throws HeadraceError `not_found`, `conflict` when it has ended, or is that of an edited rule.
 */
export function cancelEvaluation(
  pool: pg.Pool,
  populationJobId: string,
  now: Date,
): Promise<PopulationJobRow> {
  return transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    const job = await lockPopulationJob(trx, populationJobId);
    if (job?.kind === editSegmentKind)
      throw new HeadraceError(
        'conflict',
        'This evaluation is of an edited rule. Set the expression of the segment back to what it was to end it.',
      );
    if (job?.kind !== evaluateSegmentKind) throw notFound('segment job', populationJobId);
    if (job.finishedAt === null) await endPopulationJob(trx, populationJobId, 'cancelled', now);
    else if (job.error === null)
      throw new HeadraceError('conflict', 'This evaluation is done; there is nothing to cancel.');
    return { ...job, finishedAt: job.finishedAt ?? now, error: job.error ?? 'cancelled' };
  });
}
