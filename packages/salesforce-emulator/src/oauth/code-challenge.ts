import { createHash } from 'node:crypto';
import { isSameSecret } from './secrets.ts';

/**
 * Whether a PKCE verifier belongs to the challenge of the authorize call: base64url of its SHA-256, whatever
 * method was named. A call without a challenge takes any verifier, and none.
 */
export const isVerifierOf = (verifier: string, challenge: string | undefined): boolean =>
  challenge === undefined ||
  isSameSecret(createHash('sha256').update(verifier).digest('base64url'), challenge.replace(/=+$/, ''));
