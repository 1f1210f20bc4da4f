import { randomUUID } from 'node:crypto';
import {
  type Identity,
  type IdentityPair,
  identityKey,
  joinIdentities,
  type ProfileFragment,
  pairKey,
} from '@headrace/core';
import { type Trx, together } from '../store/database.ts';
import { findIdentityHolders } from '../store/identities.ts';
import { findParted, hasParted } from '../store/identity-unlinks.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { insertEvents } from '../store/profile-events.ts';
import { placeRecords } from './place-records.ts';
import type { PreparedRecord } from './prepared-record.ts';
import { regroupAround } from './regroup-profiles.ts';
import { type ProfileChangeListener, saveProfiles } from './save-profiles.ts';
import { readStoredProfiles } from './stored-profiles.ts';

/**
 * The one way for records into profiles: resolves identities, merges fragments and tells the listener, all in the
 * caller's transaction. A single request, a burst and a file of millions come through here with arrays of
 * different sizes.
 * @returns the profile of each record, in order.
 */
export async function applyRecords(
  trx: Trx,
  records: readonly PreparedRecord[],
  onChange: ProfileChangeListener,
  now: Date,
): Promise<readonly string[]> {
  if (records.length === 0) return [];
  const [, known, isAnyParted] = await together(
    lockProfileWrites(trx),
    findIdentityHolders(
      trx,
      records.flatMap(({ identities }) => identities),
    ),
    hasParted(trx),
  );
  const parted = isAnyParted ? await findParted(trx, records.flatMap(pairsOf)) : noPairs;
  const identities = records.map((record) => countingIdentities(record, parted));
  const { profileIds, merges } = joinIdentities(identities, known, randomUUID);
  const placed = records.map((record, index) => ({ record, profileId: profileIds[index] as string }));

  const stored = await readStoredProfiles(trx, [
    ...new Set([...profileIds, ...merges.map(({ from }) => from)]),
  ]);
  const joined = placeRecords(stored.fragments, placed, merges, parted);
  // Only a graph that is too large can fall apart by a record, and hardly any is.
  const { before, after } = await regroupAround(trx, stored, joined, () => false);
  const holders = holdersOf(after);
  const settled = placed.map(({ record, profileId }) => ({
    record,
    profileId: holders.get(identityKey(record.primary)) ?? profileId,
  }));
  const events = settled.filter(({ record }) => record.kind === 'event');
  await insertEvents(
    trx,
    events.map(({ record, profileId }) => ({
      profileId,
      datasetId: record.datasetId,
      eventId: record.recordId,
      at: new Date(record.stampMs),
      primary: record.primary,
      batchId: record.batchId,
      document: record.document,
    })),
  );
  const withEvents = new Set(events.map(({ profileId }) => profileId));
  await saveProfiles(trx, before, after, onChange, now, withEvents);
  return settled.map(({ profileId }) => profileId);
}

const noPairs: ReadonlySet<string> = new Set();

const pairsOf = ({ primary, identities }: PreparedRecord): IdentityPair[] =>
  identities.filter((other) => !isSame(primary, other)).map((other) => [primary, other]);

/** The record's identities without those that a person has parted from its primary one. */
function countingIdentities(record: PreparedRecord, parted: ReadonlySet<string>): readonly Identity[] {
  if (parted.size === 0) return record.identities;
  return record.identities.filter(
    (other) => isSame(record.primary, other) || !parted.has(pairKey([record.primary, other])),
  );
}

function holdersOf(profiles: ReadonlyMap<string, readonly ProfileFragment[]>): Map<string, string> {
  const holders = new Map<string, string>();
  for (const [profileId, fragments] of profiles)
    for (const { primary } of fragments) holders.set(identityKey(primary), profileId);
  return holders;
}

const isSame = (a: Identity, b: Identity): boolean => identityKey(a) === identityKey(b);
