import { type Database, integerOf, type Row } from '../store/database.ts';

/** How a call ended other than by its answer, or when it was applied. */
export type CallMark = 'cut' | 'hang' | 'late';

/** One call the org was sent, with secrets masked. */
export interface JournalEntry {
  readonly sequence: number;
  /** The org's time, ISO 8601. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  /** The query string with secrets masked; empty without one. */
  readonly query: string;
  /** Chosen request headers by lower-case name; never credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** The client's name in `Sforce-Call-Options`; empty without one. */
  readonly client: string;
  /** The object the path names, lower-case; empty where it names none. */
  readonly object: string;
  readonly userId: string | undefined;
  /** 0 when the connection ended before an answer. */
  readonly status: number;
  readonly errorCode: string | undefined;
  /** Records in the request or the answer, where the call has any. */
  readonly records: number | undefined;
  readonly durationMs: number;
  readonly mark: CallMark | undefined;
  /** The beginning of the bodies; none for sign-in calls. */
  readonly request: string | undefined;
  readonly response: string | undefined;
}

/** Which calls are wanted; what is left out matches all. `path` is a prefix, `since` epoch milliseconds. */
export interface CallFilter {
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly status?: number | undefined;
  readonly object?: string | undefined;
  readonly since?: number | undefined;
  /** Only calls with a smaller number. */
  readonly before?: number | undefined;
}

/** The latest calls, oldest dropped first. What the last quarter of a second brought is lost at `kill -9`. */
export interface Journal {
  /** The number of a call that begins; its entry is added under it when it ends. */
  readonly next: () => number;
  readonly add: (entry: JournalEntry) => void;
  /** Newest first. */
  readonly find: (filter: CallFilter, limit: number) => readonly JournalEntry[];
  readonly latest: (limit: number, before?: number) => readonly JournalEntry[];
  /** Calls kept. */
  readonly total: () => number;
  readonly clear: () => void;
  /** Stores what is not stored yet; never fails, what cannot be stored stays for the next time. */
  readonly flush: () => void;
}

export const callTables = `
  create table if not exists _call (
    sequence integer primary key, at text not null, method text not null, path text not null,
    query text not null, headers text not null, client text not null, object text not null, user_id text,
    status integer not null, error_code text, records integer, duration_ms real not null, mark text,
    request text, response text
  );
`;

const flushAfterMs = 250;
const insertCall = `insert or replace into _call values (${Array(16).fill('?').join(', ')})`;

/** The journal of an org, kept in its database: at most `capacity` calls. */
export function createJournal(database: Database, capacity: number): Journal {
  let last = lastNumber(database);
  let pending: JournalEntry[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (pending.length === 0) return;
    try {
      store(pending);
      pending = [];
    } catch (error) {
      // Such as a full disk: they are tried again with the next ones.
      console.error(error);
      pending = pending.slice(-capacity);
    }
  };
  const store = (entries: readonly JournalEntry[]): void =>
    database.transaction(() => {
      const statement = database.prepare(insertCall);
      for (const entry of entries) statement.run(...parametersOf(entry));
      database.prepare('delete from _call where sequence <= ?').run(last - capacity);
    });
  const find: Journal['find'] = (filter, limit) => {
    flush();
    const { sql, parameters } = selectCalls(filter);
    return database
      .prepare(`${sql} order by sequence desc limit ?`)
      .all(...parameters, limit)
      .map(entryOf);
  };
  return {
    next: () => ++last,
    add: (entry) => {
      pending.push(entry);
      timer ??= setTimeout(flush, flushAfterMs).unref();
    },
    find,
    latest: (limit, before) => find({ before }, limit),
    total: () => {
      flush();
      return integerOf(database.prepare('select count(*) as n from _call').get()?.n);
    },
    clear: () => {
      pending = [];
      database.prepare('delete from _call').run();
    },
    flush,
  };
}

/** The highest number given so far; changes outlive the calls that made them. */
function lastNumber(database: Database): number {
  const sql = `select max(n) as n from (
    select max(sequence) as n from _call union all
    select max(call) from (select call from _change order by sequence desc limit 1000))`;
  return integerOf(database.prepare(sql).get()?.n);
}

function parametersOf(entry: JournalEntry): (string | number | null)[] {
  return [
    entry.sequence,
    entry.at,
    entry.method,
    entry.path,
    entry.query,
    JSON.stringify(entry.headers),
    entry.client,
    entry.object,
    entry.userId ?? null,
    entry.status,
    entry.errorCode ?? null,
    entry.records ?? null,
    entry.durationMs,
    entry.mark ?? null,
    entry.request ?? null,
    entry.response ?? null,
  ];
}

function selectCalls(filter: CallFilter): { readonly sql: string; readonly parameters: (string | number)[] } {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  const where = (condition: string, ...values: (string | number)[]): void => {
    conditions.push(condition);
    parameters.push(...values);
  };
  const { method, path, status, object, since, before } = filter;
  if (method !== undefined) where('method = ?', method.toUpperCase());
  if (path !== undefined) where('substr(path, 1, ?) = ?', path.length, path);
  if (status !== undefined) where('status = ?', status);
  if (object !== undefined)
    where(
      '(object = ? or sequence in (select call from _change where call is not null and object = ? collate nocase))',
      object.toLowerCase(),
      object,
    );
  if (since !== undefined) where('at >= ?', new Date(since).toISOString());
  if (before !== undefined) where('sequence < ?', before);
  const condition = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
  return { sql: `select * from _call${condition}`, parameters };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const marks: Readonly<Record<string, CallMark>> = { cut: 'cut', hang: 'hang', late: 'late' };

const entryOf = (row: Row): JournalEntry => ({
  sequence: integerOf(row.sequence),
  at: String(row.at),
  method: String(row.method),
  path: String(row.path),
  query: String(row.query),
  headers: JSON.parse(String(row.headers)),
  client: String(row.client),
  object: String(row.object),
  userId: textOf(row.user_id),
  status: integerOf(row.status),
  errorCode: textOf(row.error_code),
  records: row.records === null ? undefined : integerOf(row.records),
  durationMs: Number(row.duration_ms),
  mark: marks[textOf(row.mark) ?? ''],
  request: textOf(row.request),
  response: textOf(row.response),
});
