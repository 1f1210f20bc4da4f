import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { callTables, createJournal, type JournalEntry } from '../journal/call-journal.ts';
import { changeTables } from '../journal/change-journal.ts';
import { type Database, integerOf, openDatabase } from './database.ts';

let database: Database;
beforeEach(() => {
  database = openDatabase(undefined);
  database.exec(`create table things (text text); ${callTables} ${changeTables}`);
});
afterEach(() => {
  database.close();
  vi.restoreAllMocks();
});

/** No more room than what is taken, as on a full disk; or room again. */
const fill = (isFull: boolean): void => {
  const pages = integerOf(database.prepare('pragma page_count').get()?.page_count);
  database.exec(`pragma max_page_count = ${isFull ? pages : 1_000_000}`);
};

const insert = (): void => {
  for (let count = 0; count < 200; count++)
    database.prepare('insert into things values (?)').run('x'.repeat(1_000));
};
const count = (): number => integerOf(database.prepare('select count(*) as n from things').get()?.n);

test('a full disk undoes the whole transaction and says so; with room again all goes on', () => {
  fill(true);
  const nested = (): void => database.transaction(() => database.transaction(insert));
  expect(nested).toThrow(/full/);
  expect(count()).toBe(0);
  expect(nested).toThrow(/full/);
  fill(false);
  nested();
  expect(count()).toBe(200);
});

test('calls that find no room in the journal are stored later', () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const journal = createJournal(database, 100);
  fill(true);
  for (let call = 0; call < 50; call++) journal.add(entry(journal.next()));
  journal.flush();
  expect(logged).toHaveBeenCalled();
  expect(journal.total()).toBe(0);
  fill(false);
  expect(journal.total()).toBe(50);
});

const entry = (sequence: number): JournalEntry => ({
  sequence,
  at: '2026-01-01T00:00:00.000Z',
  method: 'GET',
  path: '/services/data/v67.0/limits',
  query: '',
  headers: {},
  client: '',
  object: '',
  userId: undefined,
  status: 200,
  errorCode: undefined,
  records: undefined,
  durationMs: 1,
  mark: undefined,
  request: 'x'.repeat(4_000),
  response: undefined,
});
