import {
  type BucketRange,
  bucketOf,
  type IdentifiedRule,
  type MembershipChange,
  type SegmentRule,
} from '@headrace/core';
import type { Trx } from '../store/database.ts';
import {
  countProfilesInBuckets,
  readCandidates,
  type SegmentMoves,
  type WrittenSegment,
  writeSegmentMembers,
} from '../store/evaluate-segment.ts';
import { readDocumentsInBuckets } from '../store/profiles.ts';
import { membersIn, readMemberships } from '../store/segment-memberships.ts';
import { conditionOf, type RuleSql } from '../store/segment-sql/condition-of.ts';
import { evaluateProfiles } from './evaluate-changes.ts';

/** Whether anyone is to hear of the membership changes of a segment, as of the transaction. */
export type IsHeard = (trx: Trx, segmentId: string) => Promise<boolean>;

/**
 * Evaluates rules over the profiles of some buckets, under the lock on profile writes and in its transaction: in SQL
 * where that finds the same, else in JavaScript, if it can on those only that SQL leaves.
 * @param rules all those that look at one another's segments, in the order of `orderRules`.
 * @returns how many profiles there are, how many entered and left the first segment of `rules`, and the membership
 *   changes; none of a segment that nobody is to hear of where it spares reading them.
 */
export async function evaluateRange(
  trx: Trx,
  {
    rules,
    isHeard,
    scanned,
  }: {
    readonly rules: readonly IdentifiedRule[];
    readonly isHeard: IsHeard;
    /** What the only rule found of the range before, who changed since left out. */
    readonly scanned?: RuleSql | undefined;
  },
  range: BucketRange,
  now: Date,
): Promise<EvaluatedRange> {
  const [only, second] = rules;
  if (only === undefined) return { profiles: 0, moves: { entered: 0, left: 0 }, changes: [] };
  const profiles = await countProfilesInBuckets(trx, range);
  const { segmentId, rule } = only;
  // What others look at changes with it.
  const isScanned = scanned !== undefined;
  const sql = second === undefined ? (scanned ?? sqlOf(rule, now)) : undefined;
  if (sql?.isExact === true) {
    const isTold = await isHeard(trx, segmentId);
    return { profiles, ...(await evaluateInSql(trx, { segmentId, sql, isTold, isScanned }, range, now)) };
  }
  const evaluated =
    sql === undefined
      ? await readDocumentsInBuckets(trx, range.firstBucket, range.lastBucket)
      : await readCandidates(trx, { segmentId, sql }, range);
  const changes = await evaluateProfiles(trx, evaluated, { rules, isWhole: false }, now);
  return { profiles, moves: movesOf(segmentId, changes), changes };
}

type EvaluatedRange = {
  readonly profiles: number;
  readonly moves: SegmentMoves;
  readonly changes: readonly MembershipChange[];
};

function movesOf(segmentId: string, changes: readonly MembershipChange[]): SegmentMoves {
  const moves = { entered: 0, left: 0 };
  for (const { before, after } of changes) {
    const [was, is] = [before.has(segmentId), after.has(segmentId)];
    if (is && !was) moves.entered++;
    if (was && !is) moves.left++;
  }
  return moves;
}

/** A rule as SQL, by which it alone is evaluated over everyone; undefined where JavaScript has to look at each profile. */
export const sqlOf = (rule: SegmentRule, now: Date): RuleSql | undefined =>
  // Instants to come are found for non-members too.
  rule.timing.byInstant ? undefined : conditionOf(rule, now);

async function evaluateInSql(
  trx: Trx,
  segment: WrittenSegment,
  range: BucketRange,
  now: Date,
): Promise<Pick<EvaluatedRange, 'moves' | 'changes'>> {
  const { told, ...moves } = await writeSegmentMembers(trx, segment, range, now);
  const memberships = await readMemberships(
    trx,
    told.map(([profileId]) => profileId),
  );
  const changes = told.map(([profileId, isMember]): MembershipChange => {
    const after = membersIn(memberships.get(profileId));
    const before = new Set(after);
    if (isMember) before.delete(segment.segmentId);
    else before.add(segment.segmentId);
    return { bucket: bucketOf(profileId), profileId, before, after };
  });
  return { moves, changes };
}
