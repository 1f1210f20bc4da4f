import { type Identity, identityKey } from '../identity/normalise.ts';
import { compareText, type FragmentLink, type ProfileFragment } from './fragment.ts';

/** Two identities; which comes first means nothing. */
export type IdentityPair = readonly [Identity, Identity];

/** A pair in its one order. */
export const orderPair = ([a, b]: IdentityPair): IdentityPair =>
  compareText(identityKey(a), identityKey(b)) <= 0 ? [a, b] : [b, a];

/** A pair as text: equal for (a, b) and (b, a). */
export const pairKey = (pair: IdentityPair): string => orderPair(pair).map(identityKey).join('\u0000');

/** Whether a link leads from the fragment's primary identity to another: only those can be cut. */
const leadsAway = ({ primary }: ProfileFragment, link: Identity): boolean =>
  identityKey(primary) !== identityKey(link);

/**
 * Fragments with the links between the given pairs parted or, with `cut` undefined, counting again.
 * @param pairs as `pairKey`s.
 * @returns the same object where nothing changes.
 */
export const markPairs = (
  fragments: readonly ProfileFragment[],
  pairs: ReadonlySet<string>,
  cut: 'unlinked' | undefined,
): ProfileFragment[] =>
  fragments.map((fragment) => {
    const isMarked = (link: FragmentLink): boolean =>
      (link.cut === 'unlinked') !== (cut === 'unlinked') &&
      leadsAway(fragment, link) &&
      pairs.has(pairKey([fragment.primary, link]));
    if (!fragment.links.some(isMarked)) return fragment;
    const links = fragment.links.map((link): FragmentLink => {
      if (!isMarked(link)) return link;
      const { cut: _, ...uncut } = link;
      return cut === undefined ? uncut : { ...uncut, cut };
    });
    return { ...fragment, links };
  });

/** Every pair that a link of the fragments joins across the border of a set of identities. */
export function pairsAcross(
  fragments: readonly ProfileFragment[],
  inside: ReadonlySet<string>,
): readonly IdentityPair[] {
  const pairs = new Map<string, IdentityPair>();
  for (const fragment of fragments)
    for (const { namespace, value, cut } of fragment.links) {
      const linked = { namespace, value };
      const isAcross = inside.has(identityKey(fragment.primary)) !== inside.has(identityKey(linked));
      if (cut !== 'unlinked' && isAcross)
        pairs.set(pairKey([fragment.primary, linked]), [fragment.primary, linked]);
    }
  return [...pairs.values()];
}

/**
 * The fewest fragments through which two identities are connected by links that count, in order from one to the
 * other; undefined when they are not.
 */
export function findConnection(
  fragments: readonly ProfileFragment[],
  [from, to]: IdentityPair,
): readonly ProfileFragment[] | undefined {
  const byIdentity = new Map<string, ProfileFragment[]>();
  for (const fragment of fragments)
    for (const link of countingLinks(fragment)) {
      const key = identityKey(link);
      byIdentity.set(key, [...(byIdentity.get(key) ?? []), fragment]);
    }
  const paths = new Map<string, readonly ProfileFragment[]>([[identityKey(from), []]]);
  for (const [identity, path] of paths) {
    if (identity === identityKey(to)) return path;
    for (const fragment of byIdentity.get(identity) ?? [])
      for (const link of countingLinks(fragment))
        if (!paths.has(identityKey(link))) paths.set(identityKey(link), [...path, fragment]);
  }
  return undefined;
}

const countingLinks = ({ links }: ProfileFragment): readonly FragmentLink[] =>
  links.filter(({ cut }) => cut === undefined);
