import { randomUUID } from 'node:crypto';
import {
  assignProfileIds,
  findNamespace,
  fragmentKey,
  identitiesOf,
  identityKey,
  maxIdentitiesPerGraph,
  type ProfileFragment,
  type ProfileFragments,
  partitionFragments,
} from '@headrace/core';
import type { Trx } from '../store/database.ts';
import { readCustomNamespaces } from '../store/dataset-contexts.ts';
import { findCutOff, hasCutOff } from '../store/graph-overflow.ts';
import { findIdentityHolders } from '../store/identities.ts';
import { findProfiles } from '../store/profiles.ts';
import { readStoredProfiles, type StoredProfiles } from './stored-profiles.ts';

/** Profiles read around full graphs at most; what lies farther away is left as it is. */
const maxProfilesRead = 1_000;

/** Profiles as they are stored and as they shall be: what `saveProfiles` takes. */
export type Regrouped = {
  readonly before: StoredProfiles;
  readonly after: ReadonlyMap<string, readonly ProfileFragment[]>;
};

/**
 * Puts fragments into the profiles that their links make of them: profiles that are no longer connected, or hold
 * more identities than a graph may, fall apart; those that are connected again join. What full graphs cut off is read
 * and decided anew with the rest, so that who is who does not depend on the order of records (promise 7).
 *
 * @param after fragments of every profile that `before` names or that begins now.
 * @param isDoubtful profiles that may have to change for another reason than a full graph.
 */
export async function regroupAround(
  trx: Trx,
  before: StoredProfiles,
  after: ProfileFragments,
  isDoubtful: (profileId: string) => boolean,
): Promise<Regrouped> {
  const cutOff = (await hasCutOff(trx)) ? await findCutOff(trx, linkedIdentities(after.values())) : undefined;
  const doubtful = new Map(
    [...after].filter(
      ([profileId, fragments]) =>
        isDoubtful(profileId) || isOverflowing(fragments) || touches(fragments, cutOff),
    ),
  );
  if (doubtful.size === 0) return { before, after };
  const reached = await readAround(trx, before, after, doubtful);
  const regrouped = await regroupProfiles(trx, reached.profiles, holdersOf(reached.before, reached.profiles));
  const emptied = [...reached.profiles.keys()].map((profileId) => [profileId, []] as const);
  return { before: reached.before, after: new Map([...after, ...emptied, ...regrouped]) };
}

/**
 * Puts the fragments of the given profiles into the profiles that their links make of them, and looks at no others.
 * @param holderOf the profile a fragment stands in; undefined for one that stands nowhere yet.
 */
async function regroupProfiles(
  trx: Trx,
  profiles: ProfileFragments,
  holderOf: (fragment: ProfileFragment) => string | undefined,
): Promise<Map<string, readonly ProfileFragment[]>> {
  const custom = await readCustomNamespaces(trx);
  const fragments = [...profiles.values()].flat();
  const components = partitionFragments(fragments, (namespace) => findNamespace(namespace, custom)?.idType);
  const taken = await findProfiles(
    trx,
    [...new Set(fragments.map(({ originId }) => originId))].filter((id) => !profiles.has(id)),
  );
  const isTaken = (id: string): boolean => taken.has(id);
  const regrouped = new Map<string, readonly ProfileFragment[]>([...profiles.keys()].map((id) => [id, []]));
  for (const part of assignProfileIds(components, holderOf, isTaken, randomUUID))
    regrouped.set(part.profileId, part.fragments);
  return regrouped;
}

/** Follows the links of profiles, those that full graphs cut among them. */
async function readAround(
  trx: Trx,
  before: StoredProfiles,
  after: ProfileFragments,
  doubtful: ReadonlyMap<string, readonly ProfileFragment[]>,
): Promise<{ readonly before: StoredProfiles; readonly profiles: ProfileFragments }> {
  const fragments = new Map(before.fragments);
  const documents = new Map(before.documents);
  const profiles = new Map(doubtful);
  const followed = new Set<string>();
  // What they linked until now, too: a graph that lost it may have room for what was cut off.
  const began = [...doubtful.keys()].map((profileId) => before.fragments.get(profileId) ?? []);
  for (let frontier = [...doubtful.values(), ...began]; frontier.length > 0; ) {
    const identities = linkedIdentities(frontier).filter((identity) => !followed.has(identityKey(identity)));
    for (const identity of identities) followed.add(identityKey(identity));
    const holders = await findIdentityHolders(trx, identities);
    const cutOff = await findCutOff(trx, identities);
    const found = [...new Set([...holders.values(), ...[...cutOff.values()].flat()])]
      .filter((profileId) => !profiles.has(profileId))
      .slice(0, Math.max(0, maxProfilesRead - profiles.size));
    const unread = found.filter((profileId) => !after.has(profileId) && !fragments.has(profileId));
    const stored = await readStoredProfiles(trx, unread);
    for (const [profileId, read] of stored.fragments) fragments.set(profileId, read);
    for (const [profileId, document] of stored.documents) documents.set(profileId, document);
    frontier = found.map((profileId) => after.get(profileId) ?? fragments.get(profileId) ?? []);
    for (const [index, profileId] of found.entries()) profiles.set(profileId, frontier[index] ?? []);
  }
  return { before: { fragments, documents }, profiles };
}

/** Where fragments stand: as stored, else in a profile that begins now. */
function holdersOf(
  before: StoredProfiles,
  profiles: ProfileFragments,
): (fragment: ProfileFragment) => string | undefined {
  const holders = new Map<string, string>();
  for (const [profileId, fragments] of profiles)
    if ((before.fragments.get(profileId)?.length ?? 0) === 0)
      for (const fragment of fragments) holders.set(fragmentKey(fragment), profileId);
  for (const [profileId, fragments] of before.fragments)
    for (const fragment of fragments) holders.set(fragmentKey(fragment), profileId);
  return (fragment) => holders.get(fragmentKey(fragment));
}

/** Identities that fragments' links name, but for those that a person has parted. */
function linkedIdentities(profiles: Iterable<readonly ProfileFragment[]>) {
  const identities = new Map<string, { namespace: string; value: string }>();
  for (const fragments of profiles)
    for (const { links } of fragments)
      for (const { namespace, value, cut } of links)
        if (cut !== 'unlinked') identities.set(identityKey({ namespace, value }), { namespace, value });
  return [...identities.values()];
}

const isOverflowing = (fragments: readonly ProfileFragment[]): boolean => {
  const links = fragments.flatMap((fragment) => fragment.links);
  return (
    links.some(({ cut }) => cut === 'graph_full') ||
    (links.length > maxIdentitiesPerGraph && identitiesOf(fragments).length > maxIdentitiesPerGraph)
  );
};

const touches = (
  fragments: readonly ProfileFragment[],
  cutOff: ReadonlyMap<string, readonly string[]> | undefined,
): boolean =>
  cutOff !== undefined &&
  cutOff.size > 0 &&
  fragments.some(({ links }) => links.some((link) => cutOff.has(identityKey(link))));
