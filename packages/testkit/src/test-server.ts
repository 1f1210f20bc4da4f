import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { openDatabase } from '../../server/src/store/database.ts';
import { startEmbeddedPostgres } from '../../server/src/store/embedded/start-embedded-postgres.ts';
import { migrate } from '../../server/src/store/migrate.ts';
import { dataDirPrefix, runFolderVariable } from './run-folder.ts';

/** The environment variables through which the global set-up tells test files about the server. */
export const serverUrlVariable = 'HEADRACE_TEST_SERVER_URL';
export const databasePrefixVariable = 'HEADRACE_TEST_DATABASE_PREFIX';

/** Name of the database, holding all migrations, that those of the tests are copied from. */
export const templateName = (prefix: string): string => `${prefix}_template`;

/** The same server, another database. */
export const withDatabase = (serverUrl: string, database: string): string => {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
};

/** Runs statements one by one on one connection. */
export const runStatements = async (url: string, statements: readonly string[]): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
};

/**
 * Vitest's global set-up: one PostgreSQL for all test files (`DATABASE_URL` where set, else one of our own in
 * a temporary folder) and in it the migrated template. The projects that need one share it.
 */
export const setup = async (): Promise<(() => Promise<void>) | undefined> => {
  if (process.env[serverUrlVariable] !== undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'headrace-test-'));
  await chmod(folder, 0o711);
  process.env[runFolderVariable] = folder;
  const prefix = `headrace_test_${randomBytes(4).toString('hex')}`;
  process.env[databasePrefixVariable] = prefix;
  const reap = startReaper(folder);
  try {
    const url = await openServer(folder);
    await makeTemplate(url, prefix);
    process.env[serverUrlVariable] = url;
  } catch (error) {
    await reap();
    throw error;
  }
  return async () => {
    delete process.env[serverUrlVariable];
    await reap();
  };
};

/** @returns what makes it do its work, and waits for it */
const startReaper = (folder: string): (() => Promise<void>) => {
  const script = fileURLToPath(new URL('reaper.ts', import.meta.url));
  // In a session of its own, out of reach of the Ctrl-C that ends the run.
  const reaper = spawn(process.execPath, [script, folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(reaper, 'exit');
  reaper.unref();
  return async () => {
    // Waited for now: without it a run whose set-up failed would end before it says so, as if all were well.
    reaper.ref();
    reaper.stdin.end();
    const [code] = await ended;
    if (code !== 0) throw new Error(`Clearing up ${folder} failed.`);
  };
};

const openServer = async (folder: string): Promise<string> => {
  const given = process.env.DATABASE_URL;
  if (given !== undefined && given !== '') return given;
  const binFolder = process.env.HEADRACE_TEST_POSTGRES_BIN;
  const server = await startEmbeddedPostgres({
    dataDir: join(folder, `${dataDirPrefix}server`),
    log: (line) => process.stderr.write(`${line}\n`),
    // Nobody reads these databases after a power cut.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
    ...(binFolder === undefined ? {} : { binFolder }),
  });
  return server.connectionString;
};

const makeTemplate = async (serverUrl: string, prefix: string): Promise<void> => {
  const template = templateName(prefix);
  await runStatements(serverUrl, [
    `create database ${template} template template0 encoding 'UTF8' locale 'C'`,
  ]);
  const pool = openDatabase({
    config: { connectionString: withDatabase(serverUrl, template) },
    maxConnections: 1,
    onIdleError: () => undefined,
  });
  try {
    await migrate(pool);
  } finally {
    await pool.end();
  }
};

/** Drops the databases whose names begin so, connections to them cut. */
export const dropDatabases = async (serverUrl: string, prefix: string): Promise<void> => {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [prefix],
    );
    for (const { datname } of rows) await client.query(`drop database if exists ${datname} with (force)`);
  } finally {
    await client.end();
  }
};
