import {
  assignProfileIds,
  findNamespace,
  identitiesOf,
  maxIdentitiesPerGraph,
  type ProfileFragment,
  type ProfileFragments,
  partitionFragments,
} from '@headrace/core';
import type { Trx } from '../store/database.ts';
import { readCustomNamespaces } from '../store/dataset-contexts.ts';
import { findProfiles } from '../store/profiles.ts';

/**
 * Puts fragments into the profiles that their links make of them: profiles that are no longer connected, or hold
 * more identities than a graph may, fall apart. Profiles are never joined here.
 */
export async function regroupProfiles(
  trx: Trx,
  profiles: ProfileFragments,
  newProfileId: () => string,
): Promise<Map<string, readonly ProfileFragment[]>> {
  const custom = await readCustomNamespaces(trx);
  const idTypeOf = (namespace: string) => findNamespace(namespace, custom)?.idType;
  const regrouped = new Map<string, readonly ProfileFragment[]>();
  for (const [profileId, fragments] of profiles) {
    const components = partitionFragments(fragments, idTypeOf);
    const [only, ...others] = components;
    if (only === undefined || others.length === 0) {
      regrouped.set(profileId, only?.fragments ?? []);
      continue;
    }
    const origins = [...new Set(fragments.map(({ originId }) => originId))];
    const taken = await findProfiles(trx, origins);
    const isTaken = (id: string): boolean => taken.has(id) || regrouped.has(id) || profiles.has(id);
    for (const part of assignProfileIds(profileId, components, isTaken, newProfileId))
      regrouped.set(part.profileId, part.fragments);
  }
  return regrouped;
}

/** Whether a profile holds more identities than a graph may. */
export const isGraphFull = (fragments: readonly ProfileFragment[]): boolean =>
  fragments.reduce((sum, { links }) => sum + links.length, 0) > maxIdentitiesPerGraph &&
  identitiesOf(fragments).length > maxIdentitiesPerGraph;
