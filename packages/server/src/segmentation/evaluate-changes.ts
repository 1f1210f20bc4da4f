import { bucketOf, type JsonObject, type MembershipChange } from '@headrace/core';
import type { Trx } from '../store/database.ts';
import { type MembershipStatus, readMemberships, writeMemberships } from '../store/segment-memberships.ts';
import type { ActiveRule } from './segment-rules.ts';

/**
 * Evaluates rules over profiles and writes the memberships that change, in the transaction of the change.
 * @param rules every rule, or those whose memberships are to be looked at; others are left as they are.
 * @returns for each profile its segments before and after, changed or not.
 */
export async function evaluateProfiles(
  trx: Trx,
  profiles: readonly { readonly profileId: string; readonly document: JsonObject }[],
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
      const isMember = rule.evaluate(document);
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
