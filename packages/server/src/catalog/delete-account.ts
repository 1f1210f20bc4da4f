import { HeadraceError, notFound } from '@headrace/core';
import type pg from 'pg';
import { type AccountRow, deleteAccountRows, lockAccount, readAccount } from '../store/accounts.ts';
import { transaction } from '../store/database.ts';
import { readDataflows } from '../store/dataflows.ts';
import { lockProfileWrites } from '../store/locks.ts';
import type { Connections } from './connections.ts';

/**
 * Deletes an account with its secrets, its log of calls, and what is known of the records kept through it; those stay
 * at the destination as they are.
 * @throws HeadraceError `not_found`; `conflict` while a dataflow uses it.
 */
export async function deleteAccount(
  pool: pg.Pool,
  connections: Connections,
  accountId: string,
): Promise<AccountRow> {
  const deleted = await transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    // Whoever creates a dataflow to it waits, and finds it gone.
    await lockAccount(trx, accountId);
    const account = await readAccount(trx, accountId);
    if (account === undefined) throw notFound('account', accountId);
    const users = (await readDataflows(trx)).filter((dataflow) => dataflow.accountId === accountId);
    if (users.length > 0)
      throw new HeadraceError(
        'conflict',
        `The account ${JSON.stringify(account.name)} is used by ${users.length === 1 ? 'the dataflow' : 'the dataflows'} ${users.map(({ name }) => JSON.stringify(name)).join(', ')}. Delete what uses it first.`,
      );
    await deleteAccountRows(trx, accountId);
    return account;
  });
  await connections.forget(accountId);
  return deleted;
}
