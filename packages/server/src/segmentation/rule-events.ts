import type { IdentifiedRule, JsonObject } from '@headrace/core';
import type { Trx } from '../store/database.ts';
import { readEventsForRules } from '../store/profile-events.ts';

/** More fields than this are not picked out one by one. */
const maxFields = 12;
/** A rule looks this much further back than it says, so that no rounding cuts off what is at the very edge. */
const marginMs = 1_000;
/** The beginning of the year 1; a rule may look back further than PostgreSQL or a date can say. */
const earliestMs = -62_135_596_800_000;

/** What rules look at together. */
type Reads = {
  /** Undefined: whole events. */
  readonly fields: readonly string[] | undefined;
  readonly lookbackMs: number;
};
/** By the list, since each transaction asks and there may be a thousand rules; null: they look at no events. */
const readsOfList = new WeakMap<readonly IdentifiedRule[], Reads | null>();

/**
 * The events that rules look at, of some profiles, no more of each than they look at.
 * @param from the earliest instant at which the rules will be evaluated.
 */
export async function readRuleEvents(
  trx: Trx,
  rules: readonly IdentifiedRule[],
  profileIds: readonly string[],
  from: Date,
): Promise<ReadonlyMap<string, readonly JsonObject[]>> {
  const reads = readsOf(rules);
  if (reads === null || profileIds.length === 0) return new Map();
  const sinceMs = earliestOf(reads, from);
  const since = sinceMs >= earliestMs ? new Date(sinceMs) : undefined;
  return readEventsForRules(trx, profileIds, reads.fields, since);
}

/**
 * Whether any of the rules can look at events that happened before an instant.
 * @param from the earliest instant at which the rules will be evaluated.
 */
export function lookAtEventsBefore(rules: readonly IdentifiedRule[], before: Date, from: Date): boolean {
  const reads = readsOf(rules);
  return reads !== null && earliestOf(reads, from) < before.getTime();
}

const earliestOf = ({ lookbackMs }: Reads, from: Date): number => from.getTime() - lookbackMs - marginMs;

function readsOf(rules: readonly IdentifiedRule[]): Reads | null {
  let reads = readsOfList.get(rules);
  if (reads === undefined) {
    reads = joinReads(rules);
    readsOfList.set(rules, reads);
  }
  return reads;
}

function joinReads(rules: readonly IdentifiedRule[]): Reads | null {
  const reads = rules.flatMap(({ rule }) => rule.reads.events ?? []);
  if (reads.length === 0) return null;
  const fields = new Set(['_id', 'timestamp']);
  let isWhole = false;
  let lookbackMs = 0;
  for (const { paths, lookbackMs: back } of reads) {
    lookbackMs = Math.max(lookbackMs, back ?? Number.POSITIVE_INFINITY);
    for (const path of paths) {
      const [first = ''] = path.split('.');
      if (first === '') isWhole = true;
      else fields.add(first);
    }
  }
  return { fields: isWhole || fields.size > maxFields ? undefined : [...fields], lookbackMs };
}
