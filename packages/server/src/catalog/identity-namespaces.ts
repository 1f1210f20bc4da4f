import { findNamespace, HeadraceError, type IdentityNamespace } from '@headrace/core';
import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { insertIdentityNamespace } from '../store/identity-namespaces.ts';

/**
 * Creates a custom identity namespace.
 * @throws HeadraceError `conflict` when the code is taken, whatever its case.
 */
export async function createIdentityNamespace(
  pool: pg.Pool,
  namespace: IdentityNamespace,
  now: Date,
): Promise<IdentityNamespace> {
  const isNew =
    findNamespace(namespace.code) === undefined &&
    (await transaction(pool, (trx) => insertIdentityNamespace(trx, namespace, now)));
  if (!isNew)
    throw new HeadraceError(
      'conflict',
      `There is an identity namespace ${JSON.stringify(namespace.code)} already; case does not matter. Use it, or choose another code.`,
    );
  return namespace;
}
