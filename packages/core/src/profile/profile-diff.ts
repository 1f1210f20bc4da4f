import { type Identity, identityKey } from '../identity/normalise.ts';
import { fragmentKey, type ProfileFragment } from './fragment.ts';
import { identitiesOf } from './partition-fragments.ts';

/** Profiles by id with all their fragments. */
export type ProfileFragments = ReadonlyMap<string, readonly ProfileFragment[]>;

/** An identity that a profile would hold, had its graph room for it. */
export type OverflowLink = {
  readonly identity: Identity;
  readonly profileId: string;
  /** Stamp of the newest record that linked it, in milliseconds. */
  readonly last: number;
};

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
  /** Links that a full graph cuts from now on, and those that it does no longer. */
  readonly cutOff: readonly OverflowLink[];
  readonly noLongerCutOff: readonly OverflowLink[];
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

  // Most profiles keep their links, and then their identities are theirs as before.
  const isSettled = (profileId: string): boolean =>
    haveEqualLinks(before.get(profileId) ?? [], after.get(profileId) ?? []);
  const doubtful = [...new Set([...before.keys(), ...after.keys()])].filter((id) => !isSettled(id));
  const holders = new Map<string, { identity: Identity; profileId: string }>();
  for (const profileId of doubtful)
    for (const identity of identitiesOf(before.get(profileId) ?? []))
      holders.set(identityKey(identity), { identity, profileId });
  const linked: { identity: Identity; profileId: string }[] = [];
  for (const profileId of doubtful)
    for (const identity of identitiesOf(after.get(profileId) ?? [])) {
      const key = identityKey(identity);
      if (holders.get(key)?.profileId !== profileId) linked.push({ identity, profileId });
      holders.delete(key);
    }

  const cutBefore = overflowLinks(before);
  const cutAfter = overflowLinks(after);

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
    cutOff: [...cutAfter].flatMap(([key, link]) => (cutBefore.get(key)?.last === link.last ? [] : [link])),
    noLongerCutOff: [...cutBefore].flatMap(([key, link]) => (cutAfter.has(key) ? [] : [link])),
    merges: [...ways.values()].filter(({ from }) => !isLeft(from)),
    splits: [...ways.values()].filter(({ from }) => isLeft(from)),
  };
}

/** Whether fragments hold the same links, one by one; their stamps aside. */
function haveEqualLinks(a: readonly ProfileFragment[], b: readonly ProfileFragment[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ links }, index) => {
      const others = b[index]?.links ?? [];
      return (
        links.length === others.length &&
        links.every((link, at) => {
          const other = others[at];
          return other?.value === link.value && other.namespace === link.namespace && other.cut === link.cut;
        })
      );
    })
  );
}

function overflowLinks(profiles: ProfileFragments): Map<string, OverflowLink> {
  const cut = new Map<string, OverflowLink>();
  for (const [profileId, fragments] of profiles)
    for (const { links } of fragments)
      for (const { namespace, value, last, cut: reason } of links) {
        if (reason !== 'graph_full') continue;
        const identity = { namespace, value };
        const key = `${profileId} ${identityKey(identity)}`;
        cut.set(key, { identity, profileId, last: Math.max(last, cut.get(key)?.last ?? last) });
      }
  return cut;
}
