import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { isJsonObject, type JsonObject, ownValue } from '../json.ts';

/** The key of a PEM: an X.509 certificate or a bare public key. Throws an Error when it is neither, or not RSA. */
export function readVerificationKey(pem: string): KeyObject {
  const key = pem.includes('BEGIN CERTIFICATE') ? new X509Certificate(pem).publicKey : createPublicKey(pem);
  if (key.asymmetricKeyType !== 'rsa') throw new Error('The certificate must hold an RSA key (RS256).');
  return key;
}

/** The claims of a JWT as it says them, nothing verified; undefined for anything that is no RS256 JWT. */
export function readAssertion(assertion: string): JsonObject | undefined {
  const parts = assertion.split('.');
  if (parts.length !== 3) return undefined;
  const header = parsePart(parts[0]);
  return header !== undefined && ownValue(header, 'alg') === 'RS256' ? parsePart(parts[1]) : undefined;
}

/** Whether the RS256 signature of a JWT is by the owner of this certificate. */
export function isSignedBy(assertion: string, pem: string): boolean {
  const end = assertion.lastIndexOf('.');
  const signature = Buffer.from(assertion.slice(end + 1), 'base64url');
  try {
    return verify('sha256', Buffer.from(assertion.slice(0, end)), readVerificationKey(pem), signature);
  } catch {
    return false;
  }
}

function parsePart(part: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
