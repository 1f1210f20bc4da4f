import {
  bucketOf,
  canonicalJson,
  diffProfiles,
  type JsonObject,
  type MergePolicy,
  mergeFragments,
  type ProfileChange,
  type ProfileDiff,
  type ProfileFragments,
} from '@headrace/core';
import type { Trx } from '../store/database.ts';
import { mergeExports, splitExports } from '../store/export-moves.ts';
import { deleteCutOff, writeCutOff } from '../store/graph-overflow.ts';
import { linkIdentities, unlinkIdentities } from '../store/identities.ts';
import { readDefaultMergePolicy } from '../store/merge-policies.ts';
import { insertProfileChanges } from '../store/profile-changes.ts';
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
 */
export async function saveProfiles(
  trx: Trx,
  before: StoredProfiles,
  after: ProfileFragments,
  onChange: ProfileChangeListener,
  now: Date,
): Promise<void> {
  const diff = diffProfiles(before.fragments, after);
  await deleteEventsOf(trx, diff.removed);
  await moveEvents(trx, diff.moved);
  await deleteFragments(trx, [
    ...diff.removed,
    ...diff.moved.map(({ from, fragment }) => ({ profileId: from, fragment })),
  ]);
  await writeFragments(trx, [...diff.moved, ...diff.written]);
  await unlinkIdentities(trx, diff.unlinked);
  await linkIdentities(trx, diff.linked);
  await deleteCutOff(trx, diff.noLongerCutOff);
  await writeCutOff(trx, diff.cutOff);

  const changes = changesOf(before, after, diff, await readDefaultMergePolicy(trx));
  const written = changes.filter(({ kind }) => kind !== 'gone');
  await writeDocuments(
    trx,
    written.map(({ profileId, after: document }) => ({ profileId, document })),
    now,
  );
  await insertProfileChanges(trx, written.flatMap(toHistory), now);
  await mergeExports(trx, diff.merges, now);
  await splitExports(trx, diff.splits);
  if (changes.length > 0) await onChange(trx, changes, now);
  await deleteProfiles(trx, [
    ...diff.merges.map(({ from }) => from),
    ...changes.flatMap(({ kind, profileId }) => (kind === 'gone' ? [profileId] : [])),
  ]);
}

function changesOf(
  before: StoredProfiles,
  after: ProfileFragments,
  diff: ProfileDiff,
  policy: MergePolicy,
): ProfileChange[] {
  const mergedAway = new Set(diff.merges.map(({ from }) => from));
  const gained = new Set(diff.moved.map(({ profileId }) => profileId));
  const lost = new Set(diff.moved.map(({ from }) => from));
  const profileIds = new Set([...before.fragments.keys(), ...after.keys()]);
  return [...profileIds].flatMap((profileId): ProfileChange[] => {
    if (mergedAway.has(profileId)) return [];
    const stored = before.documents.get(profileId);
    const fragments = after.get(profileId) ?? [];
    const change = { bucket: bucketOf(profileId), profileId, before: stored ?? {} };
    if (fragments.length === 0) return stored === undefined ? [] : [{ ...change, after: {}, kind: 'gone' }];
    const document = mergeFragments(fragments, policy.attributeMerge);
    const isRegrouped = gained.has(profileId) || lost.has(profileId);
    if (!isRegrouped && stored !== undefined && isSame(stored, document)) return [];
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
    return [{ ...change, after: document, kind }];
  });
}

const isSame = (a: JsonObject, b: JsonObject): boolean => canonicalJson(a) === canonicalJson(b);

const toHistory = (change: ProfileChange) =>
  change.kind === 'created' || change.kind === 'gone' || Object.keys(change.before).length === 0
    ? []
    : [
        {
          profileId: change.profileId,
          kind: change.kind,
          changes: boundChanges(fieldChanges(change.before, change.after)),
        },
      ];
