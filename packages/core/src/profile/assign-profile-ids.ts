import { compareText, fragmentKey, type ProfileFragment } from './fragment.ts';
import type { GraphComponent } from './partition-fragments.ts';

export type IdentifiedComponent = {
  readonly profileId: string;
  /** Each with an origin that is its own profile or an earlier one of its. */
  readonly fragments: readonly ProfileFragment[];
};

/**
 * Gives each component of regrouped fragments a profile id. An id goes on with the component that holds most of the
 * fragments it began with; where several ids meet, the least goes on. A component left without takes the id that its
 * fragments had before they were merged, else a new one. So a split after a merge restores both profiles.
 *
 * @param holderOf the profile that a fragment stands in now; undefined for one that stands nowhere yet.
 * @param isTaken whether a profile beside those of `holderOf` has an id.
 */
export function assignProfileIds(
  components: readonly GraphComponent[],
  holderOf: (fragment: ProfileFragment) => string | undefined,
  isTaken: (id: string) => boolean,
  newProfileId: () => string,
): readonly IdentifiedComponent[] {
  const parts = components
    .map(({ fragments }) => ({
      fragments,
      least: fragments.map(fragmentKey).reduce((a, b) => (compareText(a, b) <= 0 ? a : b)),
      claims: [] as string[],
    }))
    .sort((a, b) => compareText(a.least, b.least));

  const heirs = new Map<string, { part: (typeof parts)[number]; own: number; held: number }>();
  for (const part of parts)
    for (const [id, { own, held }] of shares(part.fragments, holderOf)) {
      const heir = heirs.get(id);
      if (heir === undefined || own > heir.own || (own === heir.own && held > heir.held))
        heirs.set(id, { part, own, held });
    }
  for (const [id, { part }] of heirs) part.claims.push(id);

  const given = new Set(parts.flatMap(({ claims }) => claims.sort().slice(0, 1)));
  return parts.map(({ fragments, claims: [claimed] }) => {
    if (claimed !== undefined) return { profileId: claimed, fragments };
    const origins = new Set(fragments.map(({ originId }) => originId));
    const former = [...origins].sort().find((id) => !given.has(id) && !isTaken(id));
    const profileId = former ?? newProfileId();
    given.add(profileId);
    if (former !== undefined) return { profileId, fragments };
    return { profileId, fragments: fragments.map((fragment) => ({ ...fragment, originId: profileId })) };
  });
}

/** Of each profile whose fragments are among them: how many it holds, and how many of those it began with. */
function shares(
  fragments: readonly ProfileFragment[],
  holderOf: (fragment: ProfileFragment) => string | undefined,
): Map<string, { own: number; held: number }> {
  const shares = new Map<string, { own: number; held: number }>();
  for (const fragment of fragments) {
    const id = holderOf(fragment);
    if (id === undefined) continue;
    const { own, held } = shares.get(id) ?? { own: 0, held: 0 };
    shares.set(id, { own: own + (fragment.originId === id ? 1 : 0), held: held + 1 });
  }
  return shares;
}
