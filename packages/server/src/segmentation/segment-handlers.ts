import { allBuckets, type BucketRange } from '@headrace/core';
import type { Trx } from '../store/database.ts';
import type { PopulationJobRow } from '../store/population-jobs.ts';
import { deleteSegmentHandler, deleteSegmentKind } from './delete-segment.ts';
import { editSegmentHandler, tellSuccessionHandler, tellSuccessionKind } from './edit-population.ts';
import { beginCalendarPassIn, calendarHandler } from './evaluate-calendar.ts';
import { evaluateDueIn, type MembershipListener } from './evaluate-due.ts';
import { evaluateSegmentHandler, evaluateSegmentKind } from './evaluate-population.ts';
import type { IsHeard } from './evaluate-range.ts';
import { calendarKind } from './missed-midnights.ts';
import { editSegmentKind } from './segment-edits.ts';
import type { SegmentRules } from './segment-rules.ts';

/** What population jobs do for segments, by kind of job. */
export function segmentHandlers(options: {
  readonly rules: SegmentRules;
  readonly onMemberships: MembershipListener;
  readonly isHeard: IsHeard;
}) {
  /** Whoever is overdue goes through that first: what is found as of the present is the newest there is. */
  const afterDue = <Handler extends { readonly workOn: Work<number> }>(
    handler: Handler,
    catchUp = evaluateDueIn,
  ): Omit<Handler, 'workOn'> & { readonly workOn: Work<number | 'again' | 'after urgent'> } => ({
    ...handler,
    workOn: async (trx, job, range, now) => {
      if (job.kind !== calendarKind && (await beginCalendarPassIn(trx, options.rules, now)))
        return 'after urgent';
      return (await catchUp(trx, range, options, now)) ? handler.workOn(trx, job, range, now) : 'again';
    },
  });
  /** An edited rule takes force with the last range: what it was evaluated by may have been missed in any other since. */
  const everyoneAtEnd: typeof evaluateDueIn = (trx, range, ...others) =>
    evaluateDueIn(trx, range.lastBucket === allBuckets.lastBucket ? allBuckets : range, ...others);
  return {
    [evaluateSegmentKind]: afterDue(evaluateSegmentHandler(options)),
    [editSegmentKind]: afterDue(editSegmentHandler(options), everyoneAtEnd),
    [calendarKind]: afterDue(calendarHandler(options)),
    [tellSuccessionKind]: tellSuccessionHandler(options),
    [deleteSegmentKind]: deleteSegmentHandler,
  };
}

type Work<Done> = (trx: Trx, job: PopulationJobRow, range: BucketRange, now: Date) => Promise<Done>;
