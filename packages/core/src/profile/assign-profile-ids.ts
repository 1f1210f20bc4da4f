import { compareText, type ProfileFragment } from './fragment.ts';
import type { GraphComponent } from './partition-fragments.ts';
import { fragmentKey } from './profile-diff.ts';

export type IdentifiedComponent = {
  readonly profileId: string;
  /** Each with an origin that is its own profile or an earlier one of its. */
  readonly fragments: readonly ProfileFragment[];
};

/**
 * Gives each part of a profile that fell apart an id: the id itself to the part it began with (that has most
 * of its fragments), to the others the
 * id they had before they were merged into it, else a new one. So a split after a merge restores both profiles.
 *
 * @param isTaken whether another profile has an id now.
 */
export function assignProfileIds(
  profileId: string,
  components: readonly GraphComponent[],
  isTaken: (id: string) => boolean,
  newProfileId: () => string,
): readonly IdentifiedComponent[] {
  const parts = components
    .map(({ fragments }) => ({
      fragments,
      origins: [...new Set(fragments.map(({ originId }) => originId))].sort(),
      own: fragments.filter(({ originId }) => originId === profileId).length,
      least: fragments.map(fragmentKey).reduce((a, b) => (compareText(a, b) <= 0 ? a : b)),
    }))
    .sort((a, b) => b.own - a.own || compareText(a.least, b.least));
  const heir = parts[0];
  const given = new Set([profileId]);
  return parts.map((part) => {
    if (part === heir) return { profileId, fragments: part.fragments };
    const former = part.origins.find((id) => !given.has(id) && !isTaken(id));
    if (former !== undefined) {
      given.add(former);
      return { profileId: former, fragments: part.fragments };
    }
    const fresh = newProfileId();
    return {
      profileId: fresh,
      fragments: part.fragments.map((fragment) => ({ ...fragment, originId: fresh })),
    };
  });
}
