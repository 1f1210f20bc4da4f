import type { Identity } from '../identity/normalise.ts';
import type { ProfileFragment } from './fragment.ts';
import { identityKey } from './join-identities.ts';
import { identitiesOf } from './partition-fragments.ts';

/** Profiles by id with all their fragments. */
export type ProfileFragments = ReadonlyMap<string, readonly ProfileFragment[]>;

export type PlacedFragment = { readonly profileId: string; readonly fragment: ProfileFragment };

/** What has to be written so that profiles stand as they should. */
export type ProfileDiff = {
  /** New, or changed where they stand. */
  readonly written: readonly PlacedFragment[];
  /** To another profile, with what they say now; their events go along. */
  readonly moved: readonly (PlacedFragment & { readonly from: string })[];
  /** Their events go, too. */
  readonly removed: readonly PlacedFragment[];
  readonly linked: readonly { readonly identity: Identity; readonly profileId: string }[];
  readonly unlinked: readonly Identity[];
  /** Profiles all of whose fragments went into another. */
  readonly merges: readonly { readonly from: string; readonly into: string }[];
  /** Profiles that received fragments of one that goes on. */
  readonly splits: readonly { readonly from: string; readonly into: string }[];
};

/**
 * The difference between profiles as they are stored and as they should be. A fragment that is the same object on
 * both sides is unchanged. Pure.
 */
export function diffProfiles(before: ProfileFragments, after: ProfileFragments): ProfileDiff {
  const stored = new Map<string, PlacedFragment>();
  for (const [profileId, fragments] of before)
    for (const fragment of fragments) stored.set(fragmentKey(fragment), { profileId, fragment });

  const written: PlacedFragment[] = [];
  const moved: (PlacedFragment & { from: string })[] = [];
  for (const [profileId, fragments] of after)
    for (const fragment of fragments) {
      const key = fragmentKey(fragment);
      const present = stored.get(key);
      stored.delete(key);
      if (present !== undefined && present.profileId !== profileId)
        moved.push({ profileId, fragment, from: present.profileId });
      else if (present?.fragment !== fragment) written.push({ profileId, fragment });
    }

  const holders = holdersOf(before);
  const linked: { identity: Identity; profileId: string }[] = [];
  for (const [profileId, fragments] of after)
    for (const identity of identitiesOf(fragments)) {
      const key = identityKey(identity);
      if (holders.get(key)?.profileId !== profileId) linked.push({ identity, profileId });
      holders.delete(key);
    }

  const isLeft = (profileId: string): boolean => (after.get(profileId)?.length ?? 0) > 0;
  const ways = new Map(
    moved.map(({ from, profileId }) => [`${from} ${profileId}`, { from, into: profileId }]),
  );
  return {
    written,
    moved,
    removed: [...stored.values()],
    linked,
    unlinked: [...holders.values()].map(({ identity }) => identity),
    merges: [...ways.values()].filter(({ from }) => !isLeft(from)),
    splits: [...ways.values()].filter(({ from }) => isLeft(from)),
  };
}

/** Names a fragment among those of all profiles. */
export const fragmentKey = ({ datasetId, primary }: Pick<ProfileFragment, 'datasetId' | 'primary'>): string =>
  `${datasetId}\u0000${identityKey(primary)}`;

function holdersOf(profiles: ProfileFragments): Map<string, { identity: Identity; profileId: string }> {
  const holders = new Map<string, { identity: Identity; profileId: string }>();
  for (const [profileId, fragments] of profiles)
    for (const identity of identitiesOf(fragments))
      holders.set(identityKey(identity), { identity, profileId });
  return holders;
}
