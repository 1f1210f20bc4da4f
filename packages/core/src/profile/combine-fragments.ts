import { compareFragments, type FragmentLink, type ProfileFragment } from './fragment.ts';
import { identityKey } from './join-identities.ts';

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
  const links = combineLinks(present.links, incoming.links);
  if (!isNewer && links === present.links) return present;
  const record = isNewer ? incoming : present;
  return { ...record, originId: present.originId, links };
}

function combineLinks(
  present: readonly FragmentLink[],
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
  return isChanged ? [...combined.values()] : present;
}

/** A link that was full once competes again when it is seen again; one that a person cut stays cut. */
function combineLink(known: FragmentLink, seen: FragmentLink): FragmentLink {
  const first = Math.min(known.first, seen.first);
  const last = Math.max(known.last, seen.last);
  const cut = known.cut === 'unlinked' ? known.cut : seen.cut;
  if (first === known.first && last === known.last && cut === known.cut) return known;
  const { namespace, value } = known;
  return { namespace, value, first, last, ...(cut !== undefined && { cut }) };
}
