import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { HeadraceError } from '@headrace/core';

/** Keeps text secret at rest. What was sealed for one owner, such as an account, cannot be opened for another. */
export type Sealer = {
  seal(owner: string, text: string): Buffer;
  /** @throws HeadraceError `internal` when it was sealed with another key, for another owner, or changed. */
  open(owner: string, sealed: Buffer): string;
};

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM with a random nonce, the owner as associated data: nonce, tag, cipher text. At most 2^32
 * values may be sealed with one key (NIST SP 800-38D, 8.3); credentials change far less often.
 * @param key 32 bytes.
 */
export function createSealer(key: Buffer): Sealer {
  return {
    seal(owner, text) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
      cipher.setAAD(Buffer.from(owner));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },
    open(owner, sealed) {
      try {
        const nonce = sealed.subarray(0, nonceBytes);
        const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
        decipher.setAAD(Buffer.from(owner));
        decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
        const body = sealed.subarray(nonceBytes + tagBytes);
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new HeadraceError(
          'internal',
          'The credentials of the account cannot be opened: they were sealed with another key. Restore the secret key, or give the account its credentials again.',
          { cause },
        );
      }
    },
  };
}
