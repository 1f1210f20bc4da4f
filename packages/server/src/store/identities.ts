import { type Identity, identityKey } from '@headrace/core';
import { bareArray, textArray } from './array-parameters.ts';
import { type Db, maybeRow, preparedRows, type Trx } from './database.ts';

/** Which profile holds each of the given identities now: identity key → profile id. */
export async function findIdentityHolders(
  db: Db,
  identities: readonly Identity[],
): Promise<Map<string, string>> {
  // One row of JSON in the order of the question: thousands of rows cost the driver more than PostgreSQL.
  const [found] = await preparedRows<{ holders: (string | null)[] | null }>(
    db,
    `select json_agg(i.profile_id order by wanted.ordinal) as holders
     from unnest($1::text[], $2::text[]) with ordinality as wanted (namespace, value, ordinal)
     left join identity i using (namespace, value)`,
    keyColumns(identities),
  );
  const holders = new Map<string, string>();
  for (const [index, profileId] of (found?.holders ?? []).entries()) {
    const identity = identities[index];
    if (profileId !== null && identity !== undefined) holders.set(identityKey(identity), profileId);
  }
  return holders;
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
