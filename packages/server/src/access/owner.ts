import { createHash, timingSafeEqual } from 'node:crypto';
import { type Principal, permissions } from '@headrace/core';

/** Who holds the token of the data folder: today's only principal, with every permission. */
export const localOwner: Principal = {
  id: 'local-owner',
  name: 'Local owner',
  permissions: new Set(permissions),
};

/** Whose name a request is made in, by its `Authorization` header; undefined when that proves nothing. */
export type Authenticate = (authorization: string | undefined) => Principal | undefined;

/** Knows the owner by a token. Hashes are compared, in constant time, so that no answer tells how near a guess was. */
export function authenticateOwner(ownerToken: string, owner: Principal = localOwner): Authenticate {
  const expected = sha256(ownerToken);
  return (authorization) => {
    const token = /^Bearer +([^\s]{1,500}) *$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    return timingSafeEqual(sha256(token), expected) ? owner : undefined;
  };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
