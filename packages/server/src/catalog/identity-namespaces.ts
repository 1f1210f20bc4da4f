import {
  findNamespace,
  HeadraceError,
  type IdentityNamespace,
  notFound,
  standardNamespaces,
} from '@headrace/core';
import type pg from 'pg';
import { type Db, transaction } from '../store/database.ts';
import { readCustomNamespaces } from '../store/dataset-contexts.ts';
import { insertIdentityNamespace, updateIdentityNamespaceTitle } from '../store/identity-namespaces.ts';
import { lockNamespaceWrites } from '../store/locks.ts';

/**
 * Creates a custom identity namespace.
 * @throws HeadraceError `conflict` when the code or the title is taken, whatever its case.
 */
export async function createIdentityNamespace(
  pool: pg.Pool,
  namespace: IdentityNamespace,
  now: Date,
): Promise<IdentityNamespace> {
  return transaction(pool, async (trx) => {
    await lockNamespaceWrites(trx);
    const custom = await readCustomNamespaces(trx);
    if (findNamespace(namespace.code, custom) !== undefined)
      throw new HeadraceError(
        'conflict',
        `There is an identity namespace ${JSON.stringify(namespace.code)} already; case does not matter. Use it, or choose another code.`,
      );
    requireFreeTitle(namespace, custom);
    await insertIdentityNamespace(trx, namespace, now);
    return namespace;
  });
}

/**
 * Gives a custom namespace another title; all else of it is fixed.
 * @throws HeadraceError `not_found`, `conflict` when it is a standard one or the title is taken.
 */
export async function renameIdentityNamespace(
  pool: pg.Pool,
  code: string,
  title: string,
): Promise<IdentityNamespace> {
  return transaction(pool, async (trx) => {
    await lockNamespaceWrites(trx);
    const namespace = await getNamespace(trx, code);
    if (standardNamespaces.includes(namespace))
      throw new HeadraceError(
        'conflict',
        `The identity namespace ${namespace.code} comes with Headrace and cannot be changed. Create one of your own.`,
      );
    const renamed = { ...namespace, title };
    requireFreeTitle(renamed, await readCustomNamespaces(trx));
    await updateIdentityNamespaceTitle(trx, namespace.code, title);
    return renamed;
  });
}

/**
 * Nobody deletes a namespace: that of identities which joined people must stay known.
 * @throws HeadraceError always: `not_found`, or `conflict` with the reason.
 */
export async function refuseDeletion(db: Db, code: string): Promise<never> {
  const namespace = await getNamespace(db, code);
  throw new HeadraceError(
    'conflict',
    `The identity namespace ${namespace.code} cannot be deleted: profiles are joined by its identities, and its code must never come to mean something else. Rename its title, and leave it unused.`,
  );
}

async function getNamespace(db: Db, code: string): Promise<IdentityNamespace> {
  const namespace = findNamespace(code, await readCustomNamespaces(db));
  if (namespace === undefined) throw notFound('identity namespace', code);
  return namespace;
}

function requireFreeTitle(namespace: IdentityNamespace, custom: readonly IdentityNamespace[]): void {
  const title = namespace.title.toLowerCase();
  const owner = [...standardNamespaces, ...custom].find(
    (other) => other.code !== namespace.code && other.title.toLowerCase() === title,
  );
  if (owner !== undefined)
    throw new HeadraceError(
      'conflict',
      `The identity namespace ${owner.code} has the title ${JSON.stringify(owner.title)} already; case does not matter. Choose another title.`,
    );
}
