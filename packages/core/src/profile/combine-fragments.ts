import { identityKey } from '../identity/normalise.ts';
import { compareFragments, compareText, type FragmentLink, type ProfileFragment } from './fragment.ts';

/** Links that a fragment keeps beside its own, those seen last: no graph has room for more. */
export const maxLinksPerFragment = 200;

/**
 * Two fragments of one primary identity and dataset as one: the newer record, and the links of both. Whatever
 * the order in which records are combined, the result is the same (promise 7).
 * @returns `present` itself when `incoming` adds nothing.
 */
export function combineFragments(
  present: ProfileFragment | undefined,
  incoming: ProfileFragment,
): ProfileFragment {
  if (present === undefined) return incoming;
  const isNewer = compareFragments(present, incoming) < 0;
  const links = combineLinks(present, incoming.links);
  if (!isNewer && links === present.links) return present;
  const record = isNewer ? incoming : present;
  return { ...record, originId: present.originId, links };
}

function combineLinks(
  { primary, links: present }: ProfileFragment,
  incoming: readonly FragmentLink[],
): readonly FragmentLink[] {
  let isChanged = false;
  const combined = new Map(present.map((link) => [identityKey(link), link]));
  for (const link of incoming) {
    const key = identityKey(link);
    const known = combined.get(key);
    const next = known === undefined ? link : combineLink(known, link);
    if (next === known) continue;
    combined.set(key, next);
    isChanged = true;
  }
  if (!isChanged) return present;
  const links = [...combined.values()];
  return links.length <= maxLinksPerFragment + 1 ? links : newestLinks(identityKey(primary), links);
}

function newestLinks(own: string, links: readonly FragmentLink[]): readonly FragmentLink[] {
  const others = links.filter((link) => identityKey(link) !== own);
  const newest = others.sort((a, b) => b.last - a.last || compareText(identityKey(a), identityKey(b)));
  return [...links.filter((link) => identityKey(link) === own), ...newest.slice(0, maxLinksPerFragment)];
}

/** One that a person parted stays so; whether a full graph has room for it is decided from the whole graph. */
function combineLink(known: FragmentLink, seen: FragmentLink): FragmentLink {
  const first = Math.min(known.first, seen.first);
  const last = Math.max(known.last, seen.last);
  const cut = seen.cut ?? known.cut;
  if (first === known.first && last === known.last && cut === known.cut) return known;
  const { namespace, value } = known;
  return { namespace, value, first, last, ...(cut !== undefined && { cut }) };
}
