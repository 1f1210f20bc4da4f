import { deleteSegmentHandler, deleteSegmentKind } from './delete-segment.ts';
import { editSegmentHandler, tellSuccessionHandler, tellSuccessionKind } from './edit-population.ts';
import { calendarHandler, calendarKind } from './evaluate-calendar.ts';
import type { MembershipListener } from './evaluate-due.ts';
import { evaluateSegmentHandler, evaluateSegmentKind } from './evaluate-population.ts';
import type { IsHeard } from './evaluate-range.ts';
import { editSegmentKind } from './segment-edits.ts';
import type { SegmentRules } from './segment-rules.ts';

/** What population jobs do for segments, by kind of job. */
export const segmentHandlers = (options: {
  readonly rules: SegmentRules;
  readonly onMemberships: MembershipListener;
  readonly isHeard: IsHeard;
}) => ({
  [evaluateSegmentKind]: evaluateSegmentHandler(options),
  [editSegmentKind]: editSegmentHandler(options),
  [tellSuccessionKind]: tellSuccessionHandler(options),
  [deleteSegmentKind]: deleteSegmentHandler,
  [calendarKind]: calendarHandler(options),
});
