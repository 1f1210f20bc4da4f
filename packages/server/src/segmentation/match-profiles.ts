import { clockAt, type JsonObject, type SegmentRule } from '@headrace/core';
import { type Trx, together } from '../store/database.ts';
import { membersIn, readMemberships } from '../store/segment-memberships.ts';
import { readRuleEvents } from './rule-events.ts';

/** Those of some profiles that fulfil a rule; their events and segments are read where it asks for them. */
export async function matchProfiles<
  Profile extends { readonly profileId: string; readonly document: JsonObject },
>(trx: Trx, rule: SegmentRule, profiles: readonly Profile[], now: Date): Promise<Profile[]> {
  const profileIds = profiles.map(({ profileId }) => profileId);
  const [events, memberships] = await together(
    readRuleEvents(trx, [{ segmentId: '', rule }], profileIds, now),
    readMemberships(trx, rule.reads.segments.length > 0 ? profileIds : []),
  );
  const clock = clockAt(now);
  return profiles.filter(({ profileId, document }) => {
    const segments = membersIn(memberships.get(profileId));
    return rule.evaluate({ document, events: events.get(profileId) ?? [], segments }, clock);
  });
}
