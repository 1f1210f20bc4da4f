import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { HeadraceError, invalidInput } from '@headrace/core';

/** A file of an allowed folder, open for reading. */
export type ImportFile = {
  /** Without links. */
  readonly path: string;
  readonly handle: FileHandle;
  readonly bytes: number;
  /** Device, inode, size and time of the last change: equal only while the file is the same. */
  readonly state: string;
};

/** Folders of this machine whose files may be imported where they lie. */
export class ImportFolders {
  readonly #folders: readonly string[];

  /** @param folders absolute paths; they may be made later. */
  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  /** Whether this server reads files there, whether or not there is one. */
  allows(path: string): boolean {
    return this.#folders.some((folder) => isWithin(folder, path));
  }

  /**
   * Opens a file. Whether it is allowed is decided on its path without links, so that no link leads out; what
   * lies outside is refused in the same words, whether it exists or not.
   * @throws HeadraceError `invalid_input`, `not_found`.
   */
  async open(path: string): Promise<ImportFile> {
    if (this.#folders.length === 0)
      throw invalidInput(
        'This server imports no files by path. Upload the file, or have the operator set HEADRACE_IMPORT_FOLDERS.',
      );
    if (!isAbsolute(path) || path.includes('\0'))
      throw invalidInput('The path of the file has to be absolute.', [
        { pointer: '/path', message: 'Expected an absolute path on the machine of the server.' },
      ]);
    const folders = await this.#realFolders();
    if (![...this.#folders, ...folders].some((folder) => isWithin(folder, resolve(path)))) throw outside();
    const real = await realpath(path).catch(refuseMissing);
    if (!folders.some((folder) => isWithin(folder, real))) throw outside();
    // Not blocking, for a pipe would never open; not following, for the last step may be replaced by a link.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(real, flags).catch(refuseMissing);
    try {
      const stats = await handle.stat({ bigint: true });
      if (!stats.isFile()) throw invalidInput('The path leads to no regular file.');
      // A folder on the way may have been a link for the moment of opening: what counts is where the open file lies.
      if ((await pathOf(handle, real)) !== real) throw outside();
      return { path: real, handle, bytes: Number(stats.size), state: stateOf(stats) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #realFolders(): Promise<string[]> {
    const found = await Promise.allSettled(this.#folders.map((folder) => realpath(folder)));
    return found.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }
}

/** Where an open file lies; where the system does not tell, what its path leads to now. */
const pathOf = (handle: FileHandle, path: string): Promise<string> =>
  readlink(`/proc/self/fd/${handle.fd}`).catch(() => realpath(path).catch(refuseMissing));

/** Whether an open file is still in the state in which it was taken. */
export async function isUnchanged(handle: FileHandle, state: string): Promise<boolean> {
  return stateOf(await handle.stat({ bigint: true })) === state;
}

const stateOf = ({ dev, ino, size, mtimeNs }: BigIntStats): string => [dev, ino, size, mtimeNs].join(':');

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

const outside = (): HeadraceError =>
  invalidInput('The file lies in none of the folders that this server may import from.', [
    { pointer: '/path', message: 'Expected a file in one of the folders of HEADRACE_IMPORT_FOLDERS.' },
  ]);

function refuseMissing(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    throw new HeadraceError('not_found', 'There is no file with this path on the machine of the server.');
  if (code === 'EACCES' || code === 'EPERM')
    throw invalidInput('The server may not read this file. Let its user read it.');
  if (code === 'ELOOP') throw outside();
  throw error;
}
