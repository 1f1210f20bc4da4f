import { allBuckets, type BucketRange } from '@headrace/core';
import type { Trx } from '../store/database.ts';
import type { PopulationJobRow } from '../store/population-jobs.ts';
import { deleteSegmentHandler, deleteSegmentKind } from './delete-segment.ts';
import { editSegmentHandler, tellSuccessionHandler, tellSuccessionKind } from './edit-population.ts';
import { calendarHandler, evaluateMissedIn } from './evaluate-calendar.ts';
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
  const afterDue = <Handler extends { readonly workOn: Work }>(handler: Handler): Handler => ({
    ...handler,
    workOn: async (trx, job, range, now) => {
      await evaluateDueIn(trx, range, options, now);
      if (job.kind !== calendarKind) await evaluateMissedIn(trx, range, options, { now, isRemembered: true });
      return handler.workOn(trx, job, range, now);
    },
  });
  const edit = afterDue(editSegmentHandler(options));
  return {
    [evaluateSegmentKind]: afterDue(evaluateSegmentHandler(options)),
    [editSegmentKind]: {
      ...edit,
      // What it was evaluated by may have been missed since, in buckets that are done.
      finish: async (trx: Trx, job: PopulationJobRow, now: Date): Promise<void> => {
        await evaluateDueIn(trx, allBuckets, options, now);
        await evaluateMissedIn(trx, allBuckets, options, { now, isRemembered: true });
        await edit.finish(trx, job, now);
      },
    },
    [calendarKind]: afterDue(calendarHandler(options)),
    [tellSuccessionKind]: tellSuccessionHandler(options),
    [deleteSegmentKind]: deleteSegmentHandler,
  };
}

type Work = (trx: Trx, job: PopulationJobRow, range: BucketRange, now: Date) => Promise<number>;
