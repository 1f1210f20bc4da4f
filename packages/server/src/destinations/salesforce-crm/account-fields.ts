import { type AuthenticationDeclaration, type DestinationAccount, HeadraceError } from '@headrace/core';
import { defaultCustomDomain, type HostPolicy, resolveLoginOrigin } from './host-policy.ts';

/** Salesforce ends a call after 10 minutes (Salesforce Developer Limits, "API Request Limits", time-out). */
const defaultCallTimeLimitSeconds = 600;

/** Username, Password, Client ID, Client Secret and Custom Domain: OAuth 2 with the password grant. */
export const passwordAuthentication: AuthenticationDeclaration = {
  type: 'oauth2-password',
  title: 'OAuth 2 with username and password',
  fields: [
    {
      name: 'username',
      title: 'Username',
      description: 'Your Salesforce account username.',
      required: true,
      secret: false,
      maxLength: 255,
    },
    {
      name: 'password',
      title: 'Password',
      description: 'Your Salesforce account password.',
      required: true,
      secret: true,
      maxLength: 1_000,
    },
    {
      name: 'security_token',
      title: 'Security Token',
      description:
        'The security token of the user, unless it stands at the end of the password already or the address of this server is trusted in the org.',
      required: false,
      secret: true,
      maxLength: 255,
    },
    {
      name: 'client_id',
      title: 'Client ID',
      description: 'Your Salesforce connected app Consumer Key.',
      required: true,
      secret: false,
      maxLength: 1_000,
    },
    {
      name: 'client_secret',
      title: 'Client Secret',
      description: 'Your Salesforce connected app Consumer Secret.',
      required: true,
      secret: true,
      maxLength: 1_000,
    },
    {
      name: 'custom_domain',
      title: 'Custom Domain',
      description:
        'Your Salesforce domain: its name (acme), host (acme.my.salesforce.com) or URL; login.salesforce.com or test.salesforce.com where the org allows signing in there.',
      required: false,
      secret: false,
      maxLength: 1_000,
      default: defaultCustomDomain,
    },
    {
      name: 'call_time_limit_seconds',
      title: 'Call time limit (advanced)',
      description:
        'How long, in seconds, this org may go on with a call whose connection was lost. Salesforce ends calls after 10 minutes; leave it at 600 for a real org.',
      required: false,
      secret: false,
      pattern: '^[1-9][0-9]{0,3}$',
      maxLength: 4,
      default: String(defaultCallTimeLimitSeconds),
    },
  ],
};

/** What it takes to sign in, checked. */
export type SalesforceAccount = {
  /** The org first connected to; null before that. */
  readonly organizationId: string | null;
  readonly username: string;
  /** With the security token at its end. */
  readonly password: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly loginOrigin: string;
  readonly lostCallMs: number;
  /** What no message may repeat, part by part. */
  readonly secrets: readonly string[];
};

/** @throws HeadraceError `destination_misconfigured` naming the field that is missing or wrong. */
export function readAccount(account: DestinationAccount, policy: HostPolicy): SalesforceAccount {
  if (account.authentication !== passwordAuthentication.type)
    throw misconfigured(
      `Salesforce CRM is signed in to with ${passwordAuthentication.type}; the account says ${JSON.stringify(account.authentication.slice(0, 100))}.`,
    );
  const { values } = account;
  const seconds = values.call_time_limit_seconds?.trim() || String(defaultCallTimeLimitSeconds);
  if (!/^[1-9][0-9]{0,3}$/.test(seconds))
    throw misconfigured('The Call time limit must be a whole number of seconds from 1 to 9999.');
  return {
    organizationId: account.organizationId,
    username: required(values, 'username').trim(),
    password: required(values, 'password') + (values.security_token ?? '').trim(),
    clientId: required(values, 'client_id').trim(),
    clientSecret: required(values, 'client_secret').trim(),
    loginOrigin: resolveLoginOrigin(values.custom_domain ?? '', policy),
    lostCallMs: Number(seconds) * 1_000,
    secrets: passwordAuthentication.fields.flatMap(({ name, secret }) =>
      secret ? [values[name]?.trim() ?? ''] : [],
    ),
  };
}

function required(values: Readonly<Record<string, string>>, name: string): string {
  const value = values[name] ?? '';
  if (value.trim() !== '') return value;
  const title = passwordAuthentication.fields.find((field) => field.name === name)?.title ?? name;
  throw misconfigured(`The account has no ${title} (${name}). Fill it in and connect again.`);
}

const misconfigured = (message: string): HeadraceError =>
  new HeadraceError('destination_misconfigured', message);
