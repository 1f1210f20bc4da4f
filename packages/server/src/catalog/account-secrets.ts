import { HeadraceError, notFound, type SecretStore } from '@headrace/core';
import type pg from 'pg';
import { readAccountValues, updateSecrets } from '../store/accounts.ts';
import { transaction } from '../store/database.ts';
import { lockAccountSecrets } from '../store/locks.ts';
import type { InputValues } from './input-fields.ts';
import type { Sealer } from './sealer.ts';

/** The secrets of an account, sealed in the database. */
export const storedSecrets = (pool: pg.Pool, sealer: Sealer, accountId: string): SecretStore => ({
  renew: (work) =>
    transaction(pool, async (trx) => {
      await lockAccountSecrets(trx, accountId);
      const account = await readAccountValues(trx, accountId);
      if (account === undefined) throw notFound('account', accountId);
      const secrets = openSecrets(sealer, accountId, account.sealedSecrets);
      const { changed, result } = await work({ ...account.settings, ...secrets });
      if (Object.keys(changed).length > 0)
        await updateSecrets(trx, accountId, sealSecrets(sealer, accountId, { ...secrets, ...changed }));
      return result;
    }),
});

/** Secrets that one connection uses before they are stored; `secrets` is what to store then. */
export function heldSecrets(
  settings: InputValues,
  given: InputValues,
): SecretStore & { readonly secrets: InputValues } {
  const store = {
    secrets: given,
    renew: async <Result>(
      work: (values: InputValues) => Promise<{ readonly changed: InputValues; readonly result: Result }>,
    ): Promise<Result> => {
      const { changed, result } = await work({ ...settings, ...store.secrets });
      store.secrets = { ...store.secrets, ...changed };
      return result;
    },
  };
  return store;
}

export const sealSecrets = (sealer: Sealer, accountId: string, secrets: InputValues): Buffer =>
  sealer.seal(accountId, JSON.stringify(secrets));

/** @throws HeadraceError `internal` when they were sealed with another key. */
export function openSecrets(sealer: Sealer, accountId: string, sealed: Buffer): InputValues {
  const secrets: unknown = JSON.parse(sealer.open(accountId, sealed));
  if (typeof secrets !== 'object' || secrets === null)
    throw new HeadraceError('internal', 'The sealed credentials of an account are no JSON object.');
  return Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, String(value)]));
}
