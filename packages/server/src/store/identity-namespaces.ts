import type { IdentityNamespace } from '@headrace/core';
import type { Trx } from './database.ts';

const namespaceWrites = 0x4e_41_4d_45; // "NAME"

/** @returns false when another custom namespace has the code, whatever its case. */
export async function insertIdentityNamespace(
  trx: Trx,
  namespace: IdentityNamespace,
  now: Date,
): Promise<boolean> {
  // The key of the table tells cases apart; two writers at once must not.
  await trx.query('select pg_advisory_xact_lock($1)', [namespaceWrites]);
  const inserted = await trx.query(
    `insert into identity_namespace (code, title, id_type, created_at)
     select $1, $2, $3, $4
     where not exists (select from identity_namespace where lower(code) = lower($1))`,
    [namespace.code, namespace.title, namespace.idType, now],
  );
  return inserted.rowCount === 1;
}
