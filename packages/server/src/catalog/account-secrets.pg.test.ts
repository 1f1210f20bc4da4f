import { randomUUID } from 'node:crypto';
import { type Org, startOrg } from '@headrace/salesforce-emulator';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import type pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCallBudget } from '../delivery/call-budget.ts';
import {
  admin,
  orgWithApps,
  parametersOf,
  signInAtOrg,
} from '../destinations/salesforce-crm/org-browser.fixture.ts';
import { createSalesforceCrmDestination } from '../destinations/salesforce-crm/salesforce-crm-destination.ts';
import { readAccountValues } from '../store/accounts.ts';
import { openDatabase } from '../store/database.ts';
import { openSecrets } from './account-secrets.ts';
import type { AccountsOptions } from './accounts.ts';
import { beginBrowserSignIn, finishBrowserSignIn } from './browser-sign-ins.ts';
import { Connections } from './connections.ts';
import { createSealer } from './sealer.ts';

/* Servers that share a database, and an app of an org that rotates refresh tokens. */

const redirectUrl = 'http://localhost:4400/oauth/callback';
const sealer = createSealer(Buffer.alloc(32, 5));
const destination = createSalesforceCrmDestination({ allowLoopback: true });
const destinations = new Map([[destination.type, destination]]);
const recorderFor = () => ({ record: () => undefined });
const log = { info: () => undefined, warn: () => undefined };
const { signal } = new AbortController();

let org: Org;
let database: TestDatabase;
let nowMs: number;
const servers: Connections[] = [];
beforeEach(async () => {
  nowMs = Date.UTC(2026, 9, 1, 12);
  org = await startOrg({ clock: () => nowMs, definition: orgWithApps(redirectUrl) });
  database = await createDatabase();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  await database.drop();
  await org.close();
});

const now = () => new Date(nowMs);
const budgetOn = (pool: pg.Pool) => (accountId: string) =>
  createCallBudget({ pool, accountId, allowance: 1_000, now, log });
function startServer(pool = database.pool): Connections {
  const budgetFor = budgetOn(pool);
  const server = new Connections({ pool, destinations, sealer, budgetFor, recorderFor, now, log });
  servers.push(server);
  return server;
}

/** An account that a person signed in for. */
async function connect(server: Connections): Promise<string> {
  const options: AccountsOptions = {
    pool: database.pool,
    destinations,
    connections: server,
    sealer,
    budgetFor: budgetOn(database.pool),
    recordCalls: async () => undefined,
    now,
  };
  const values = { client_id: 'rotating', client_secret: 'rotating-secret', custom_domain: org.url };
  const purpose = {
    destinationType: destination.type,
    name: `Acme ${randomUUID()}`,
    authentication: 'oauth2-authorization-code',
  };
  const way = { redirectUrl, principalId: 'p' };
  const { url } = await beginBrowserSignIn(options, purpose, values, way);
  const back = parametersOf(await signInAtOrg(url, admin));
  return (await finishBrowserSignIn(options, back, signal)).account.accountId;
}

const readFrom = async (server: Connections, accountId: string) =>
  (await server.connectionFor(accountId)).targetFields({}, signal);
const tokenRequests = () =>
  org.journal({ method: 'POST', path: '/services/oauth2/token', limit: 1_000 }).length;
async function readSecrets(accountId: string) {
  const stored = await readAccountValues(database.pool, accountId);
  if (stored === undefined) throw new Error('No account.');
  return openSecrets(sealer, accountId, stored.sealedSecrets);
}

test('servers whose sessions ended at once use the refresh token once, and share the session', async () => {
  const servers = [startServer(), startServer(), startServer()];
  const [first] = servers;
  if (first === undefined) throw new Error('No server.');
  const accountId = await connect(first);
  await Promise.all(servers.map((server) => readFrom(server, accountId)));
  const earlier = await readSecrets(accountId);
  await fetch(`${org.url}/emulator/sessions/expire`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  // Past what servers remember of fields, and past the life of what they share.
  nowMs += 20 * 60_000;
  const before = tokenRequests();
  await Promise.all(
    servers.flatMap((server) => Array.from({ length: 7 }, () => readFrom(server, accountId))),
  );
  expect(tokenRequests() - before).toBe(1);
  expect((await readSecrets(accountId)).refresh_token).not.toBe(earlier.refresh_token);
});

test('a server that starts goes on with what is stored', async () => {
  const first = startServer();
  const accountId = await connect(first);
  await readFrom(first, accountId);
  await first.close();
  nowMs += 20 * 60_000;
  await readFrom(startServer(), accountId);
  nowMs += 20 * 60_000;
  await readFrom(startServer(), accountId);
});

test('many accounts that sign in at once do not starve each other of connections', async () => {
  const server = startServer();
  const accounts = [];
  for (let at = 0; at < 12; at++) accounts.push(await connect(server));
  // Beyond what one user may have of one app, Salesforce ends the oldest sign-ins.
  const alive = accounts.slice(-5);
  nowMs += 20 * 60_000;
  await using few = new AsyncDisposableStack();
  const config = { connectionString: database.url };
  const pool = openDatabase({ config, maxConnections: 6, onIdleError: () => undefined });
  few.defer(() => pool.end());
  const other = startServer(pool);
  few.defer(() => other.close());
  const answers = await Promise.allSettled(accounts.map((accountId) => readFrom(other, accountId)));
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(alive.length);
});
