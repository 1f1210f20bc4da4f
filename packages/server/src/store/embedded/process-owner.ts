import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { startFailure } from './start-failure.ts';

/** The user that PostgreSQL's files belong to and its processes run as. */
export type ProcessOwner = { readonly uid: number; readonly gid: number };

/** True where this program runs as the superuser, whom PostgreSQL refuses. */
export const isRoot = (): boolean => process.geteuid?.() === 0;

/**
 * Chooses the user for a new cluster: undefined means "the present one". As root it is `postgres` where that
 * user exists, else `nobody`; never a user made by us, since that would change the host.
 *
 * @throws HeadraceError where there is no such user, or the present one has no name (initdb insists on one).
 */
export const chooseOwner = (): ProcessOwner | undefined => {
  if (process.platform === 'win32') return undefined;
  if (!isRoot()) {
    try {
      userInfo();
      return undefined;
    } catch (error) {
      throw startFailure(
        `The user ${process.geteuid?.()} has no entry in the system's user list, and PostgreSQL needs one. ` +
          'Run as a user with a name, or set DATABASE_URL to an existing PostgreSQL.',
        error,
      );
    }
  }
  const owner = findUser('postgres') ?? findUser('nobody');
  if (owner !== undefined) return owner;
  throw startFailure(
    'PostgreSQL does not run as root, and this system has neither a user `postgres` nor `nobody`. ' +
      'Run as an ordinary user, or set DATABASE_URL to an existing PostgreSQL.',
  );
};

const findUser = (name: string): ProcessOwner | undefined => {
  const uid = readId('-u', name);
  const gid = readId('-g', name);
  return uid === undefined || gid === undefined || uid === 0 ? undefined : { uid, gid };
};

// `id` asks every source of users the system has (files, LDAP, macOS directory); /etc/passwd is but one.
const readId = (flag: '-u' | '-g', name: string): number | undefined => {
  const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
  return status === 0 && /^\d+\s*$/.test(stdout) ? Number(stdout) : undefined;
};

/** Whether that user can enter the folder, tried rather than computed: rights are more than mode bits. */
export const canEnter = (owner: ProcessOwner, folder: string): boolean =>
  spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...owner, cwd: '/', stdio: 'ignore' }).status ===
  0;
