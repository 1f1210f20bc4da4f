import type { JsonObject, ProfileFragment } from '@headrace/core';
import { type Db, together } from '../store/database.ts';
import { readFragments } from '../store/profile-fragments.ts';
import { readProfiles } from '../store/profiles.ts';

/** Profiles as a transaction found them. */
export type StoredProfiles = {
  /** With an entry, maybe empty, for each profile that was asked for. */
  readonly fragments: ReadonlyMap<string, readonly ProfileFragment[]>;
  /** Only of profiles that exist. */
  readonly documents: ReadonlyMap<string, JsonObject>;
  readonly versions: ReadonlyMap<string, number>;
};

/** Everything that decides what profiles are. */
export async function readStoredProfiles(db: Db, profileIds: readonly string[]): Promise<StoredProfiles> {
  const [fragments, profiles] = await together(readFragments(db, profileIds), readProfiles(db, profileIds));
  return {
    fragments: new Map(profileIds.map((id) => [id, fragments.get(id) ?? []])),
    documents: new Map(profiles.map(({ profileId, document }) => [profileId, document])),
    versions: new Map(profiles.map(({ profileId, version }) => [profileId, version])),
  };
}
