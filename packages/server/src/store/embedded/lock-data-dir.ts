import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ProcessIdentity, readOwnIdentity, readProcessStart } from './process-identity.ts';
import { describeWriteFailure, startFailure, systemErrorCode } from './start-failure.ts';

/** The right to be the one program that works on a data folder. */
export type DataDirLock = {
  /** Tells a second start where this program listens. */
  setUrl(url: string): Promise<void>;
  /** Gives the folder free. A process that ends without it leaves a lock that the next start takes over. */
  release(): Promise<void>;
};

type Claim = { readonly state: 'claiming' | 'held'; readonly url: string | null };
type Holder = { readonly pid: number; readonly claim: Claim };

const lockFolderName = 'headrace.lock';
const heartbeatMs = 5_000;
const staleAfterMs = 20_000;
const maxAttempts = 30;

/**
 * Takes the data folder for this process, creating it where it is missing.
 *
 * Every contender writes a claim of its own, named after pid and start time, and only then looks at the
 * others: of two that start at once at least one sees the other, so never do both hold it, and removing the
 * claim of a dead process needs no care, since no living one bears its name.
 *
 * @throws HeadraceError `conflict`, naming pid and URL of the program that has it.
 */
export const lockDataDir = async (dataDir: string): Promise<DataDirLock> => {
  const folder = join(dataDir, lockFolderName);
  const self = await readOwnIdentity();
  const own = join(folder, claimName(self));
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw describeWriteFailure(error, dataDir);
  }
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    await writeOwnClaim(own, dataDir, self.pid);
    const holder = await findLivingHolder(folder, self);
    if (holder === undefined) {
      await replaceClaim(own, { state: 'held', url: null });
      return holdLock(own);
    }
    await rm(own, { force: true });
    if (holder.claim.state === 'held') throw inUse(dataDir, holder.pid, holder.claim.url);
    await delay(20 + Math.random() * 80);
  }
  throw startFailure(
    `Several programs try to start on the data folder ${dataDir} at the same time. Start one of them.`,
  );
};

const writeOwnClaim = async (own: string, dataDir: string, pid: number): Promise<void> => {
  try {
    await writeFile(own, JSON.stringify({ state: 'claiming', url: null } satisfies Claim), { flag: 'wx' });
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') throw inUse(dataDir, pid, (await readClaim(own))?.url ?? null);
    throw describeWriteFailure(error, dataDir);
  }
};

const holdLock = (own: string): DataDirLock => {
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(own, now, now).catch(() => undefined);
  }, heartbeatMs);
  heartbeat.unref();
  return {
    setUrl: (url) => replaceClaim(own, { state: 'held', url }),
    release: async () => {
      clearInterval(heartbeat);
      await rm(own, { force: true });
    },
  };
};

const claimName = ({ pid, start, scope }: ProcessIdentity): string => `${pid}-${start}-${scope}.json`;

const findLivingHolder = async (folder: string, self: ProcessIdentity): Promise<Holder | undefined> => {
  const ownName = claimName(self);
  const living: Holder[] = [];
  for (const name of await readdir(folder)) {
    const [, pid, start, scope] = /^(\d+)-([A-Za-z0-9]+)-([A-Za-z0-9]*)\.json$/.exec(name) ?? [];
    if (name === ownName || pid === undefined || start === undefined || scope === undefined) continue;
    const path = join(folder, name);
    // A pid of another container or an earlier boot says nothing here: the age of its heartbeat does.
    const isAlive =
      scope === self.scope ? (await readProcessStart(Number(pid))) === start : await hasHeartbeat(path);
    if (!isAlive) await rm(path, { force: true });
    else
      living.push({ pid: Number(pid), claim: (await readClaim(path)) ?? { state: 'claiming', url: null } });
  }
  return living.find(({ claim }) => claim.state === 'held') ?? living[0];
};

const hasHeartbeat = async (path: string): Promise<boolean> => {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs < staleAfterMs;
};

const readClaim = async (path: string): Promise<Claim | undefined> => {
  const text = await readFile(path, 'utf8').catch(() => '');
  const [, state, url] = /^\{"state":"(claiming|held)","url":(null|".*")\}$/.exec(text) ?? [];
  if ((state !== 'claiming' && state !== 'held') || url === undefined) return undefined;
  const parsed: unknown = JSON.parse(url);
  return { state, url: typeof parsed === 'string' ? parsed : null };
};

const replaceClaim = async (own: string, claim: Claim): Promise<void> => {
  const temporary = `${own}.${randomUUID()}`;
  await writeFile(temporary, JSON.stringify(claim));
  await rename(temporary, own);
};

const inUse = (dataDir: string, pid: number, url: string | null) =>
  startFailure(
    `Headrace already runs on the data folder ${dataDir} (process ${pid}${url === null ? '' : `, ${url}`}). ` +
      'Stop it first, or set HEADRACE_DATA_DIR to another folder and HEADRACE_PORT to another port.',
  );
