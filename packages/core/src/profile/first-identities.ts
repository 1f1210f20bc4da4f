import type { FragmentLink, ProfileFragment } from './fragment.ts';

/**
 * The identity of each namespace that records linked to a profile first, ties by value: it stays the same however
 * often records come again. Links that were cut do not count.
 * @returns namespace → value.
 */
export function firstIdentities(
  fragments: readonly Pick<ProfileFragment, 'links'>[],
): ReadonlyMap<string, string> {
  const firsts = new Map<string, FragmentLink>();
  for (const { links } of fragments)
    for (const link of links) {
      if (link.cut !== undefined) continue;
      const known = firsts.get(link.namespace);
      if (known === undefined || isEarlier(link, known)) firsts.set(link.namespace, link);
    }
  return new Map([...firsts].map(([namespace, { value }]) => [namespace, value]));
}

const isEarlier = (link: FragmentLink, than: FragmentLink): boolean =>
  link.first < than.first || (link.first === than.first && link.value < than.value);
