import {
  combineFragments,
  type FragmentLink,
  fragmentKey,
  identityKey,
  type ProfileFragment,
  pairKey,
} from '@headrace/core';
import type { PreparedRecord } from './prepared-record.ts';

const dayMs = 86_400_000;

/**
 * Fragments of profiles once records are laid into them. Pure.
 *
 * @param stored all fragments of every profile that takes part, by profile id.
 * @param placed each record with the profile it belongs to now.
 * @param merges profiles whose fragments go on in another.
 * @param parted pairs of identities that a person has parted, as `pairKey`s.
 */
export function placeRecords(
  stored: ReadonlyMap<string, readonly ProfileFragment[]>,
  placed: readonly { readonly record: PreparedRecord; readonly profileId: string }[],
  merges: readonly { readonly from: string; readonly into: string }[],
  parted: ReadonlySet<string>,
): Map<string, ProfileFragment[]> {
  const byKey = new Map<string, Map<string, ProfileFragment>>();
  const fragmentsOf = (profileId: string): Map<string, ProfileFragment> => {
    const known = byKey.get(profileId);
    if (known !== undefined) return known;
    const fragments = new Map((stored.get(profileId) ?? []).map((one) => [fragmentKey(one), one]));
    byKey.set(profileId, fragments);
    return fragments;
  };
  for (const { from, into } of merges) {
    const target = fragmentsOf(into);
    for (const fragment of stored.get(from) ?? []) target.set(fragmentKey(fragment), fragment);
    byKey.set(from, new Map());
  }
  for (const { record, profileId } of placed) {
    const fragments = fragmentsOf(profileId);
    const originId = originOf(record, [...fragments.values()], profileId);
    const incoming = toFragment(record, originId, parted);
    const key = fragmentKey(incoming);
    fragments.set(key, combineFragments(fragments.get(key), incoming));
  }
  return new Map([...byKey].map(([profileId, fragments]) => [profileId, [...fragments.values()]]));
}

/**
 * A fragment that is added to a merged profile belongs to the one of the merged that knows its primary identity, so
 * that a split does not take it elsewhere.
 */
function originOf(record: PreparedRecord, fragments: readonly ProfileFragment[], profileId: string): string {
  if (fragments.every(({ originId }) => originId === profileId)) return profileId;
  const own = identityKey(record.primary);
  const kin =
    fragments.find(({ primary }) => identityKey(primary) === own) ??
    fragments.find(({ links }) => links.some((link) => identityKey(link) === own));
  return kin?.originId ?? profileId;
}

/** Of an event only the links are kept here, by day, so that most events of a person change nothing. */
function toFragment(record: PreparedRecord, originId: string, parted: ReadonlySet<string>): ProfileFragment {
  const isEvent = record.kind === 'event';
  const seen = isEvent ? Math.floor(record.stampMs / dayMs) * dayMs : record.stampMs;
  return {
    datasetId: record.datasetId,
    primary: record.primary,
    originId,
    recordId: isEvent ? '' : record.recordId,
    stampMs: seen,
    batchId: isEvent ? null : record.batchId,
    receivedMs: isEvent ? seen : record.receivedMs,
    links: record.identities.map(({ namespace, value }): FragmentLink => {
      const isParted =
        parted.size > 0 &&
        identityKey({ namespace, value }) !== identityKey(record.primary) &&
        parted.has(pairKey([record.primary, { namespace, value }]));
      return { namespace, value, first: seen, last: seen, ...(isParted && { cut: 'unlinked' }) };
    }),
    document: isEvent ? {} : record.document,
  };
}
