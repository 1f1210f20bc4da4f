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
 * Opens a pool. `bigint` columns come back as numbers (checked to be exact), `timestamptz` as `Date`, `jsonb`
 * parsed. Sessions run in UTC.
 */
export function openDatabase(options: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({
    ...options.config,
    max: options.maxConnections,
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

/** Runs one statement and returns its rows; `Row` states the columns the statement selects. */
export async function rows<Row extends object>(db: Db, text: string, values: unknown[] = []): Promise<Row[]> {
  return (await db.query<Row>(text, values)).rows;
}

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
 * @param timeoutMs after which a statement is given up (`isTimeout` tells by its error).
 */
export function readTogether<Result>(
  pool: pg.Pool,
  timeoutMs: number,
  work: (trx: Trx) => Promise<Result>,
): Promise<Result> {
  return transaction(pool, async (trx) => {
    await trx.query('set transaction isolation level repeatable read, read only');
    await trx.query("select set_config('statement_timeout', $1, true)", [String(timeoutMs)]);
    return work(trx);
  });
}

/** Whether a statement took longer than it may. */
export const isTimeout = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '57014';

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
    await client.query('begin');
    const result = await work(client as Trx);
    await client.query('commit');
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
