import { type AuthenticationDeclaration, type DestinationAccount, HeadraceError } from '@headrace/core';
import { readSigningKey, signingSecretPattern } from './sign.ts';
import { readWebhookUrl } from './webhook-url.ts';

const defaultCallTimeLimitSeconds = 60;
const callTimeLimitPattern = '^[1-9][0-9]{0,2}$';

export const signatureAuthentication: AuthenticationDeclaration = {
  type: 'signature',
  title: 'Signed requests (Standard Webhooks)',
  fields: [
    {
      name: 'url',
      title: 'URL',
      description:
        'Where records are posted to: an https address of the open internet. It is kept like a password, since whoever knows the address of a webhook can often write to it.',
      required: true,
      // Kept as a secret: the addresses of many receivers are all it takes to write to them.
      secret: true,
      maxLength: 2_000,
    },
    {
      name: 'signing_secret',
      title: 'Signing secret',
      description:
        'What requests are signed with: whsec_ and base64 of 24 to 64 random bytes, for example from `echo whsec_$(openssl rand -base64 32)`. The receiver has the same.',
      required: true,
      secret: true,
      pattern: signingSecretPattern,
      maxLength: 100,
    },
    {
      name: 'previous_signing_secret',
      title: 'Previous signing secret',
      description:
        'While secrets are exchanged: the one before. Requests then carry a signature by each, until the receiver has the new one and this field is emptied.',
      required: false,
      secret: true,
      pattern: signingSecretPattern,
      maxLength: 100,
    },
    {
      name: 'authorization',
      title: 'Authorization header',
      description: 'For a receiver that asks for one beside the signature, for example `Bearer …`.',
      required: false,
      secret: true,
      // Printable ASCII: what a header can hold.
      pattern: '^[\\x21-\\x7e][\\x20-\\x7e]*$',
      maxLength: 4_000,
    },
    {
      name: 'call_time_limit_seconds',
      title: 'Call time limit (advanced)',
      description:
        'How long, in seconds, the receiver may work on a request. After that it is given up, and later sent again as it then is.',
      required: false,
      secret: false,
      pattern: callTimeLimitPattern,
      maxLength: 3,
      default: String(defaultCallTimeLimitSeconds),
    },
  ],
};

/** What it takes to send, checked. */
export type WebhookAccount = {
  readonly accountId: string;
  readonly url: URL;
  /** The present one first; two while secrets are exchanged. */
  readonly signingKeys: readonly Buffer[];
  readonly authorization: string | undefined;
  readonly lostCallMs: number;
};

/** @throws HeadraceError `destination_misconfigured` naming the field that is missing or wrong, without its value. */
export function readAccount(account: DestinationAccount, allowLoopback: boolean): WebhookAccount {
  if (account.authentication !== signatureAuthentication.type)
    throw misconfigured(
      `A webhook is signed with ${signatureAuthentication.type}; the account says ${JSON.stringify(account.authentication.slice(0, 100))}.`,
    );
  const { values, accountId } = account;
  const signingKeys = ['signing_secret', 'previous_signing_secret'].flatMap((name) => {
    const secret = values[name] ?? '';
    if (secret.trim() === '' && name !== 'signing_secret') return [];
    const key = readSigningKey(secret);
    if (key !== undefined) return [key];
    throw misconfigured(`The ${titleOf(name)} (${name}) must be whsec_ and base64 of 24 to 64 bytes.`);
  });
  const seconds = values.call_time_limit_seconds?.trim() || String(defaultCallTimeLimitSeconds);
  if (!new RegExp(callTimeLimitPattern, 'u').test(seconds))
    throw misconfigured('The Call time limit must be a whole number of seconds from 1 to 999.');
  return {
    accountId,
    url: readWebhookUrl(values.url ?? '', allowLoopback),
    signingKeys,
    authorization: values.authorization?.trim() || undefined,
    lostCallMs: Number(seconds) * 1_000,
  };
}

const titleOf = (name: string): string =>
  signatureAuthentication.fields.find((field) => field.name === name)?.title ?? name;

const misconfigured = (message: string): HeadraceError =>
  new HeadraceError('destination_misconfigured', message);
