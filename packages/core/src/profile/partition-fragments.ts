import type { IdType } from '../identity/namespaces.ts';
import { type Identity, identityKey } from '../identity/normalise.ts';
import { compareText, type FragmentLink, fragmentKey, type ProfileFragment } from './fragment.ts';
import { DisjointSets } from './join-identities.ts';

/** Identities of one person at most. Source: the platform's identity guardrails. */
export const maxIdentitiesPerGraph = 50;

/**
 * Fragments that an identity connects at most, those that saw it last: it bounds what has to be read to decide who is
 * who around an identity that thousands share.
 */
export const maxFragmentsPerIdentity = 200;

/** Fragments that are one person, with the cuts that a full graph made. */
export type GraphComponent = { readonly fragments: readonly ProfileFragment[] };

type IdTypeOf = (namespace: string) => IdType | undefined;

/**
 * Who is who among fragments: those connected by links are one person. A graph of more than `maxIdentitiesPerGraph`
 * identities loses cookies first, then devices, then people's own, the longest unseen first, until it fits; what is
 * lost becomes a person by itself. Links that a full graph cut before compete again, so the result depends on the
 * set of fragments and on what their records said, not on the order in which they came (promise 7).
 *
 * @param idTypeOf the kind of an identity namespace; unknown ones count as people's own.
 * @returns components whose fragments are the given objects where their cuts are as they were.
 */
export function partitionFragments(
  fragments: readonly ProfileFragment[],
  idTypeOf: IdTypeOf,
): readonly GraphComponent[] {
  const given = new Map(fragments.map((fragment) => [fragmentKey(fragment), fragment]));
  const restore = (fragment: ProfileFragment): ProfileFragment => {
    const before = given.get(fragmentKey(fragment));
    return before !== undefined && haveEqualCuts(before, fragment) ? before : fragment;
  };
  return fit(cutCrowded(fragments.map(reopen)), idTypeOf).map((component) => ({
    fragments: component.map(restore),
  }));
}

/** Identities of a profile: those of its fragments' links that count, each once, in order. */
export function identitiesOf(fragments: readonly ProfileFragment[]): readonly Identity[] {
  const identities = new Map<string, Identity>();
  for (const { links } of fragments)
    for (const { namespace, value, cut } of links)
      if (cut === undefined) identities.set(identityKey({ namespace, value }), { namespace, value });
  return [...identities.values()].sort(
    (a, b) => compareText(a.namespace, b.namespace) || compareText(a.value, b.value),
  );
}

function fit(fragments: readonly ProfileFragment[], idTypeOf: IdTypeOf): readonly ProfileFragment[][] {
  return connect(fragments).flatMap((component) => {
    const dropped = overflowOf(component, idTypeOf);
    if (dropped.size === 0) return [component];
    const isCut = (fragment: ProfileFragment, link: FragmentLink): boolean =>
      dropped.has(identityKey(fragment.primary)) || dropped.has(identityKey(link));
    return fit(
      component.map((fragment) => cutLinks(fragment, isCut)),
      idTypeOf,
    );
  });
}

function connect(fragments: readonly ProfileFragment[]): ProfileFragment[][] {
  const groups = new DisjointSets<string>();
  for (const { primary, links } of fragments)
    for (const link of links)
      if (link.cut === undefined) groups.union(identityKey(primary), identityKey(link));
  return [...Map.groupBy(fragments, ({ primary }) => groups.find(identityKey(primary))).values()];
}

/** Keys of the identities that have to go. */
function overflowOf(fragments: readonly ProfileFragment[], idTypeOf: IdTypeOf): ReadonlySet<string> {
  const seen = new Map<string, FragmentLink>();
  for (const { links } of fragments)
    for (const link of links) {
      if (link.cut !== undefined) continue;
      const known = seen.get(identityKey(link));
      if (known === undefined || known.last < link.last) seen.set(identityKey(link), link);
    }
  if (seen.size <= maxIdentitiesPerGraph) return new Set();
  const ranked = [...seen.values()].sort(
    (a, b) =>
      keptFor(idTypeOf(a.namespace)) - keptFor(idTypeOf(b.namespace)) ||
      a.last - b.last ||
      compareText(a.namespace, b.namespace) ||
      compareText(a.value, b.value),
  );
  return new Set(ranked.slice(0, seen.size - maxIdentitiesPerGraph).map(identityKey));
}

const keptFor = (idType: IdType | undefined): number =>
  idType === 'COOKIE' ? 0 : idType === 'DEVICE' ? 1 : 2;

/** Of the fragments that link one identity only the last to see it count. */
function cutCrowded(fragments: readonly ProfileFragment[]): readonly ProfileFragment[] {
  const linking = new Map<string, { readonly key: string; readonly last: number }[]>();
  for (const fragment of fragments)
    for (const link of fragment.links) {
      if (link.cut !== undefined || isOwn(fragment, link)) continue;
      const seen = { key: fragmentKey(fragment), last: link.last };
      const others = linking.get(identityKey(link));
      if (others === undefined) linking.set(identityKey(link), [seen]);
      else others.push(seen);
    }
  const counting = new Map<string, ReadonlySet<string>>();
  for (const [identity, seen] of linking) {
    if (seen.length <= maxFragmentsPerIdentity) continue;
    const newest = seen.sort((a, b) => b.last - a.last || compareText(a.key, b.key));
    counting.set(identity, new Set(newest.slice(0, maxFragmentsPerIdentity).map(({ key }) => key)));
  }
  if (counting.size === 0) return fragments;
  return fragments.map((fragment) =>
    cutLinks(fragment, (_, link) => counting.get(identityKey(link))?.has(fragmentKey(fragment)) === false),
  );
}

const isOwn = ({ primary }: ProfileFragment, link: FragmentLink): boolean =>
  primary.namespace === link.namespace && primary.value === link.value;

/** A fragment without some of its links; its primary identity always stays its own. */
function cutLinks(
  fragment: ProfileFragment,
  isCut: (fragment: ProfileFragment, link: FragmentLink) => boolean,
): ProfileFragment {
  let isChanged = false;
  const links = fragment.links.map((link): FragmentLink => {
    if (link.cut !== undefined || isOwn(fragment, link) || !isCut(fragment, link)) return link;
    isChanged = true;
    return { ...link, cut: 'graph_full' };
  });
  return isChanged ? { ...fragment, links } : fragment;
}

/** As its records told it. */
function reopen(fragment: ProfileFragment): ProfileFragment {
  if (fragment.links.every(({ cut }) => cut !== 'graph_full')) return fragment;
  const links = fragment.links.map(
    ({ cut, ...link }): FragmentLink => (cut === 'unlinked' ? { ...link, cut } : link),
  );
  return { ...fragment, links };
}

const haveEqualCuts = (a: ProfileFragment, b: ProfileFragment): boolean =>
  a.links.every(({ cut }, index) => cut === b.links[index]?.cut);
