import {
  bucketOf,
  clockAt,
  type JsonObject,
  type MembershipChange,
  type ProfileChange,
  subjectOf,
} from '@headrace/core';
import { type Trx, together } from '../store/database.ts';
import { type MembershipStatus, readMemberships, writeMemberships } from '../store/segment-memberships.ts';
import type { ActiveRule } from './segment-rules.ts';

/** They may still be on their way from the database. */
type Rules = readonly ActiveRule[] | Promise<readonly ActiveRule[]>;

/** The memberships of changed profiles; one that is gone leaves every segment. */
export const evaluateChanges = (
  trx: Trx,
  changes: readonly ProfileChange[],
  rules: Rules,
  now: Date,
): Promise<MembershipChange[]> =>
  evaluateProfiles(
    trx,
    changes.map(({ profileId, after, kind }) => ({
      profileId,
      document: kind === 'gone' ? undefined : after,
      isNew: kind === 'created',
    })),
    rules,
    now,
  );

/**
 * Evaluates rules over profiles and writes the memberships that change, in the transaction of the change.
 * @param profiles with their documents; undefined for one that is gone, which is in no segment any more. A new one
 *   is in none yet.
 * @param rules every rule, or those whose memberships are to be looked at; others are left as they are.
 * @returns for each profile its segments before and after, changed or not.
 */
export async function evaluateProfiles(
  trx: Trx,
  profiles: readonly {
    readonly profileId: string;
    readonly document: JsonObject | undefined;
    readonly isNew?: boolean;
  }[],
  rules: Rules,
  now: Date,
): Promise<MembershipChange[]> {
  const known = profiles.filter(({ isNew }) => isNew !== true).map(({ profileId }) => profileId);
  const [memberships, active] = await together(readMemberships(trx, known), rules);
  const written: { profileId: string; segmentId: string; status: MembershipStatus }[] = [];
  const clock = clockAt(now);
  const changes = profiles.map(({ profileId, document }): MembershipChange => {
    const statuses = memberships.get(profileId);
    const before = new Set<string>();
    for (const [segmentId, status] of statuses ?? []) if (status !== 'exited') before.add(segmentId);
    const after = new Set(before);
    for (const { segmentId, rule } of active) {
      const isMember = document !== undefined && rule.evaluate(subjectOf(document), clock);
      if (isMember === before.has(segmentId)) continue;
      if (isMember) after.add(segmentId);
      else after.delete(segmentId);
      written.push({ profileId, segmentId, status: isMember ? 'realized' : 'exited' });
    }
    return { bucket: bucketOf(profileId), profileId, before, after };
  });
  await writeMemberships(trx, written, now);
  return changes;
}
