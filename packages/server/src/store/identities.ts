import { bucketOf, type Identity, identityKey } from '@headrace/core';
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

export async function insertIdentities(
  trx: Trx,
  links: readonly {
    readonly identity: Identity;
    readonly profileId: string;
    readonly datasetId: string;
  }[],
  now: Date,
): Promise<void> {
  if (links.length === 0) return;
  await trx.query(
    `insert into identity (namespace, value, bucket, profile_id, dataset_id, linked_at)
     select namespace, value, bucket, profile_id, dataset_id, $6
     from unnest($1::text[], $2::text[], $3::smallint[], $4::uuid[], $5::uuid[])
       as link (namespace, value, bucket, profile_id, dataset_id)`,
    [
      links.map((link) => link.identity.namespace),
      links.map((link) => link.identity.value),
      links.map((link) => bucketOf(link.profileId)),
      links.map((link) => link.profileId),
      links.map((link) => link.datasetId),
      now,
    ],
  );
}

export async function listIdentities(
  db: Db,
  profileId: string,
): Promise<{ namespace: string; value: string; datasetId: string; linkedAt: Date }[]> {
  return rows(
    db,
    `select namespace, value, dataset_id as "datasetId", linked_at as "linkedAt"
     from identity where bucket = $1 and profile_id = $2 order by namespace, value`,
    [bucketOf(profileId), profileId],
  );
}
