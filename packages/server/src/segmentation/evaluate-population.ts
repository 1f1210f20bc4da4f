import { bucketCount, withDependents } from '@headrace/core';
import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { readDocumentsInBuckets } from '../store/profiles.ts';
import { markSegmentEvaluated } from '../store/segments.ts';
import { evaluateProfiles } from './evaluate-changes.ts';
import type { MembershipListener } from './evaluate-due.ts';
import type { SegmentRules } from './segment-rules.ts';

/** Buckets evaluated in one transaction: ingestion waits no longer than one chunk takes. */
const chunkBuckets = 64;

/**
 * Evaluates segments that were never evaluated over the whole population, chunk by chunk, beside ingestion
 * (which evaluates them for what it changes from the moment they exist). Stopped half-way, it starts over:
 * evaluating twice changes nothing.
 * @returns how many segments were evaluated.
 */
export async function evaluateNewSegments(options: {
  readonly pool: pg.Pool;
  readonly rules: SegmentRules;
  readonly onMemberships: MembershipListener;
  readonly onCommit: () => void;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { pool, rules, onMemberships, onCommit, now, signal } = options;
  const segmentIds = (await rules.read(pool))
    .filter((rule) => !rule.isEvaluated)
    .map((rule) => rule.segmentId);
  if (segmentIds.length === 0) return 0;
  for (let firstBucket = 0; firstBucket < bucketCount; firstBucket += chunkBuckets) {
    if (signal.aborted) return 0;
    await transaction(pool, async (trx) => {
      await lockProfileWrites(trx);
      const all = await rules.read(trx);
      const wanted = withDependents(all, segmentIds);
      const evaluated = all.filter(({ segmentId }) => wanted.has(segmentId));
      const profiles = await readDocumentsInBuckets(trx, firstBucket, firstBucket + chunkBuckets - 1);
      const at = now();
      const changes = await evaluateProfiles(trx, profiles, { rules: evaluated, isWhole: false }, at);
      await onMemberships(trx, changes, at);
      if (firstBucket + chunkBuckets >= bucketCount)
        for (const segmentId of segmentIds) await markSegmentEvaluated(trx, segmentId, at);
    });
  }
  // Once, not after each chunk: what became due goes out in full batches.
  onCommit();
  return segmentIds.length;
}
