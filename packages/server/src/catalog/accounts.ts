import { randomUUID } from 'node:crypto';
import { type CallBudget, type CallPurpose, notFound } from '@headrace/core';
import type pg from 'pg';
import { type AccountRow, isAccountNameTaken, readAccount, recordConnection } from '../store/accounts.ts';
import { transaction } from '../store/database.ts';
import { resumeDataflowsOfAccount } from '../store/dataflows.ts';
import type { Connections } from './connections.ts';
import { type Destinations, getAuthentication, getDestination } from './destinations.ts';
import { type InputValues, readInputValues } from './input-fields.ts';
import {
  type Credentials,
  keepCredentials,
  keepNewAccount,
  nameTaken,
  requireSameOrganization,
} from './keep-account.ts';
import type { Sealer } from './sealer.ts';
import { tellOtherAccounts } from './shared-organization.ts';

export type AccountsOptions = {
  readonly pool: pg.Pool;
  readonly destinations: Destinations;
  readonly connections: Connections;
  readonly sealer: Sealer;
  readonly budgetFor: (accountId: string) => CallBudget;
  /** Writes down the calls that a first sign-in to an organization took. */
  readonly recordCalls: (
    organization: { readonly destinationType: string; readonly organizationId: string },
    calls: ReadonlyMap<CallPurpose, number>,
    now: Date,
  ) => Promise<void>;
  readonly now: () => Date;
};

/** @throws HeadraceError `not_found`. */
export async function getAccount(pool: pg.Pool, accountId: string): Promise<AccountRow> {
  const account = await readAccount(pool, accountId);
  if (account === undefined) throw notFound('account', accountId);
  return account;
}

/**
 * Signs in, and keeps the account only when that works.
 * @throws HeadraceError `invalid_input` for faulty fields, `conflict` when the name is taken, `destination_*`
 *   when the destination refuses.
 */
export async function createAccount(
  options: AccountsOptions,
  account: {
    readonly destinationType: string;
    readonly name: string;
    readonly authentication: string;
    readonly values: InputValues;
  },
  signal: AbortSignal,
): Promise<AccountRow> {
  const { destinationType, authentication, values } = account;
  const credentials = readCredentials(options, destinationType, authentication, values, 'filled in');
  const name = account.name.trim();
  await requireFreeName(options, name);
  const target = { accountId: randomUUID(), destinationType, name };
  return keepNewAccount(options, target, credentials, new Map(), signal);
}

/**
 * Replaces all values of an account once signing in with them works; the way to sign in, too, where another is named.
 * @throws HeadraceError as `createAccount`, and `conflict` when they lead to another organization.
 */
export async function replaceCredentials(
  options: AccountsOptions,
  accountId: string,
  given: { readonly authentication?: string | undefined; readonly values: InputValues },
  signal: AbortSignal,
): Promise<AccountRow> {
  const account = await getAccount(options.pool, accountId);
  const { destinationType } = account;
  const authentication = given.authentication ?? account.authentication;
  const credentials = readCredentials(options, destinationType, authentication, given.values, 'filled in');
  await keepCredentials(options, account, credentials, signal);
  return getAccount(options.pool, accountId);
}

/**
 * Signs in afresh and keeps the report; when it works, stopped dataflows of the account go on.
 * @throws HeadraceError `not_found`, `destination_*`, `conflict` when it leads to another organization.
 */
export async function testAccount(
  options: AccountsOptions,
  accountId: string,
  signal: AbortSignal,
): Promise<AccountRow> {
  const { pool, connections, now } = options;
  const account = await getAccount(pool, accountId);
  const tested = await (await connections.connectionFor(accountId)).test(signal);
  requireSameOrganization(account, tested);
  const report = await tellOtherAccounts(pool, account, tested);
  await transaction(pool, async (trx) => {
    await recordConnection(trx, accountId, report, now());
    await resumeDataflowsOfAccount(trx, accountId);
  });
  return getAccount(pool, accountId);
}

/** @throws HeadraceError `not_found`, `invalid_input`. */
export function readCredentials(
  { destinations }: AccountsOptions,
  destinationType: string,
  authentication: string,
  given: InputValues,
  how: 'filled in' | 'in browser',
): Credentials {
  const destination = getDestination(destinations, destinationType);
  const { fields } = getAuthentication(destination, authentication, how);
  return { authentication, fields, values: readInputValues(fields, given, '/values'), given: {} };
}

/** Asked before the destination is: a sign-in for a name that is taken would be a call for nothing. */
export async function requireFreeName({ pool }: AccountsOptions, name: string): Promise<void> {
  if (await isAccountNameTaken(pool, name)) throw nameTaken(name);
}
