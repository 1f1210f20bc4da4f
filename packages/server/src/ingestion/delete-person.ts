import { randomUUID } from 'node:crypto';
import { identitiesOf, identityKey, notFound, type ProfileFragment } from '@headrace/core';
import { type Trx, transaction } from '../store/database.ts';
import { deleteKeptRecordsOf } from '../store/dataset-records.ts';
import { findCutOff } from '../store/graph-overflow.ts';
import { findIdentityHolders } from '../store/identities.ts';
import { deleteUnlinks, findUnlinksOf } from '../store/identity-unlinks.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { type AtDestinations, insertProfileDeletion } from '../store/profile-deletions.ts';
import { countEventsOf } from '../store/profile-events.ts';
import { findProfiles } from '../store/profiles.ts';
import type { PartingOptions } from './part-identities.ts';
import { regroupAround } from './regroup-profiles.ts';
import { saveProfiles } from './save-profiles.ts';
import { readStoredProfiles } from './stored-profiles.ts';

/**
 * Deletes everything that profiles hold about a person, at once, and asks for the same at destinations, which
 * delivery sees to when nothing of theirs is in flight any more. A record that arrives later makes a new person.
 * @returns the id of the request.
 * @throws HeadraceError `not_found`.
 */
export async function deletePerson(
  options: PartingOptions,
  request: {
    readonly profileId: string;
    readonly atDestinations: AtDestinations;
    readonly principal: string;
  },
): Promise<string> {
  const profileDeletionId = randomUUID();
  await transaction(options.pool, async (trx) => {
    await lockProfileWrites(trx);
    const now = options.now();
    const { profileId, atDestinations, principal } = request;
    const stored = await readStoredProfiles(trx, [profileId]);
    if (!stored.documents.has(profileId)) throw notFound('profile', profileId);
    const fragments = stored.fragments.get(profileId) ?? [];
    const origins = new Set(fragments.map(({ originId }) => originId));
    const living = await findProfiles(trx, [...origins]);
    await insertProfileDeletion(trx, {
      profileDeletionId,
      profileId,
      formerProfileIds: [...origins].filter((id) => !living.has(id)),
      atDestinations,
      principal,
      requestedAt: now,
      facts: { fragments: fragments.length, events: await countEventsOf(trx, profileId) },
    });
    const others = await forgetIdentities(trx, profileId, fragments);
    const before = await readStoredProfiles(trx, [profileId, ...others.keys()]);
    const after = new Map<string, readonly ProfileFragment[]>([[profileId, []], ...others]);
    const regrouped = await regroupAround(trx, before, after, () => true);
    await saveProfiles(trx, regrouped.before, regrouped.after, options.onChange, now);
  });
  options.onCommit();
  return profileDeletionId;
}

/**
 * Takes the person's identities out of what is known beside the profile: records of datasets that are not enabled for
 * Profile, pairs that were parted, and links of others that were cut.
 * @returns profiles that named them, with their fragments as they shall be.
 */
async function forgetIdentities(
  trx: Trx,
  profileId: string,
  fragments: readonly ProfileFragment[],
): Promise<Map<string, readonly ProfileFragment[]>> {
  const identities = identitiesOf(fragments);
  const own = new Set(identities.map(identityKey));
  await deleteKeptRecordsOf(trx, identities);
  const pairs = await findUnlinksOf(trx, identities);
  await deleteUnlinks(trx, pairs);
  const holders = await findIdentityHolders(trx, pairs.flat());
  const cutOff = await findCutOff(trx, identities);
  const named = new Set([...holders.values(), ...[...cutOff.values()].flat()]);
  named.delete(profileId);
  const stored = await readStoredProfiles(trx, [...named]);
  return new Map(
    [...stored.fragments].map(([id, theirs]) => [id, theirs.map((fragment) => withoutLinks(fragment, own))]),
  );
}

function withoutLinks(fragment: ProfileFragment, gone: ReadonlySet<string>): ProfileFragment {
  const links = fragment.links.filter((link) => link.cut === undefined || !gone.has(identityKey(link)));
  return links.length === fragment.links.length ? fragment : { ...fragment, links };
}
