import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HeadraceError } from '@headrace/core';

/**
 * Reads a file of the data folder that only its owner may read, and makes it when it is not there. Whoever
 * comes first decides what it holds; it is there as a whole, durably, or not at all.
 * @throws HeadraceError `conflict` when it can be neither read nor made.
 */
export async function readOrCreatePrivateFile(
  folder: string,
  name: string,
  create: () => string,
): Promise<string> {
  const path = join(folder, name);
  const partial = `${path}.${randomUUID()}.partial`;
  try {
    const present = await readIfThere(path);
    if (present !== undefined) return present;
    await mkdir(folder, { recursive: true });
    const file = await open(partial, 'wx', 0o600);
    try {
      await file.writeFile(`${create()}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    // Unlike a rename, a link never replaces what another process made meanwhile.
    await link(partial, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new HeadraceError(
      'conflict',
      `Cannot read or make ${path} (${codeOf(cause) ?? 'unknown reason'}). Correct its owner, its rights or the free space, or set HEADRACE_DATA_DIR to another folder.`,
      { cause },
    );
  } finally {
    await rm(partial, { force: true }).catch(() => undefined);
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;
