import { type Identity, identityKey, maxFragmentsPerIdentity, type OverflowLink } from '@headrace/core';
import { type Db, maybeRow, rows, type Trx } from './database.ts';

/** Whether any graph is so full that links of it were cut; hardly ever. */
export async function hasCutOff(db: Db): Promise<boolean> {
  return (await maybeRow<object>(db, 'select from graph_overflow limit 1')) !== undefined;
}

/**
 * Profiles that would hold one of the given identities if its graph had room, those that saw it last: identity
 * key → profile ids, no more than can count.
 */
export async function findCutOff(db: Db, identities: readonly Identity[]): Promise<Map<string, string[]>> {
  const found = await rows<{ namespace: string; value: string; profileId: string }>(
    db,
    `select o.namespace, o.value, o.profile_id as "profileId"
     from unnest($1::text[], $2::text[]) as wanted (namespace, value)
     cross join lateral (
       select * from graph_overflow o where o.namespace = wanted.namespace and o.value = wanted.value
       order by o.last_seen desc, o.profile_id limit $3
     ) as o`,
    [
      identities.map((identity) => identity.namespace),
      identities.map((identity) => identity.value),
      maxFragmentsPerIdentity + 1,
    ],
  );
  const byIdentity = new Map<string, string[]>();
  for (const row of found) {
    const profileIds = byIdentity.get(identityKey(row));
    if (profileIds === undefined) byIdentity.set(identityKey(row), [row.profileId]);
    else profileIds.push(row.profileId);
  }
  return byIdentity;
}

/** Writes down links that full graphs cut. */
export async function writeCutOff(trx: Trx, cut: readonly OverflowLink[]): Promise<void> {
  if (cut.length === 0) return;
  await trx.query(
    `insert into graph_overflow (namespace, value, profile_id, last_seen)
     select * from unnest($1::text[], $2::text[], $3::uuid[], $4::timestamptz[])
     on conflict (namespace, value, profile_id) do update set last_seen = excluded.last_seen`,
    [...keyColumns(cut), cut.map(({ last }) => new Date(last))],
  );
}

/** Forgets such links: they count again, or are gone. */
export async function deleteCutOff(trx: Trx, gone: readonly OverflowLink[]): Promise<void> {
  if (gone.length === 0) return;
  await trx.query(
    `delete from graph_overflow o
     using unnest($1::text[], $2::text[], $3::uuid[]) as gone (namespace, value, profile_id)
     where o.namespace = gone.namespace and o.value = gone.value and o.profile_id = gone.profile_id`,
    keyColumns(gone),
  );
}

const keyColumns = (links: readonly OverflowLink[]): unknown[] => [
  links.map(({ identity }) => identity.namespace),
  links.map(({ identity }) => identity.value),
  links.map(({ profileId }) => profileId),
];
