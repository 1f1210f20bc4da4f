import { type Identity, type IdentityPair, orderPair, pairKey } from '@headrace/core';
import { type Db, rows, type Trx } from './database.ts';

/** Those of the given pairs that a person has parted, as `pairKey`s. */
export async function findParted(db: Db, pairs: readonly IdentityPair[]): Promise<Set<string>> {
  if (pairs.length === 0) return new Set();
  const parted = await rows<UnlinkRow>(
    db,
    `select ${columns} from identity_unlink u join ${pairRows} using (namespace, value, other_namespace, other_value)`,
    pairColumns(pairs),
  );
  return new Set(parted.map(toPair).map(pairKey));
}

/** Parts pairs: records that link them do so no longer. */
export async function insertUnlinks(
  trx: Trx,
  pairs: readonly IdentityPair[],
  principal: string,
  now: Date,
): Promise<void> {
  await trx.query(
    `insert into identity_unlink (namespace, value, other_namespace, other_value, principal, unlinked_at)
     select namespace, value, other_namespace, other_value, $5, $6 from ${pairRows}
     on conflict (namespace, value, other_namespace, other_value) do nothing`,
    [...pairColumns(pairs), principal, now],
  );
}

/** Takes pairs back. */
export async function deleteUnlinks(trx: Trx, pairs: readonly IdentityPair[]): Promise<void> {
  await trx.query(
    `delete from identity_unlink u using ${pairRows}
     where u.namespace = pair.namespace and u.value = pair.value
       and u.other_namespace = pair.other_namespace and u.other_value = pair.other_value`,
    pairColumns(pairs),
  );
}

/** Pairs that name one of the given identities. */
export async function findUnlinksOf(db: Db, identities: readonly Identity[]): Promise<IdentityPair[]> {
  const found = await rows<UnlinkRow>(
    db,
    `with named as (select * from unnest($1::text[], $2::text[]) as named (namespace, value))
     select ${columns} from identity_unlink u join named on u.namespace = named.namespace and u.value = named.value
     union
     select ${columns} from identity_unlink u
     join named on u.other_namespace = named.namespace and u.other_value = named.value`,
    [identities.map(({ namespace }) => namespace), identities.map(({ value }) => value)],
  );
  return found.map(toPair);
}

type UnlinkRow = { namespace: string; value: string; otherNamespace: string; otherValue: string };
const columns = `u.namespace, u.value, u.other_namespace as "otherNamespace", u.other_value as "otherValue"`;
const toPair = ({ namespace, value, otherNamespace, otherValue }: UnlinkRow): IdentityPair => [
  { namespace, value },
  { namespace: otherNamespace, value: otherValue },
];

const pairRows = `unnest($1::text[], $2::text[], $3::text[], $4::text[])
  as pair (namespace, value, other_namespace, other_value)`;
const pairColumns = (pairs: readonly IdentityPair[]): unknown[] => {
  const ordered = pairs.map(orderPair);
  return [
    ordered.map(([a]) => a.namespace),
    ordered.map(([a]) => a.value),
    ordered.map(([, b]) => b.namespace),
    ordered.map(([, b]) => b.value),
  ];
};
