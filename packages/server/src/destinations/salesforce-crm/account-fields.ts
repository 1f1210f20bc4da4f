import type { DestinationAccount } from '@headrace/core';
import { type HostPolicy, resolveLoginOrigin } from './host-policy.ts';
import { defaultCallTimeLimitSeconds } from './sign-in/fields.ts';
import { type AccountValues, misconfigured, type SignInWay, textOf } from './sign-in/sign-in-way.ts';
import { signInWays } from './sign-in/ways.ts';

/** What it takes to sign in, checked. */
export type SalesforceAccount = {
  readonly way: SignInWay;
  readonly values: AccountValues;
  /** The org first connected to; null before that. */
  readonly organizationId: string | null;
  /** Undefined where the way to sign in names no user. */
  readonly username: string | undefined;
  readonly loginOrigin: string;
  readonly lostCallMs: number;
  /** What no message may repeat, part by part. */
  readonly secrets: readonly string[];
};

/** An account that can be signed in with. @throws HeadraceError `destination_misconfigured` naming what is missing or wrong. */
export function readAccount(account: DestinationAccount, policy: HostPolicy): SalesforceAccount {
  const read = readValues(account, policy);
  read.way.check(read.values, read.loginOrigin);
  return { ...read, organizationId: account.organizationId };
}

/**
 * What a person filled in, before anything came of it.
 * @throws HeadraceError `destination_misconfigured` naming the field that is missing or wrong.
 */
export function readValues(
  { authentication, values }: Pick<DestinationAccount, 'authentication' | 'values'>,
  policy: HostPolicy,
): Omit<SalesforceAccount, 'organizationId'> {
  const way = signInWays.find(({ declaration }) => declaration.type === authentication);
  if (way === undefined)
    throw misconfigured(
      `Salesforce CRM is signed in to with ${signInWays.map(({ declaration }) => declaration.type).join(', ')}; the account says ${JSON.stringify(authentication.slice(0, 100))}.`,
    );
  const { fields } = way.declaration;
  for (const { name, title, required } of fields)
    if (required && textOf(values, name) === '')
      throw misconfigured(`The account has no ${title} (${name}). Fill it in and connect again.`);
  const seconds = textOf(values, 'call_time_limit_seconds') || String(defaultCallTimeLimitSeconds);
  if (!/^[1-9][0-9]{0,3}$/.test(seconds))
    throw misconfigured('The Call time limit must be a whole number of seconds from 1 to 9999.');
  return {
    way,
    values,
    username: textOf(values, 'username') || undefined,
    loginOrigin: resolveLoginOrigin(values.custom_domain ?? '', policy),
    lostCallMs: Number(seconds) * 1_000,
    secrets: fields.flatMap(({ name, secret }) => (secret ? [textOf(values, name)] : [])),
  };
}
