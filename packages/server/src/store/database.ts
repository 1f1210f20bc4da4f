import { HeadraceError } from '@headrace/core';
import pg from 'pg';

/** Anything a statement can run on: the pool, or one connection inside a transaction. */
export type Db = pg.Pool | pg.ClientBase;
/** A connection inside a transaction; statements that need one take it first. */
export type Trx = pg.PoolClient & { readonly [insideTransaction]: true };
declare const insideTransaction: unique symbol;

export type DatabaseOptions = {
  readonly config: pg.ClientConfig;
  readonly maxConnections: number;
  /** Hears of connections that broke while idle; the pool replaces them by itself. */
  readonly onIdleError: (error: Error) => void;
};

const int8 = 20;
const parseBigint = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint out of range: ${text}`);
  return value;
};

/**
 * Opens a pool. Connections are pipelined: a statement leaves at once and PostgreSQL works on it behind those sent
 * before, whether or not they were awaited (https://node-postgres.com/features/pipelining, read 2026-11). `bigint` columns come back as numbers (checked to be exact), `timestamptz` as `Date`, `jsonb`
 * parsed. Sessions run in UTC.
 */
export function openDatabase(options: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({
    ...options.config,
    max: options.maxConnections,
    pipeline: true,
    application_name: 'headrace',
    options: '-c timezone=UTC -c client_min_messages=warning',
    connectionTimeoutMillis: 10_000,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === int8 && format !== 'binary' ? parseBigint : pg.types.getTypeParser(oid, format),
    } as pg.CustomTypesConfig,
  });
  pool.on('error', options.onIdleError);
  return pool;
}

/**
 * Statements of one connection that PostgreSQL works on while the caller goes on. Where one fails, those behind it in
 * its transaction fail as well and say only that; what is thrown is why.
 * @returns their results in order; to be awaited before the transaction ends.
 */
export function together<Results extends readonly unknown[]>(
  ...statements: { readonly [Index in keyof Results]: Promise<Results[Index]> | Results[Index] }
): Promise<Results> {
  const all = Promise.allSettled(statements).then((outcomes) => {
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    if (reasons.length > 0) throw reasons.find((reason) => !isConsequence(reason)) ?? reasons[0];
    return outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value) as unknown as Results;
  });
  // Heard by whoever awaits it, and by nobody where the caller fails first for a reason of its own.
  all.catch(() => undefined);
  return all;
}

/** SQLSTATE 25P02: the transaction had failed before. */
const isConsequence = (reason: unknown): boolean =>
  reason instanceof pg.DatabaseError && reason.code === '25P02';

/** Runs one statement and returns its rows; `Row` states the columns the statement selects. */
export async function rows<Row extends object>(db: Db, text: string, values: unknown[] = []): Promise<Row[]> {
  return (await db.query<Row>(text, values)).rows;
}

/**
 * Like `rows`, for statements of every chunk and request: each connection keeps them prepared. Their plan is made
 * without regard to the length of arrays, so that a long one looks its rows up by an index and does not read the table.
 */
export async function preparedRows<Row extends object>(
  db: Db,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  let name = statementNames.get(text);
  if (name === undefined) {
    name = `s${statementNames.size}`;
    statementNames.set(text, name);
  }
  return (await db.query<Row>({ name, text, values })).rows;
}

const statementNames = new Map<string, string>();

/** Like `rows`, for statements that give at most one. */
export async function maybeRow<Row extends object>(
  db: Db,
  text: string,
  values: unknown[] = [],
): Promise<Row | undefined> {
  return (await rows<Row>(db, text, values))[0];
}

/**
 * Runs reads that belong together on one state of the database.
 * @param timeoutMs after which a statement is given up.
 * @throws HeadraceError `overloaded` when one is.
 */
export async function readTogether<Result>(
  pool: pg.Pool,
  timeoutMs: number,
  work: (trx: Trx) => Promise<Result>,
): Promise<Result> {
  try {
    return await transaction(pool, async (trx) => {
      await trx.query('set transaction isolation level repeatable read, read only');
      await trx.query("select set_config('statement_timeout', $1, true)", [String(timeoutMs)]);
      return work(trx);
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '57014')
      throw new HeadraceError('overloaded', 'The database is too busy to answer in time.', {
        retryAfterMs: 2_000,
      });
    throw error;
  }
}

/** Runs `work` in one transaction: committed when it resolves, rolled back when it throws. */
export async function transaction<Result>(
  pool: pg.Pool,
  work: (trx: Trx) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // The pool listens only while a connection is idle; unheard, a cut connection would end the process.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    const begun = together(client.query('begin'));
    const result = await work(client as Trx);
    await begun;
    const { command } = await client.query('commit');
    // So PostgreSQL answers where a statement had failed, whether or not anyone heard of that.
    if (command === 'ROLLBACK')
      throw new Error('The transaction had failed, so nothing of it was committed.');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.off('error', onError);
    // A connection that broke or could not roll back is not given to anyone else.
    client.release(broken);
  }
}

/**
 * A transaction that looks rows up by their keys, a few hundred at a time, in tables that may have grown a thousandfold
 * since PostgreSQL last counted them: by old statistics it would read them whole. So other plans are only taken where
 * there is no index.
 * @param settings.isFoundAgain should the machine fail in the next second, what it wrote is found out again: it does not
 *   wait for the disk.
 */
export const keyedTransaction = <Result>(
  pool: pg.Pool,
  work: (trx: Trx) => Promise<Result>,
  settings: { readonly isFoundAgain: boolean } = { isFoundAgain: false },
): Promise<Result> =>
  transaction(pool, async (trx) => {
    const [, , result] = await together(
      preparedRows(trx, plansByKeys),
      settings.isFoundAgain && preparedRows(trx, withoutDisk),
      work(trx),
    );
    return result;
  });

const plansByKeys = `select ${['seqscan', 'hashjoin', 'mergejoin', 'sort']
  .map((plan) => `set_config('enable_${plan}', 'off', true)`)
  .join(', ')}`;
const withoutDisk = "select set_config('synchronous_commit', 'off', true)";
