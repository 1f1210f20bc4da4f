import { randomBytes } from 'node:crypto';
import { HeadraceError } from '@headrace/core';
import type { Config } from './config.ts';
import { readOrCreatePrivateFile } from './private-file.ts';

export type DataFolderSecrets = {
  /** What the local owner sends as `Authorization: Bearer`: 256 random bits. */
  readonly ownerToken: string;
  /** 32 bytes that seal credentials at rest. */
  readonly secretKey: Buffer;
};

/**
 * The secrets of this installation, made at the first start: `owner-token`, and `secret-key` unless the
 * environment gives the key. Both files can be read by their owner only.
 * @throws HeadraceError `conflict` when a file cannot be read or made, `invalid_input` when one is damaged.
 */
export async function readDataFolderSecrets(
  config: Pick<Config, 'dataDir' | 'secretKey'>,
): Promise<DataFolderSecrets> {
  const ownerToken = await readOrCreatePrivateFile(config.dataDir, 'owner-token', () =>
    randomBytes(32).toString('base64url'),
  );
  if (!/^[A-Za-z0-9_-]{43,}$/.test(ownerToken))
    throw damaged('owner-token', 'Delete it to have a new one made; the old token stops working.');
  if (config.secretKey !== undefined) return { ownerToken, secretKey: config.secretKey };
  const text = await readOrCreatePrivateFile(config.dataDir, 'secret-key', () =>
    randomBytes(32).toString('base64'),
  );
  const secretKey = Buffer.from(text, 'base64');
  if (secretKey.length !== 32)
    throw damaged('secret-key', 'Restore it from a backup: without it the credentials of accounts are lost.');
  return { ownerToken, secretKey };
}

const damaged = (name: string, remedy: string): HeadraceError =>
  new HeadraceError('invalid_input', `The file ${name} in the data folder is damaged. ${remedy}`);
