import { type Identity, identityKey } from '@headrace/core';
import { type Db, maybeRow, rows, type Trx } from './database.ts';

/** Which profile holds each of the given identities now: identity key → profile id. */
export async function findIdentityHolders(
  db: Db,
  identities: readonly Identity[],
): Promise<Map<string, string>> {
  const found = await rows<{ namespace: string; value: string; profileId: string }>(
    db,
    `select i.namespace, i.value, i.profile_id as "profileId"
     from identity i
     join unnest($1::text[], $2::text[]) as wanted (namespace, value) using (namespace, value)`,
    [identities.map((identity) => identity.namespace), identities.map((identity) => identity.value)],
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
  await trx.query(
    `insert into identity (namespace, value, profile_id)
     select namespace, value, profile_id
     from unnest($1::text[], $2::text[], $3::uuid[]) as link (namespace, value, profile_id)
     on conflict (namespace, value) do update set profile_id = excluded.profile_id`,
    [
      links.map((link) => link.identity.namespace),
      links.map((link) => link.identity.value),
      links.map((link) => link.profileId),
    ],
  );
}

/** Identities that nobody holds any longer. */
export async function unlinkIdentities(trx: Trx, identities: readonly Identity[]): Promise<void> {
  if (identities.length === 0) return;
  await trx.query(
    `delete from identity i using unnest($1::text[], $2::text[]) as gone (namespace, value)
     where i.namespace = gone.namespace and i.value = gone.value`,
    [identities.map((identity) => identity.namespace), identities.map((identity) => identity.value)],
  );
}
