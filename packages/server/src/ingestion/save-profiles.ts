import {
  bucketOf,
  diffProfiles,
  firstIdentities,
  isSameJson,
  type MergePolicy,
  mergeFragments,
  type ProfileChange,
  type ProfileDiff,
  type ProfileFragment,
  type ProfileFragments,
} from '@headrace/core';
import { type Trx, together } from '../store/database.ts';
import { mergeExports, splitExports } from '../store/export-moves.ts';
import { deleteCutOff, writeCutOff } from '../store/graph-overflow.ts';
import { linkIdentities, unlinkIdentities } from '../store/identities.ts';
import { readDefaultMergePolicy } from '../store/merge-policies.ts';
import { type HistoryEntry, insertProfileChanges } from '../store/profile-changes.ts';
import { deleteEventsOf, moveEvents } from '../store/profile-events.ts';
import { deleteFragments, writeFragments } from '../store/profile-fragments.ts';
import { deleteProfiles, writeDocuments } from '../store/profiles.ts';
import { boundChanges } from './bound-changes.ts';
import { fieldChanges } from './field-changes.ts';
import type { StoredProfiles } from './stored-profiles.ts';

/** Hears of changed profiles inside the transaction that changes them. */
export type ProfileChangeListener = (trx: Trx, changes: readonly ProfileChange[], now: Date) => Promise<void>;

/**
 * Makes profiles what `after` says, whatever the reason: new records, a merge, a split, a deleted dataset or person.
 * Fragments, events, identities, documents, history and what destinations hold follow from the difference, and the
 * listener hears of it. The caller has taken the lock on profile writes before it read `before`.
 *
 * @param after fragments of every profile that `before` names or that begins now; none for one that ends.
 * @param withEvents profiles that were given events, which changes no document.
 */
export async function saveProfiles(
  trx: Trx,
  before: StoredProfiles,
  after: ProfileFragments,
  onChange: ProfileChangeListener,
  now: Date,
  withEvents: ReadonlySet<string> = new Set(),
): Promise<void> {
  const diff = diffProfiles(before.fragments, after);
  const policy = readDefaultMergePolicy(trx);
  const fragmentsWritten = together(
    deleteEventsOf(trx, diff.removed),
    moveEvents(trx, diff.moved),
    deleteFragments(trx, [
      ...diff.removed,
      ...diff.moved.map(({ from, fragment }) => ({ profileId: from, fragment })),
    ]),
    writeFragments(trx, [...diff.moved, ...diff.written]),
    unlinkIdentities(trx, diff.unlinked),
    linkIdentities(trx, diff.linked),
    deleteCutOff(trx, diff.noLongerCutOff),
    writeCutOff(trx, diff.cutOff),
  );
  // Merging takes Node about as long as writing takes PostgreSQL.
  const changes = changesOf(before, after, diff, await policy, withEvents);
  if (diff.merges.length + diff.splits.length > 0) {
    // Where writing them fails, that has to show and not what fails behind it.
    await fragmentsWritten;
    await mergeExports(trx, diff.merges, now);
    await splitExports(trx, diff.splits, now);
  }
  await together(
    fragmentsWritten,
    // First, since it begins by reading: then it works while PostgreSQL writes the documents.
    changes.length > 0 && onChange(trx, changes, now),
    writeDocuments(
      trx,
      changes
        .filter(({ kind }) => kind !== 'gone' && kind !== 'events')
        .map(({ profileId, after: document }) => ({ profileId, document })),
      now,
    ),
    insertProfileChanges(
      trx,
      changes.flatMap((change) => toHistory(change, before)),
      now,
    ),
  );
  await deleteProfiles(
    trx,
    [
      ...diff.merges.map(({ from }) => from),
      ...changes.flatMap(({ kind, profileId }) => (kind === 'gone' ? [profileId] : [])),
    ],
    now,
  );
}

function changesOf(
  before: StoredProfiles,
  after: ProfileFragments,
  diff: ProfileDiff,
  policy: MergePolicy,
  withEvents: ReadonlySet<string>,
): ProfileChange[] {
  const mergedAway = new Set(diff.merges.map(({ from }) => from));
  const gained = new Set(diff.moved.map(({ profileId }) => profileId));
  const lost = new Set(diff.moved.map(({ from }) => from));
  const hasOtherEvents = new Set([...withEvents, ...diff.removed.map(({ profileId }) => profileId)]);
  const merges = Map.groupBy(diff.merges, ({ into }) => into);
  const profileIds = new Set([...before.fragments.keys(), ...after.keys()]);
  return [...profileIds].flatMap((profileId): ProfileChange[] => {
    if (mergedAway.has(profileId)) return [];
    const stored = before.documents.get(profileId);
    const fragments = after.get(profileId) ?? [];
    const change = { bucket: bucketOf(profileId), profileId, before: stored ?? {} };
    if (fragments.length === 0) return stored === undefined ? [] : [{ ...change, after: {}, kind: 'gone' }];
    const document = mergeFragments(fragments, policy.attributeMerge);
    const isRegrouped = gained.has(profileId) || lost.has(profileId);
    const hasOtherIdentities = haveOtherIdentities(before.fragments.get(profileId) ?? [], fragments);
    if (!isRegrouped && stored !== undefined && isSameJson(stored, document))
      return hasOtherEvents.has(profileId) || hasOtherIdentities
        ? [{ ...change, after: stored, kind: 'events', hasOtherIdentities }]
        : [];
    const kind =
      stored === undefined
        ? gained.has(profileId)
          ? 'split'
          : 'created'
        : lost.has(profileId)
          ? 'split'
          : gained.has(profileId)
            ? 'merged'
            : 'changed';
    const absorbed = merges
      .get(profileId)
      ?.map(({ from }) => ({ profileId: from, before: before.documents.get(from) ?? {} }));
    return [
      {
        ...change,
        after: document,
        kind,
        isNew: stored === undefined,
        hasOtherIdentities,
        ...(absorbed && { absorbed }),
      },
    ];
  });
}

/** Whether any namespace has another first identity. */
function haveOtherIdentities(before: readonly ProfileFragment[], after: readonly ProfileFragment[]): boolean {
  const [was, is] = [firstIdentities(before), firstIdentities(after)];
  return was.size !== is.size || [...is].some(([namespace, value]) => was.get(namespace) !== value);
}

function toHistory(change: ProfileChange, stored: StoredProfiles): HistoryEntry[] {
  const { profileId, kind } = change;
  const version = stored.versions.get(profileId);
  if (version === undefined || kind === 'created' || kind === 'gone' || kind === 'events') return [];
  const changes = boundChanges(fieldChanges(change.before, change.after));
  return [{ profileId, version: version + 1, kind, changes }];
}
