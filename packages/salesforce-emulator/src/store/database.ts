import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { createRecordId, recordNumberOf } from '../org/record-id.ts';
import { isMatchMethod, matchKey } from './match-key.ts';

/** A row as SQLite returns it. */
export type Row = Record<string, SQLOutputValue>;

/** An open database with its prepared statements, kept by their text. */
export interface Database {
  readonly prepare: (sql: string) => StatementSync;
  readonly exec: (sql: string) => void;
  /** Runs the work in one transaction; inside another one it is a savepoint. A throw undoes all of it. */
  readonly transaction: <T>(work: () => T) => T;
  /** Runs the work; a statement in it that asks `in_time()` is ended by a QueryTimeout after this time. */
  readonly withTimeLimit: <T>(limitMs: number, work: () => T) => T;
  readonly isOpen: () => boolean;
  readonly close: () => void;
}

/** Thrown out of a statement that ran for longer than its time limit. */
export class QueryTimeout extends Error {}

/** Thrown inside a transaction to undo it on purpose; the thrower catches it around the transaction. */
export class Rollback extends Error {}

const maxStatements = 2_000;
/** Longer statements, in characters, are queries nobody sends twice. */
const maxKeptLength = 10_000;

/**
 * Opens the org's database in a folder (made when missing), or in memory without one.
 *
 * Write-ahead log, `synchronous = normal`: a committed write is in the operating system's hands and survives
 * `kill -9` of this process. The exclusive lock keeps a second emulator off the same folder and ends with the
 * process. Throws an Error naming the folder when it is in use or not writable.
 */
export function openDatabase(dataDir: string | undefined): Database {
  const sqlite = openFile(dataDir);
  const statements = new Map<string, StatementSync>();
  let depth = 0;
  let deadline = Number.POSITIVE_INFINITY;
  addFunctions(sqlite, () => {
    if (performance.now() > deadline) throw new QueryTimeout('The statement ran for too long.');
  });
  const prepare = (sql: string): StatementSync => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      if (statements.size >= maxStatements) statements.clear();
      statement = sqlite.prepare(sql);
      if (sql.length <= maxKeptLength) statements.set(sql, statement);
    }
    return statement;
  };
  const run = (sql: string): void => {
    prepare(sql).run();
  };
  return {
    prepare,
    exec: (sql) => {
      // What was prepared may not know the columns this adds.
      statements.clear();
      sqlite.exec(sql);
    },
    transaction: (work) => {
      const [begin, commit, undo] =
        depth === 0
          ? ['begin immediate', 'commit', 'rollback']
          : [`savepoint s${depth}`, `release s${depth}`, `rollback to s${depth}`];
      run(begin);
      depth += 1;
      try {
        const result = work();
        run(commit);
        return result;
      } catch (error) {
        // A full or broken disk has undone all of it already.
        if (sqlite.isOpen && sqlite.isTransaction) {
          run(undo);
          if (depth > 1) run(commit);
        }
        throw error;
      } finally {
        depth -= 1;
      }
    },
    withTimeLimit: (limitMs, work) => {
      deadline = performance.now() + limitMs;
      try {
        return work();
      } finally {
        deadline = Number.POSITIVE_INFINITY;
      }
    },
    isOpen: () => sqlite.isOpen,
    close: () => sqlite.close(),
  };
}

/**
 * `fold` compares text without regard to case beyond ASCII; `record_number` is the number inside an id of the
 * object with the key prefix, and `record_id` the way back; `in_time` is true, or ends the statement.
 */
function addFunctions(sqlite: DatabaseSync, checkDeadline: () => void): void {
  const pure = { deterministic: true };
  sqlite.function('fold', pure, (value) => (typeof value === 'string' ? value.toLowerCase() : value));
  sqlite.function('match_key', pure, (method, value) =>
    isMatchMethod(method) ? matchKey(method, value) : null,
  );
  sqlite.function('record_number', pure, (value, prefix) =>
    typeof value === 'string' && value.startsWith(String(prefix)) ? (recordNumberOf(value) ?? null) : null,
  );
  sqlite.function('record_id', pure, (prefix, rid) => createRecordId(String(prefix), Number(rid)));
  sqlite.function('in_time', () => {
    checkDeadline();
    return 1;
  });
}

function openFile(dataDir: string | undefined): DatabaseSync {
  if (dataDir === undefined) return new DatabaseSync(':memory:');
  try {
    mkdirSync(dataDir, { recursive: true });
    const sqlite = new DatabaseSync(join(dataDir, 'org.sqlite'), { timeout: 0 });
    sqlite.exec(`
      pragma locking_mode = exclusive;
      pragma journal_mode = wal;
      pragma synchronous = normal;
      pragma wal_autocheckpoint = 20000;
      pragma cache_size = -131072;
    `);
    return sqlite;
  } catch (cause) {
    const inUse = cause instanceof Error && /locked|busy/i.test(cause.message);
    const reason = inUse
      ? 'another emulator is using it; stop that one or choose another folder'
      : cause instanceof Error
        ? cause.message
        : String(cause);
    throw new Error(`Cannot open the data folder ${dataDir}: ${reason}.`, { cause });
  }
}

/** A column that holds a whole number. */
export const integerOf = (value: SQLOutputValue | undefined): number => Number(value ?? 0);
