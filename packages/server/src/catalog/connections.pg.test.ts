import type { Destination } from '@headrace/core';
import { createDatabase, MemoryOrg, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAccount, replaceCredentials } from './accounts.ts';
import { Connections } from './connections.ts';
import { deleteAccount } from './delete-account.ts';
import { createSealer } from './sealer.ts';

const signal = new AbortController().signal;
let database: TestDatabase;
/** Passwords that were signed in with, and those of connections that were closed. */
let [used, closed]: [string[], string[]] = [[], []];

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(() => {
  [used, closed] = [[], []];
});

class SignedInOrg extends MemoryOrg {
  readonly #password: string;

  constructor(password: string) {
    super();
    this.#password = password;
  }

  override test() {
    used.push(this.#password);
    return super.test();
  }

  override async close(): Promise<void> {
    closed.push(this.#password);
  }
}

const password = { name: 'password', title: 'Password', description: '', required: true, secret: true };
const destination: Destination = {
  type: 'memory',
  title: 'Memory',
  description: '',
  category: 'CRM',
  connectionType: 'Profile-based',
  frequency: 'Streaming',
  authentications: [{ type: 'password', title: 'Password', fields: [password] }],
  detailFields: [],
  maxBatchRecords: 200,
  tellsMemberships: () => false,
  connect: ({ values }) => new SignedInOrg(values.password ?? ''),
};

/** What one server of several has. */
function startServer() {
  const { pool } = database;
  const destinations = new Map([[destination.type, destination]]);
  const sealer = createSealer(Buffer.alloc(32, 1));
  const budgetFor = () => ({ reserve: async () => undefined, observe: () => undefined });
  const now = () => new Date();
  const connections = new Connections({
    pool,
    destinations,
    sealer,
    budgetFor,
    recorderFor: () => ({ record: () => undefined }),
    now,
    log: { info: () => undefined, warn: () => undefined },
  });
  return { pool, destinations, connections, sealer, budgetFor, recordCalls: async () => undefined, now };
}

const account = (name: string) => ({
  destinationType: 'memory',
  name,
  authentication: 'password',
  values: { password: 'old' },
});

test('promise 2: credentials that were replaced through one server are used by every other from then on', async () => {
  const [one, other] = [startServer(), startServer()];
  const { accountId } = await createAccount(one, account('shared'), signal);
  const before = await other.connections.connectionFor(accountId);
  expect(await other.connections.connectionFor(accountId)).toBe(before);
  await replaceCredentials(one, accountId, { values: { password: 'new' } }, signal);
  [used, closed] = [[], []];
  for (const { connections } of [one, other]) await (await connections.connectionFor(accountId)).test(signal);
  expect(used).toEqual(['new', 'new']);
  await other.connections.close();
  expect(closed).toEqual(['old', 'new']);
});

test('of those who ask at once while credentials are replaced nobody is left with the old ones', async () => {
  const [one, other] = [startServer(), startServer()];
  const { accountId } = await createAccount(one, account('at once'), signal);
  const ask = () => other.connections.connectionFor(accountId);
  await ask();
  await Promise.all([
    replaceCredentials(one, accountId, { values: { password: 'new' } }, signal),
    ...Array.from({ length: 20 }, ask),
  ]);
  const opened = await Promise.all(Array.from({ length: 20 }, ask));
  expect(new Set(opened).size).toBe(1);
  used = [];
  await opened[0]?.test(signal);
  expect(used).toEqual(['new']);
});

test('the connection of an account that another server deleted is closed', async () => {
  const [one, other] = [startServer(), startServer()];
  const { accountId } = await createAccount(one, account('deleted'), signal);
  await other.connections.connectionFor(accountId);
  closed = [];
  await deleteAccount(database.pool, one.connections, accountId);
  await expect(other.connections.connectionFor(accountId)).rejects.toMatchObject({ code: 'not_found' });
  await other.connections.close();
  expect(closed).toEqual(['old']);
});
