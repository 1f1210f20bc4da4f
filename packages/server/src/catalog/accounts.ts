import { randomUUID } from 'node:crypto';
import {
  type CallBudget,
  type CallPurpose,
  type ConnectionReport,
  type DestinationAccount,
  HeadraceError,
  notFound,
} from '@headrace/core';
import type pg from 'pg';
import {
  type AccountRow,
  insertAccount,
  isAccountNameTaken,
  readAccount,
  recordConnection,
  updateCredentials,
} from '../store/accounts.ts';
import { transaction } from '../store/database.ts';
import { resumeDataflowsOfAccount } from '../store/dataflows.ts';
import type { Connections } from './connections.ts';
import { type Destinations, getAuthentication, getDestination } from './destinations.ts';
import { type InputValues, readInputValues, splitSecrets } from './input-fields.ts';
import type { Sealer } from './sealer.ts';

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
  const { pool, destinations, sealer, recordCalls, now } = options;
  const { destinationType, authentication } = account;
  const { fields } = getAuthentication(getDestination(destinations, destinationType), authentication);
  const values = readInputValues(fields, account.values, '/values');
  const name = account.name.trim();
  // Asked before the destination is: a sign-in for a name that is taken would be a call for nothing.
  if (await isAccountNameTaken(pool, name)) throw nameTaken(name);

  const accountId = randomUUID();
  const calls = new Map<CallPurpose, number>();
  const report = await signIn(
    options,
    destinationType,
    { accountId, authentication, organizationId: null, values },
    countingBudget(calls),
    signal,
  );
  const { settings, secrets } = splitSecrets(fields, values);
  const at = now();
  const row: AccountRow = {
    accountId,
    destinationType,
    name,
    authentication,
    settings,
    organizationId: report.organizationId,
    report,
    connectedAt: at,
    createdAt: at,
  };
  const sealedSecrets = sealer.seal(accountId, JSON.stringify(secrets));
  // First, for they were made even where the name turns out to be taken meanwhile.
  await recordCalls({ destinationType, organizationId: report.organizationId }, calls, at);
  if (!(await insertAccount(pool, { ...row, sealedSecrets }))) throw nameTaken(name);
  return row;
}

/**
 * Replaces all values of an account once signing in with them works. Nothing of the old ones is kept: a kept
 * password could otherwise be sent to a host that somebody else names. Dataflows that an error of the connection
 * had stopped go on.
 * @throws HeadraceError as `createAccount`, and `conflict` when they lead to another organization.
 */
export async function replaceCredentials(
  options: AccountsOptions,
  accountId: string,
  given: InputValues,
  signal: AbortSignal,
): Promise<AccountRow> {
  const { pool, destinations, connections, sealer, budgetFor, now } = options;
  const account = await getAccount(pool, accountId);
  const { destinationType, authentication } = account;
  const { fields } = getAuthentication(getDestination(destinations, destinationType), authentication);
  const values = readInputValues(fields, given, '/values');
  const target = { accountId, authentication, organizationId: null, values };
  const report = await signIn(options, destinationType, target, budgetFor(accountId), signal);
  requireSameOrganization(account, report);
  const { settings, secrets } = splitSecrets(fields, values);
  await transaction(pool, async (trx) => {
    const sealedSecrets = sealer.seal(accountId, JSON.stringify(secrets));
    await updateCredentials(trx, accountId, { settings, sealedSecrets });
    await recordConnection(trx, accountId, report, now());
    await resumeDataflowsOfAccount(trx, accountId);
  });
  await connections.forget(accountId);
  return getAccount(pool, accountId);
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
  const report = await (await connections.connectionFor(accountId)).test(signal);
  requireSameOrganization(account, report);
  await transaction(pool, async (trx) => {
    await recordConnection(trx, accountId, report, now());
    await resumeDataflowsOfAccount(trx, accountId);
  });
  return getAccount(pool, accountId);
}

async function signIn(
  { connections }: AccountsOptions,
  destinationType: string,
  account: DestinationAccount,
  budget: CallBudget,
  signal: AbortSignal,
): Promise<ConnectionReport> {
  const connection = connections.connectOnce(destinationType, account, budget);
  try {
    return await connection.test(signal);
  } finally {
    await connection.close();
  }
}

/**
 * Which ledger to count in is known when the sign-in has told the organization: the few calls of a first one are
 * counted here and written down then.
 */
const countingBudget = (calls: Map<CallPurpose, number>): CallBudget => ({
  reserve: async (purpose) => {
    calls.set(purpose, (calls.get(purpose) ?? 0) + 1);
  },
  observe: () => undefined,
});

function requireSameOrganization(account: AccountRow, report: ConnectionReport): void {
  if (account.organizationId === null || account.organizationId === report.organizationId) return;
  throw new HeadraceError(
    'conflict',
    `These credentials lead to another organization (${report.organizationName}) than the account was made for. Create another account for it.`,
  );
}

const nameTaken = (name: string): HeadraceError =>
  new HeadraceError(
    'conflict',
    `There is an account ${JSON.stringify(name)} already. Choose another name, or change its credentials.`,
  );
