import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { openDatabase } from '../../server/src/store/database.ts';
import {
  databasePrefixVariable,
  runStatements,
  serverUrlVariable,
  templateName,
  withDatabase,
} from './test-server.ts';

/** A database of one test file's own. */
export type TestDatabase = {
  readonly url: string;
  /** Opened as the server opens its pool. */
  readonly pool: pg.Pool;
  /** Closes the pool and drops the database, connections of others cut. */
  drop(): Promise<void>;
};

/**
 * Makes a fresh database, copied from the migrated template in some 20 ms. For `beforeAll` of `*.pg.test.ts`
 * and e2e tests; drop it in `afterAll`.
 *
 * @param options.isEmpty leaves the migrations out
 */
export const createDatabase = async (options: { readonly isEmpty?: boolean } = {}): Promise<TestDatabase> => {
  const serverUrl = process.env[serverUrlVariable];
  const prefix = process.env[databasePrefixVariable];
  if (serverUrl === undefined || prefix === undefined) {
    throw new Error(
      'There is no PostgreSQL for tests: only the projects `pg` (*.pg.test.ts) and `e2e` start one.',
    );
  }
  const name = `${prefix}_${randomBytes(5).toString('hex')}`;
  const template = options.isEmpty === true ? 'template0' : templateName(prefix);
  await runStatements(serverUrl, [`create database ${name} template ${template}`]);
  const url = withDatabase(serverUrl, name);
  const pool = openDatabase({
    config: { connectionString: url },
    maxConnections: 10,
    onIdleError: () => undefined,
  });
  return {
    url,
    pool,
    drop: async () => {
      if (!pool.ended) await pool.end();
      await runStatements(serverUrl, [`drop database if exists ${name} with (force)`]);
    },
  };
};
