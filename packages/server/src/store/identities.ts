import { compareText, type Identity, identityKey } from '@headrace/core';
import { bareArray, textArray } from './array-parameters.ts';
import { type Db, maybeRow, preparedRows, rows, type Trx } from './database.ts';

/** Which profile holds each of the given identities now: identity key → profile id. */
export async function findIdentityHolders(
  db: Db,
  identities: readonly Identity[],
): Promise<Map<string, string>> {
  const found = await preparedRows<{ namespace: string; value: string; profileId: string }>(
    db,
    `select i.namespace, i.value, i.profile_id as "profileId"
     from identity i
     join unnest($1::text[], $2::text[]) as wanted (namespace, value) using (namespace, value)`,
    keyColumns(identities),
  );
  return new Map(found.map((row) => [identityKey(row), row.profileId]));
}

export async function findProfileByIdentity(db: Db, identity: Identity): Promise<string | undefined> {
  const row = await maybeRow<{ profileId: string }>(
    db,
    'select profile_id as "profileId" from identity where namespace = $1 and value = $2',
    [identity.namespace, identity.value],
  );
  return row?.profileId;
}

/** Says whose identities are from now on; whoever held them before no longer does. */
export async function linkIdentities(
  trx: Trx,
  links: readonly { readonly identity: Identity; readonly profileId: string }[],
): Promise<void> {
  if (links.length === 0) return;
  await preparedRows(
    trx,
    `insert into identity (namespace, value, profile_id)
     select namespace, value, profile_id
     from unnest($1::text[], $2::text[], $3::uuid[]) as link (namespace, value, profile_id)
     on conflict (namespace, value) do update set profile_id = excluded.profile_id`,
    [
      ...keyColumns(links.map(({ identity }) => identity)),
      bareArray(links.map(({ profileId }) => profileId)),
    ],
  );
}

/** Identities that nobody holds any longer. */
export async function unlinkIdentities(trx: Trx, identities: readonly Identity[]): Promise<void> {
  if (identities.length === 0) return;
  await trx.query(
    `delete from identity i using unnest($1::text[], $2::text[]) as gone (namespace, value)
     where i.namespace = gone.namespace and i.value = gone.value`,
    keyColumns(identities),
  );
}

const keyColumns = (identities: readonly Identity[]): unknown[] => [
  textArray(identities.map(({ namespace }) => namespace)),
  textArray(identities.map(({ value }) => value)),
];

export type IdentityPair = readonly [Identity, Identity];

/** A pair in its one order, as text: equal for (a, b) and (b, a). */
export const pairKey = (pair: IdentityPair): string => orderPair(pair).map(identityKey).join('\u0000');

/** Whether a person has parted any pair at all. */
export async function hasParted(db: Db): Promise<boolean> {
  const found = await preparedRows<{ has: boolean }>(
    db,
    'select exists (select from identity_unlink) as has',
  );
  return found[0]?.has === true;
}

/** Those of the given pairs that a person has parted, as `pairKey`s. */
export async function findParted(db: Db, pairs: readonly IdentityPair[]): Promise<Set<string>> {
  if (pairs.length === 0) return new Set();
  const ordered = pairs.map(orderPair);
  const parted = await rows<PartedRow>(
    db,
    `select u.namespace, u.value, u.other_namespace as "otherNamespace", u.other_value as "otherValue"
     from identity_unlink u
     join unnest($1::text[], $2::text[], $3::text[], $4::text[])
       as pair (namespace, value, other_namespace, other_value)
       using (namespace, value, other_namespace, other_value)`,
    [
      ordered.map(([a]) => a.namespace),
      ordered.map(([a]) => a.value),
      ordered.map(([, b]) => b.namespace),
      ordered.map(([, b]) => b.value),
    ],
  );
  return new Set(
    parted.map((row) => pairKey([row, { namespace: row.otherNamespace, value: row.otherValue }])),
  );
}

type PartedRow = { namespace: string; value: string; otherNamespace: string; otherValue: string };

const orderPair = ([a, b]: IdentityPair): IdentityPair =>
  compareText(identityKey(a), identityKey(b)) <= 0 ? [a, b] : [b, a];
