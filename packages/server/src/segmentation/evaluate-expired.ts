import type { MembershipChange } from '@headrace/core';
import type { Trx } from '../store/database.ts';
import { readNextEvaluation } from '../store/evaluation-due.ts';
import { readDocuments } from '../store/profiles.ts';
import { evaluateProfiles } from './evaluate-changes.ts';
import { lookAtEventsBefore } from './rule-events.ts';
import type { SegmentRules } from './segment-rules.ts';

/**
 * Evaluates profiles that lost events of before an instant, if a rule can look at such; in the transaction that deleted
 * them, under the lock on profile writes.
 */
export async function evaluateExpired(
  trx: Trx,
  rules: SegmentRules,
  expired: { readonly profileIds: readonly string[]; readonly before: Date },
  now: Date,
): Promise<MembershipChange[]> {
  const all = await rules.read(trx);
  // A profile that is overdue is evaluated as of then, too.
  const overdue = (await readNextEvaluation(trx)) ?? now;
  if (!lookAtEventsBefore(all, expired.before, overdue < now ? overdue : now)) return [];
  const documents = await readDocuments(trx, expired.profileIds);
  const profiles = [...documents].map(([profileId, document]) => ({ profileId, document, before: document }));
  return evaluateProfiles(trx, profiles, { rules: all, isWhole: true }, now);
}
