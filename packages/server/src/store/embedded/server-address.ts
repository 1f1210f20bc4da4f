import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Postmaster } from './find-postmaster.ts';
import { roleName } from './init-cluster.ts';
import type { ProcessOwner } from './process-owner.ts';

// 107 bytes on Linux, 103 on macOS, with the name of the socket and its lock.
const maxSocketFolderBytes = 80;
const temporaryPrefix = 'headrace-';

/**
 * Where a new server listens: a unix socket in a folder that only its user enters (beside the data, or under the
 * system's temporary folder where that path is too long), or loopback on Windows. Settings for the server.
 */
export const chooseListening = async (
  folder: string,
  owner: ProcessOwner | undefined,
): Promise<Record<string, string>> => {
  if (process.platform === 'win32') {
    return { listen_addresses: '127.0.0.1', port: String(await findFreePort()), unix_socket_directories: '' };
  }
  const beside = join(folder, 'run');
  const fits = Buffer.byteLength(beside) <= maxSocketFolderBytes;
  const socketFolder = fits ? beside : await mkdtemp(join(shortTemporaryFolder(), temporaryPrefix));
  await mkdir(socketFolder, { recursive: true });
  await chmod(socketFolder, 0o700);
  if (owner !== undefined) await chown(socketFolder, owner.uid, owner.gid);
  return {
    listen_addresses: '',
    port: '5432',
    unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
  };
};

const shortTemporaryFolder = (): string =>
  Buffer.byteLength(tmpdir()) <= maxSocketFolderBytes - temporaryPrefix.length - 6 ? tmpdir() : '/tmp';

const findFreePort = (): Promise<number> =>
  new Promise((resolvePort, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolvePort(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/** URL of a database of a running server. */
export const connectionStringOf = (
  { socketFolder, port }: Postmaster,
  password: string,
  database: string,
): string =>
  `postgresql://${roleName}:${password}@${encodeURIComponent(socketFolder || '127.0.0.1')}:${port}/${database}`;

/** Deletes the socket's folder where it is one that we made under the system's temporary folder. */
export const removeSocketFolder = async (folder: string, { socketFolder }: Postmaster): Promise<void> => {
  if (dirname(socketFolder) === folder || !socketFolder.includes(temporaryPrefix)) return;
  await rm(socketFolder, { recursive: true, force: true });
};
