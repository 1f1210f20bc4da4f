import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { callTimeLimitField, clientIdField, customDomainField, usernameField } from './fields.ts';
import { misconfigured, type SignInWay, textOf } from './sign-in-way.ts';

/** Salesforce takes an assertion that expires within three minutes, by its own clock. */
const assertionLifeSeconds = 150;
const leastKeyBits = 2_048;

/**
 * A signed assertion names the user; the app knows the certificate and has the user's approval.
 * Source: Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration".
 */
export const jwtBearerWay: SignInWay = {
  declaration: {
    type: 'oauth2-jwt-bearer',
    title: 'OAuth 2 with a signed assertion (JWT bearer)',
    fields: [
      { ...usernameField, description: 'The Salesforce user that Headrace acts as.' },
      clientIdField,
      {
        name: 'private_key',
        title: 'Private Key',
        description:
          'The RSA private key, as PEM without a passphrase, whose certificate the app was given (Enable JWT Bearer Flow; in a connected app Use digital signatures).',
        required: true,
        secret: true,
        maxLength: 20_000,
      },
      customDomainField,
      callTimeLimitField,
    ],
  },
  check: (values) => void readPrivateKey(textOf(values, 'private_key')),
  form: (values, loginOrigin, now) => ({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: signAssertion(
      {
        iss: textOf(values, 'client_id'),
        sub: textOf(values, 'username'),
        aud: audienceOf(loginOrigin),
        exp: Math.floor(now.getTime() / 1_000) + assertionLifeSeconds,
      },
      readPrivateKey(textOf(values, 'private_key')),
    ),
  }),
  remedies: new Map([
    [
      "invalid_grant user hasn't approved this consumer",
      'Approve the app for this user: in its policies choose "Admin approved users are pre-authorized" and give the user a profile or permission set of the app. Check the username, too.',
    ],
    [
      'invalid_grant invalid assertion',
      'Check that the private key belongs to the certificate of the app, that the Client ID is right, and that the clock of this server is.',
    ],
    [
      'invalid_grant Audience validation failed',
      'Check the Custom Domain: a sandbox signs in at its own domain or test.salesforce.com, any other org at its own or login.salesforce.com.',
    ],
    [
      'invalid_request refresh_token scope is required',
      'Give the app the scope "Perform requests at any time (refresh_token, offline_access)" beside "Manage user data via APIs (api)".',
    ],
    [
      'invalid_grant',
      'Check the certificate and the policies of the app, the username, and the clock of this server.',
    ],
  ]),
  findings: [],
  hasRefreshToken: false,
};

/**
 * Who an assertion is for: the login host of sandboxes and scratch orgs, or that of all others. A host that is no
 * Salesforce is asked as itself.
 */
export function audienceOf(loginOrigin: string): string {
  const { hostname } = new URL(loginOrigin);
  const [, suffix] = /\.(salesforce\.(?:com|mil))$/.exec(hostname) ?? [];
  if (suffix === undefined) return loginOrigin;
  const isTest = /^test\.|\.(?:sandbox|scratch)\.my\.|--/.test(hostname);
  return `https://${isTest ? 'test' : 'login'}.${suffix}`;
}

/** A JSON Web Token with RS256 (RFC 7515, RFC 7518 3.3). */
function signAssertion(claims: object, key: KeyObject): string {
  const content = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Takes the line breaks of a PEM also as `\n` in one line, as environment variables hold them. */
function readPrivateKey(pem: string): KeyObject {
  const text = pem.replaceAll(String.raw`\n`, '\n');
  if (/ENCRYPTED/.test(text))
    throw misconfigured(
      'The Private Key is protected by a passphrase. Give it without one (openssl rsa -in key.pem -out plain.pem); it is sealed here.',
    );
  const key = parseKey(text);
  if (key?.asymmetricKeyType !== 'rsa')
    throw misconfigured(
      'The Private Key is no RSA private key in PEM. Expected "-----BEGIN PRIVATE KEY-----" or "-----BEGIN RSA PRIVATE KEY-----" with what follows, not the certificate.',
    );
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < leastKeyBits)
    throw misconfigured(`The Private Key has ${bits} bits; at least ${leastKeyBits} are needed.`);
  return key;
}

function parseKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    // What it says may hold parts of the key.
    return undefined;
  }
}
