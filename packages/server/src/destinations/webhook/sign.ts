import { createHmac } from 'node:crypto';

/** What a receiver checks a request by. */
export type SignedHeaders = {
  readonly 'webhook-id': string;
  /** Seconds since 1970. */
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
};

/**
 * Signs a request: base64 of HMAC-SHA256 over `id.timestamp.body`, by each key, separated by spaces. A receiver takes a
 * request of which any signature is right, so that a secret can be exchanged while requests go on.
 * Source: Standard Webhooks 1.0 (https://www.standardwebhooks.com), symmetric signatures `v1`.
 */
export function sign(
  message: { readonly id: string; readonly at: Date; readonly body: string },
  keys: readonly Buffer[],
): SignedHeaders {
  const timestamp = String(Math.floor(message.at.getTime() / 1_000));
  const content = `${message.id}.${timestamp}.${message.body}`;
  const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(content).digest('base64')}`);
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

/** `whsec_` and base64 of 24 to 64 bytes. Source: Standard Webhooks, "Signature scheme". */
export const signingSecretPattern = '^whsec_[A-Za-z0-9+/]{32,86}={0,2}$';

/** @returns undefined for what is no signing secret. */
export function readSigningKey(secret: string): Buffer | undefined {
  const text = secret.trim();
  if (!new RegExp(signingSecretPattern, 'u').test(text)) return undefined;
  const key = Buffer.from(text.slice('whsec_'.length), 'base64');
  return key.length >= 24 && key.length <= 64 ? key : undefined;
}
