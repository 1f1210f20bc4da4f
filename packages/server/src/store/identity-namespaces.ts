import type { IdentityNamespace } from '@headrace/core';
import type { Trx } from './database.ts';

export async function insertIdentityNamespace(
  trx: Trx,
  namespace: IdentityNamespace,
  now: Date,
): Promise<void> {
  await trx.query(
    'insert into identity_namespace (code, title, id_type, created_at) values ($1, $2, $3, $4)',
    [namespace.code, namespace.title, namespace.idType, now],
  );
}

export async function updateIdentityNamespaceTitle(trx: Trx, code: string, title: string): Promise<void> {
  await trx.query('update identity_namespace set title = $2 where code = $1', [code, title]);
}
