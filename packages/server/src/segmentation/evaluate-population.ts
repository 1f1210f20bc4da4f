import { bucketCount, withDependents } from '@headrace/core';
import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { markSegmentEvaluated } from '../store/segments.ts';
import type { MembershipListener } from './evaluate-due.ts';
import { evaluateRange, type IsHeard } from './evaluate-range.ts';
import type { SegmentRules } from './segment-rules.ts';

/** Buckets of the first transaction. Ingestion waits as long as one takes: the next ones take about as long as here. */
const firstWidth = 8;
const [shortMs, longMs] = [150, 500];

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
  readonly isHeard: IsHeard;
  readonly onCommit: () => void;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { pool, rules, onMemberships, isHeard, onCommit, now, signal } = options;
  const segmentIds = (await rules.read(pool))
    .filter((rule) => !rule.isEvaluated)
    .map((rule) => rule.segmentId);
  if (segmentIds.length === 0) return 0;
  let width = firstWidth;
  for (let nextBucket = 0; nextBucket < bucketCount; ) {
    if (signal.aborted) return 0;
    const firstBucket = nextBucket;
    const lastBucket = Math.min(firstBucket + width, bucketCount) - 1;
    const startedMs = performance.now();
    await transaction(pool, async (trx) => {
      await lockProfileWrites(trx);
      const all = await rules.read(trx);
      const wanted = withDependents(all, segmentIds);
      const evaluated = all.filter(({ segmentId }) => wanted.has(segmentId));
      const at = now();
      const { changes } = await evaluateRange(
        trx,
        { rules: evaluated, isHeard },
        { firstBucket, lastBucket },
        at,
      );
      await onMemberships(trx, changes, at);
      if (lastBucket === bucketCount - 1)
        for (const segmentId of segmentIds) await markSegmentEvaluated(trx, segmentId, at);
    });
    nextBucket = lastBucket + 1;
    const tookMs = performance.now() - startedMs;
    if (tookMs < shortMs) width *= 2;
    else if (tookMs > longMs) width = Math.ceil(width / 2);
  }
  // Once, not after each chunk: what became due goes out in full batches.
  onCommit();
  return segmentIds.length;
}
