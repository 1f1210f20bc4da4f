import {
  type CallBudget,
  type CallPurpose,
  type ConnectionReport,
  type DestinationAccount,
  HeadraceError,
  type InputField,
} from '@headrace/core';
import { type AccountRow, insertAccount, recordConnection, updateCredentials } from '../store/accounts.ts';
import { transaction } from '../store/database.ts';
import { resumeDataflowsOfAccount } from '../store/dataflows.ts';
import { lockAccountSecrets } from '../store/locks.ts';
import { heldSecrets, sealSecrets } from './account-secrets.ts';
import type { AccountsOptions } from './accounts.ts';
import { type InputValues, splitSecrets } from './input-fields.ts';
import { tellOtherAccounts } from './shared-organization.ts';

/** What an account is to sign in with. */
export type Credentials = {
  readonly authentication: string;
  /** That its values were read by. */
  readonly fields: readonly InputField[];
  readonly values: InputValues;
  /** Secrets that the destination gave, beside the values. */
  readonly given: InputValues;
};

/**
 * Signs in, and keeps the account only when that works.
 * @param calls those made on the way to it, which it is charged with.
 * @throws HeadraceError `conflict` when the name is taken, `destination_*` when the destination refuses.
 */
export async function keepNewAccount(
  options: AccountsOptions,
  account: { readonly accountId: string; readonly destinationType: string; readonly name: string },
  credentials: Credentials,
  calls: Map<CallPurpose, number>,
  signal: AbortSignal,
): Promise<AccountRow> {
  const { pool, sealer, recordCalls, now } = options;
  const { accountId, destinationType, name } = account;
  const signedIn = await signIn(options, account, credentials, countingBudget(calls), signal);
  const { settings, secrets, report } = signedIn;
  const at = now();
  const row: AccountRow = {
    accountId,
    destinationType,
    name,
    authentication: credentials.authentication,
    settings,
    organizationId: report.organizationId,
    report,
    connectedAt: at,
    createdAt: at,
  };
  const sealedSecrets = sealSecrets(sealer, accountId, secrets);
  // First, for they were made even where the name turns out to be taken meanwhile.
  await recordCalls({ destinationType, organizationId: report.organizationId }, calls, at);
  if (!(await insertAccount(pool, { ...row, sealedSecrets }))) throw nameTaken(name);
  return row;
}

/**
 * Replaces all values of an account once signing in with them works. Nothing of the old ones is kept: a kept
 * password could otherwise be sent to a host that somebody else names. Dataflows that an error of the connection
 * had stopped go on.
 * @throws HeadraceError `destination_*`, and `conflict` when they lead to another organization.
 */
export async function keepCredentials(
  options: AccountsOptions,
  account: AccountRow,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<void> {
  const { pool, sealer, budgetFor, now } = options;
  const { accountId } = account;
  const signedIn = await signIn(options, account, credentials, budgetFor(accountId), signal);
  const { settings, secrets, report } = signedIn;
  requireSameOrganization(account, report);
  const { authentication } = credentials;
  await transaction(pool, async (trx) => {
    const sealedSecrets = sealSecrets(sealer, accountId, secrets);
    await lockAccountSecrets(trx, accountId);
    await updateCredentials(trx, accountId, { authentication, settings, sealedSecrets });
    await recordConnection(trx, accountId, report, now());
    await resumeDataflowsOfAccount(trx, accountId);
  });
}

async function signIn(
  { pool, connections }: AccountsOptions,
  { accountId, destinationType }: { readonly accountId: string; readonly destinationType: string },
  { authentication, fields, values, given }: Credentials,
  budget: CallBudget,
  signal: AbortSignal,
): Promise<{
  readonly report: ConnectionReport;
  readonly settings: InputValues;
  readonly secrets: InputValues;
}> {
  const { settings, secrets } = splitSecrets(fields, values);
  const held = heldSecrets(settings, { ...secrets, ...given });
  const target: DestinationAccount = {
    accountId,
    authentication,
    organizationId: null,
    values: { ...values, ...given },
  };
  const connection = connections.connectOnce(destinationType, target, { budget, secrets: held });
  try {
    const report = await tellOtherAccounts(
      pool,
      { accountId, destinationType },
      await connection.test(signal),
    );
    return { report, settings, secrets: held.secrets };
  } finally {
    await connection.close();
  }
}

/**
 * Which ledger to count in is known when the sign-in has told the organization: the few calls of a first one are
 * counted here and written down then.
 */
export const countingBudget = (calls: Map<CallPurpose, number>): CallBudget => ({
  reserve: async (purpose) => {
    calls.set(purpose, (calls.get(purpose) ?? 0) + 1);
  },
  observe: () => undefined,
});

/** @throws HeadraceError `conflict`. */
export function requireSameOrganization(account: AccountRow, report: ConnectionReport): void {
  if (account.organizationId === null || account.organizationId === report.organizationId) return;
  throw new HeadraceError(
    'conflict',
    `These credentials lead to another organization (${report.organizationName}) than the account was made for. Create another account for it.`,
  );
}

export const nameTaken = (name: string): HeadraceError =>
  new HeadraceError(
    'conflict',
    `There is an account ${JSON.stringify(name)} already. Choose another name, or change its credentials.`,
  );
