import type { ConnectionReport } from '@headrace/core';
import { moveApiCalls } from './api-calls.ts';
import { type Db, maybeRow, preparedRows, rows, type Trx } from './database.ts';

export type AccountRow = {
  readonly accountId: string;
  readonly destinationType: string;
  readonly name: string;
  readonly authentication: string;
  /** Declared fields that are not secret. */
  readonly settings: Readonly<Record<string, string>>;
  readonly organizationId: string | null;
  readonly report: ConnectionReport | null;
  readonly connectedAt: Date | null;
  readonly createdAt: Date;
};
export type StoredAccount = AccountRow & { readonly sealedSecrets: Buffer };

const columns = `account_id as "accountId", destination_type as "destinationType", name, authentication,
  settings, organization_id as "organizationId", report, connected_at as "connectedAt",
  created_at as "createdAt"`;

/** @returns false when another account has the name. */
export async function insertAccount(db: Db, account: StoredAccount): Promise<boolean> {
  const inserted = await db.query(
    `insert into account (account_id, destination_type, name, authentication, settings, sealed_secrets,
       organization_id, report, connected_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (name) do nothing`,
    [
      account.accountId,
      account.destinationType,
      account.name,
      account.authentication,
      JSON.stringify(account.settings),
      account.sealedSecrets,
      account.organizationId,
      JSON.stringify(account.report),
      account.connectedAt,
      account.createdAt,
    ],
  );
  return inserted.rowCount === 1;
}

export async function isAccountNameTaken(db: Db, name: string): Promise<boolean> {
  return (await maybeRow(db, 'select account_id from account where name = $1', [name])) !== undefined;
}

export function readAccounts(db: Db): Promise<AccountRow[]> {
  return rows(db, `select ${columns} from account order by name`);
}

/** Names of the accounts of an organization. @param but left out */
export async function readAccountNames(
  db: Db,
  { destinationType, organizationId }: { readonly destinationType: string; readonly organizationId: string },
  but: string,
): Promise<string[]> {
  const found = await rows<{ name: string }>(
    db,
    `select name from account where destination_type = $1 and organization_id = $2 and account_id <> $3
     order by name`,
    [destinationType, organizationId, but],
  );
  return found.map(({ name }) => name);
}

export function readAccount(db: Db, accountId: string): Promise<AccountRow | undefined> {
  return maybeRow(db, `select ${columns} from account where account_id = $1`, [accountId]);
}

/** What an account signs in with. */
export function readAccountValues(
  db: Db,
  accountId: string,
): Promise<Pick<StoredAccount, 'settings' | 'sealedSecrets'> | undefined> {
  return maybeRow(
    db,
    'select settings, sealed_secrets as "sealedSecrets" from account where account_id = $1',
    [accountId],
  );
}

/** Call under `lockAccountSecrets`. */
export async function updateSecrets(trx: Trx, accountId: string, sealedSecrets: Buffer): Promise<void> {
  await trx.query('update account set sealed_secrets = $2 where account_id = $1', [accountId, sealedSecrets]);
}

/** Raised when credentials are replaced; undefined where there is no such account. */
export async function readCredentialsRevision(db: Db, accountId: string): Promise<number | undefined> {
  const [found] = await preparedRows<{ revision: number }>(
    db,
    'select credentials_revision as revision from account where account_id = $1',
    [accountId],
  );
  return found?.revision;
}

/** Another value once a person signed in to an account with success, or deleted one; through whatever server. */
export async function readSignInsStamp(db: Db): Promise<string> {
  const [found] = await preparedRows<{ stamp: string }>(
    db,
    `select coalesce(string_agg(account_id || ' ' || credentials_revision || ' ' || coalesce(connected_at::text, ''),
       ',' order by account_id), '') as stamp from account`,
  );
  return found?.stamp ?? '';
}

/** Every server opens its connections anew with them. Call under `lockAccountSecrets`. */
export async function updateCredentials(
  trx: Trx,
  accountId: string,
  credentials: Pick<StoredAccount, 'authentication' | 'settings' | 'sealedSecrets'>,
): Promise<void> {
  await trx.query(
    `update account
     set authentication = $2, settings = $3, sealed_secrets = $4, credentials_revision = credentials_revision + 1
     where account_id = $1`,
    [accountId, credentials.authentication, JSON.stringify(credentials.settings), credentials.sealedSecrets],
  );
}

/** What a sign-in reported. Where it tells the organization for the first time, what was called counts for that one. */
export async function recordConnection(
  trx: Trx,
  accountId: string,
  report: ConnectionReport,
  now: Date,
): Promise<void> {
  const before = await maybeRow<{ key: string }>(
    trx,
    'select budget_key as key from account where account_id = $1 for update',
    [accountId],
  );
  const after = await maybeRow<{ key: string }>(
    trx,
    `update account
     set report = $2, connected_at = $3, organization_id = coalesce(organization_id, $4), probes = 0, probe_at = null
     where account_id = $1 returning budget_key as key`,
    [accountId, JSON.stringify(report), now, report.organizationId],
  );
  if (before !== undefined && after !== undefined) await moveApiCalls(trx, before.key, after.key);
}

/** Nobody else changes the account, or makes anything that names it, until the transaction ends. */
export async function lockAccount(trx: Trx, accountId: string): Promise<void> {
  await trx.query('select from account where account_id = $1 for update', [accountId]);
}

/** Deletes an account and all that names it. Calls it made still count in the ledger of its org. */
export async function deleteAccountRows(trx: Trx, accountId: string): Promise<void> {
  for (const table of ['match_claim', 'destination_call', 'account'])
    await trx.query(`delete from ${table} where account_id = $1`, [accountId]);
}
