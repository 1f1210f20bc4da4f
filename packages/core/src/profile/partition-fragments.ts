import type { IdType } from '../identity/namespaces.ts';
import type { Identity } from '../identity/normalise.ts';
import { compareText, type FragmentLink, type ProfileFragment } from './fragment.ts';
import { DisjointSets, identityKey } from './join-identities.ts';

/** Identities of one person at most. Source: the platform's identity guardrails. */
export const maxIdentitiesPerGraph = 50;

/** Fragments that are one person, with the cuts that a full graph made. */
export type GraphComponent = { readonly fragments: readonly ProfileFragment[] };

/**
 * Who is who among fragments: those connected by links that count are one person. A graph of more than
 * `maxIdentitiesPerGraph` identities loses cookies first, then devices, then people's own, the longest unseen
 * first, until it fits; what is lost becomes a person by itself. The result depends on the set of fragments, not on
 * their order.
 *
 * @param idTypeOf the kind of an identity namespace; unknown ones count as people's own.
 */
export function partitionFragments(
  fragments: readonly ProfileFragment[],
  idTypeOf: (namespace: string) => IdType | undefined,
): readonly GraphComponent[] {
  return connect(fragments).flatMap((component) => {
    const dropped = overflowOf(component, idTypeOf);
    if (dropped.size === 0) return [{ fragments: component }];
    return partitionFragments(
      component.map((fragment) => cutLinks(fragment, dropped)),
      idTypeOf,
    );
  });
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

function connect(fragments: readonly ProfileFragment[]): ProfileFragment[][] {
  const groups = new DisjointSets();
  for (const { primary, links } of fragments)
    for (const link of links)
      if (link.cut === undefined) groups.union(identityKey(primary), identityKey(link));
  const components = new Map<string, ProfileFragment[]>();
  for (const fragment of fragments) {
    const root = groups.find(identityKey(fragment.primary));
    const component = components.get(root);
    if (component === undefined) components.set(root, [fragment]);
    else component.push(fragment);
  }
  return [...components.values()];
}

/** Keys of the identities that have to go. */
function overflowOf(
  fragments: readonly ProfileFragment[],
  idTypeOf: (namespace: string) => IdType | undefined,
): ReadonlySet<string> {
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

/** A fragment without links to or from what was dropped; its primary identity always stays its own. */
function cutLinks(fragment: ProfileFragment, dropped: ReadonlySet<string>): ProfileFragment {
  const own = identityKey(fragment.primary);
  const isDropped = dropped.has(own);
  let isChanged = false;
  const links = fragment.links.map((link): FragmentLink => {
    const key = identityKey(link);
    if (link.cut !== undefined || key === own || !(isDropped || dropped.has(key))) return link;
    isChanged = true;
    return { ...link, cut: 'graph_full' };
  });
  return isChanged ? { ...fragment, links } : fragment;
}
