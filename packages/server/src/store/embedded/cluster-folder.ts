import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canEnter, type ProcessOwner } from './process-owner.ts';
import { startFailure, systemErrorCode } from './start-failure.ts';

/** Where clusters live that cannot live in their data folder. */
const systemFolder = '/var/lib/headrace';
const pointerName = 'postgres.location';

/**
 * Decides where PostgreSQL's files are kept and creates the folder: `<dataDir>/postgres`, or, where that
 * other user cannot get there (a clone under /root, say), a folder under /var/lib/headrace, which
 * `<dataDir>/postgres.location` then names for good.
 *
 * @param owner the other user PostgreSQL runs as, undefined where it is the present one
 * @throws HeadraceError where the pointer leads nowhere; the system's error where a folder cannot be made.
 */
export const placeClusterFolder = async (
  dataDir: string,
  owner: ProcessOwner | undefined,
  log: (line: string) => void,
): Promise<string> => {
  const inside = join(dataDir, 'postgres');
  if (owner === undefined) {
    await mkdir(inside, { recursive: true, mode: 0o700 });
    return inside;
  }
  const pointer = join(dataDir, pointerName);
  const pointed = await readPointer(pointer);
  if (pointed !== undefined) {
    if (await exists(pointed)) return pointed;
    throw startFailure(
      `${pointer} says that the database is in ${pointed}, and there is no such folder. ` +
        `Bring it back, or delete ${pointer} to begin with an empty database.`,
    );
  }
  await openOwnFolder(dataDir);
  await makeFolder(inside, owner);
  if (canEnter(owner, inside)) return inside;
  if (await exists(join(inside, 'data'))) {
    throw startFailure(
      `The user ${owner.uid} that runs PostgreSQL for root can no longer enter ${inside}. ` +
        'Give the folders above it the right to pass through (chmod o+x), or move the data folder back.',
    );
  }
  const outside = join(systemFolder, randomBytes(6).toString('hex'));
  await mkdir(systemFolder, { recursive: true });
  await chmod(systemFolder, 0o711);
  await makeFolder(outside, owner);
  if (!canEnter(owner, outside)) {
    throw startFailure(
      `PostgreSQL does not run as root, and the user ${owner.uid} can enter neither ${inside} nor ${outside}. ` +
        'Set HEADRACE_DATA_DIR to a folder that other users can pass through, or DATABASE_URL to an existing PostgreSQL.',
    );
  }
  await writeFile(pointer, `${outside}\n`);
  log(`The database is kept in ${outside}: PostgreSQL, which does not run as root, cannot enter ${dataDir}.`);
  return outside;
};

const readPointer = async (pointer: string): Promise<string | undefined> => {
  try {
    return (await readFile(pointer, 'utf8')).trim();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
};

const exists = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined)) !== undefined;

const makeFolder = async (folder: string, owner: ProcessOwner): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await chown(folder, owner.uid, owner.gid);
  await chmod(folder, 0o711);
};

/** What the program may have put into its data folder before its first database. */
const ownEntries = /^(headrace\.|postgres|program\.|logs$|salesforce-org$|owner-token|secret-key|uploads$)/;

// A folder with our things only is ours to open for passing through; one with others (a home folder, say) is not.
const openOwnFolder = async (dataDir: string): Promise<void> => {
  await mkdir(dataDir, { recursive: true });
  const entries = await readdir(dataDir);
  if (entries.every((name) => ownEntries.test(name))) await chmod(dataDir, 0o711);
};
