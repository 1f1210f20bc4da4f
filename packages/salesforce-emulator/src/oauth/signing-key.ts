import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import type { OrgState } from '../org/org-state.ts';

/** The org's key for id tokens. `kid` is derived from the public key. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly kid: string;
}

const keys = new WeakMap<OrgState, SigningKey>();

/** The org's key; made when it is first needed (a few hundred milliseconds) and kept in the data folder. */
export function signingKeyOf(org: OrgState): SigningKey {
  const known = keys.get(org);
  if (known !== undefined) return known;
  const privateKey = createPrivateKey(loadPem(org) ?? makePem(org));
  const publicKey = createPublicKey(privateKey);
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const key = { privateKey, publicKey, kid: createHash('sha256').update(der).digest('hex').slice(0, 16) };
  keys.set(org, key);
  return key;
}

function loadPem(org: OrgState): string | undefined {
  const row = org.database.prepare('select private_pem from _signing_key order by position limit 1').get();
  return row === undefined ? undefined : String(row.private_pem);
}

function makePem(org: OrgState): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  org.database.prepare('insert into _signing_key (private_pem) values (?)').run(pem);
  return pem;
}
