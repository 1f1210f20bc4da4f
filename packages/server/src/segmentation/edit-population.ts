import { randomUUID } from 'node:crypto';
import { type BucketRange, bucketOf, type MembershipChange, orderRules } from '@headrace/core';
import type { Trx } from '../store/database.ts';
import { addMoves, insertPopulationJob, type PopulationJobRow } from '../store/population-jobs.ts';
import { readSuccessors, succeed } from '../store/segment-edits.ts';
import { membersIn, readMemberships, readProfilesChangedAt } from '../store/segment-memberships.ts';
import { beginSegmentDeletion } from './delete-segment.ts';
import type { MembershipListener } from './evaluate-due.ts';
import { evaluateRange, type IsHeard } from './evaluate-range.ts';
import type { SegmentRules } from './segment-rules.ts';

export const tellSuccessionKind = 'tell_succession';

const successorsOf = async (trx: Trx, { populationJobId }: PopulationJobRow) =>
  (await readSuccessors(trx)).filter(({ editJobId }) => editJobId === populationJobId);

/**
 * Evaluates the successors of edited segments over everyone, beside ingestion, which evaluates both; then, in one
 * transaction, the members of each become those of its segment, and its rule the rule.
 */
export const editSegmentHandler = (options: { readonly rules: SegmentRules; readonly isHeard: IsHeard }) => ({
  isToldAtEnd: true,
  isPacedByTime: true,
  workOn: async (trx: Trx, job: PopulationJobRow, range: BucketRange, now: Date): Promise<number> => {
    const own = new Set((await successorsOf(trx, job)).map(({ segmentId }) => segmentId));
    const rules = (await options.rules.read(trx)).filter(({ segmentId }) => own.has(segmentId));
    // Nobody hears of successors.
    const isHeard = async () => false;
    return (await evaluateRange(trx, { rules: orderRules(rules), isHeard }, range, now)).profiles;
  },
  finish: async (trx: Trx, job: PopulationJobRow, now: Date): Promise<void> => {
    let isTold = false;
    for (const successor of await successorsOf(trx, job)) {
      const moves = await succeed(trx, successor, now);
      if (successor.succeeds === job.subjectId) await addMoves(trx, job.populationJobId, moves);
      await beginSegmentDeletion(trx, successor.segmentId, now);
      isTold ||= await options.isHeard(trx, successor.succeeds);
    }
    if (isTold)
      await insertPopulationJob(trx, {
        populationJobId: randomUUID(),
        kind: tellSuccessionKind,
        subjectId: job.subjectId,
        facts: { at: now.getTime() },
        createdAt: now,
      });
  },
});

/** Tells destinations of the memberships that changed when successors took over. */
export const tellSuccessionHandler = (options: { readonly onMemberships: MembershipListener }) => ({
  isToldAtEnd: true,
  isUrgent: true,
  isPacedByTime: true,
  workOn: async (trx: Trx, { facts }: PopulationJobRow, range: BucketRange, now: Date): Promise<number> => {
    const at = Number(facts.at);
    const profileIds = await readProfilesChangedAt(trx, new Date(at), range);
    const memberships = await readMemberships(trx, profileIds);
    const changes = profileIds.map((profileId): MembershipChange => {
      const states = memberships.get(profileId) ?? new Map();
      const after = membersIn(states);
      const before = new Set(after);
      for (const [segmentId, { since }] of states) {
        if (since.getTime() !== at) continue;
        if (!before.delete(segmentId)) before.add(segmentId);
      }
      return { bucket: bucketOf(profileId), profileId, before, after };
    });
    await options.onMemberships(trx, changes, now);
    return changes.length;
  },
});
