import { randomUUID } from 'node:crypto';
import {
  bucketOf,
  canonicalJson,
  compareFragments,
  type JsonObject,
  joinIdentities,
  mergeFragments,
  type ProfileChange,
  type ProfileFragment,
} from '@headrace/core';
import type { Trx } from '../store/database.ts';
import { findIdentityHolders, insertIdentities } from '../store/identities.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { insertEvents } from '../store/profile-events.ts';
import { moveProfiles } from '../store/profile-moves.ts';
import { readDocuments, readFragments, writeDocuments, writeFragments } from '../store/profiles.ts';
import type { PreparedRecord } from './prepared-record.ts';

/** Hears of changed profiles inside the transaction that changes them. */
export type ProfileChangeListener = (trx: Trx, changes: readonly ProfileChange[], now: Date) => Promise<void>;

/**
 * The one place where profiles change: resolves identities, merges fragments and tells the listener, all in
 * the caller's transaction. A single request, a burst and a file of millions come through here with arrays of
 * different sizes.
 * @returns the profile of each record, in order.
 */
export async function applyRecords(
  trx: Trx,
  records: readonly PreparedRecord[],
  onChange: ProfileChangeListener,
  now: Date,
): Promise<readonly string[]> {
  await lockProfileWrites(trx);
  const known = await findIdentityHolders(
    trx,
    records.flatMap((record) => record.identities),
  );
  const { profileIds, merges, newLinks } = joinIdentities(
    records.map((record) => record.identities),
    known,
    randomUUID,
  );
  const placed = records.map((record, index) => ({ record, profileId: profileIds[index] as string }));
  const before = await readDocuments(trx, [...new Set(profileIds)]);
  await moveProfiles(trx, merges, now);
  await insertIdentities(
    trx,
    newLinks.map((link) => ({
      identity: link.identity,
      profileId: link.profileId,
      datasetId: (records[link.recordIndex] as PreparedRecord).datasetId,
    })),
    now,
  );
  await insertEvents(
    trx,
    placed
      .filter(({ record }) => record.kind === 'event')
      .map(({ record, profileId }) => ({
        profileId,
        datasetId: record.datasetId,
        eventId: record.recordId,
        at: new Date(record.stampMs),
        document: record.document,
      })),
  );
  const survivors = new Set(merges.map((merge) => merge.into));
  const changes = await mergeDocuments(trx, placed, before, survivors, now);
  if (changes.length > 0) await onChange(trx, changes, now);
  return profileIds;
}

async function mergeDocuments(
  trx: Trx,
  placed: readonly { readonly record: PreparedRecord; readonly profileId: string }[],
  before: ReadonlyMap<string, JsonObject>,
  survivors: ReadonlySet<string>,
  now: Date,
): Promise<ProfileChange[]> {
  const touched = [...new Set(placed.map(({ profileId }) => profileId))];
  const stored = await readFragments(trx, touched);
  const fragments = new Map(
    touched.map((profileId) => [
      profileId,
      new Map((stored.get(profileId) ?? []).map((fragment) => [fragmentKey(fragment), fragment])),
    ]),
  );
  const newest = new Map<string, { profileId: string; fragment: ProfileFragment }>();
  for (const { record, profileId } of placed) {
    if (record.kind === 'event') continue;
    const fragment: ProfileFragment = record;
    const key = fragmentKey(fragment);
    const ofProfile = fragments.get(profileId);
    const present = ofProfile?.get(key);
    if (present !== undefined && compareFragments(present, fragment) >= 0) continue;
    ofProfile?.set(key, fragment);
    newest.set(`${profileId}\u0000${key}`, { profileId, fragment });
  }
  await writeFragments(trx, [...newest.values()]);

  const changes = touched.flatMap((profileId): ProfileChange[] => {
    const after = mergeFragments([...(fragments.get(profileId)?.values() ?? [])]);
    const earlier = before.get(profileId);
    const isMerged = survivors.has(profileId);
    if (!isMerged && earlier !== undefined && canonicalJson(earlier) === canonicalJson(after)) return [];
    return [{ bucket: bucketOf(profileId), profileId, before: earlier ?? {}, after, isMerged }];
  });
  await writeDocuments(
    trx,
    changes.map(({ profileId, after }) => ({ profileId, document: after })),
    now,
  );
  return changes;
}

const fragmentKey = (fragment: ProfileFragment): string =>
  `${fragment.datasetId}\u0000${fragment.primary.namespace}\u0000${fragment.primary.value}`;
