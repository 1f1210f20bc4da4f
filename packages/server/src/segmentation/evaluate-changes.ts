import { bucketOf, type JsonObject, type MembershipChange, type ProfileChange } from '@headrace/core';
import type { Trx } from '../store/database.ts';
import { type MembershipStatus, readMemberships, writeMemberships } from '../store/segment-memberships.ts';
import type { ActiveRule } from './segment-rules.ts';

/** The memberships of changed profiles; one that is gone leaves every segment. */
export const evaluateChanges = (
  trx: Trx,
  changes: readonly ProfileChange[],
  rules: readonly ActiveRule[],
  now: Date,
): Promise<MembershipChange[]> =>
  evaluateProfiles(
    trx,
    changes.map(({ profileId, after, kind }) => ({
      profileId,
      document: kind === 'gone' ? undefined : after,
    })),
    rules,
    now,
  );

/**
 * Evaluates rules over profiles and writes the memberships that change, in the transaction of the change.
 * @param profiles with their documents; undefined for one that is gone, which is in no segment any more.
 * @param rules every rule, or those whose memberships are to be looked at; others are left as they are.
 * @returns for each profile its segments before and after, changed or not.
 */
export async function evaluateProfiles(
  trx: Trx,
  profiles: readonly { readonly profileId: string; readonly document: JsonObject | undefined }[],
  rules: readonly ActiveRule[],
  now: Date,
): Promise<MembershipChange[]> {
  const memberships = await readMemberships(
    trx,
    profiles.map((profile) => profile.profileId),
  );
  const written: { profileId: string; segmentId: string; status: MembershipStatus }[] = [];
  const changes = profiles.map(({ profileId, document }): MembershipChange => {
    const statuses = memberships.get(profileId);
    const before = new Set<string>();
    for (const [segmentId, status] of statuses ?? []) if (status !== 'exited') before.add(segmentId);
    const after = new Set(before);
    for (const { segmentId, rule } of rules) {
      const isMember = document !== undefined && rule.evaluate(document);
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
