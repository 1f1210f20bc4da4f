import { createHash, sign } from 'node:crypto';
import type { Call } from '../http/route.ts';
import { now } from '../org/org-state.ts';
import { identityUrl } from './identity-url.ts';
import { signingKeyOf } from './signing-key.ts';

/** Salesforce's id tokens live two minutes unless the app says otherwise. */
const lifeSeconds = 120;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A signed OpenID Connect id token (RS256) for a user, bound to the access token it comes with. */
export function createIdToken(
  call: Call,
  subject: { readonly userId: string; readonly clientId: string; readonly nonce: string | undefined },
  accessToken: string,
): string {
  const { org } = call.emulator;
  const { privateKey, kid } = signingKeyOf(org);
  const issuedAt = Math.floor(now(org) / 1000);
  const atHash = createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url');
  const claims = {
    at_hash: atHash,
    sub: identityUrl(call, subject.userId),
    aud: subject.clientId,
    iss: call.baseUrl,
    exp: issuedAt + lifeSeconds,
    iat: issuedAt,
    ...(subject.nonce === undefined ? {} : { nonce: subject.nonce }),
  };
  const content = `${encode({ kid, typ: 'JWT', alg: 'RS256' })}.${encode(claims)}`;
  return `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`;
}
