import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createDatabase,
  freePort,
  makeDataDir,
  type StartedProcess,
  startProcess,
  type TestDataDir,
} from '../packages/testkit/src/index.ts';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);
let data: TestDataDir;
let port: number;

beforeAll(async () => {
  data = await makeDataDir();
  port = await freePort();
});
afterAll(() => data.remove());

const start = (args: readonly string[] = [], env: Record<string, string> = {}): Promise<StartedProcess> =>
  startProcess({
    entry: join(root, 'packages', 'cli', 'src', 'main.ts'),
    args: ['start', ...args],
    env: { HEADRACE_DATA_DIR: data.path, HEADRACE_PORT: String(port), ...env },
  });

const count = (text: string | undefined): number => Number(text?.replaceAll(',', ''));

/** Rows of the tables that a program printed, without those of their heads. */
const readTables = (output: string): readonly string[][] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

type Printed = {
  readonly profiles: number;
  readonly contacts: number;
  readonly activated: number;
  readonly excluded: number;
  readonly failed: number;
  readonly pending: number;
  readonly reasons: readonly { readonly status: string; readonly code: string; readonly count: number }[];
};

const readSummary = (output: string): Printed => {
  const rows = readTables(output);
  const [, ...numbers] = rows.find((row) => row.length === 7 && /^[\d,]+$/.test(row[2] ?? '')) ?? [];
  const [profiles = 0, contacts = 0, activated = 0, excluded = 0, failed = 0, pending = 0] =
    numbers.map(count);
  const reasons = rows.flatMap(([status = '', code = '', counted = '', ...rest]) =>
    rest.length === 2 && /^(excluded|failed|pending)$/.test(status)
      ? [{ status, code, count: count(counted) }]
      : [],
  );
  return { profiles, contacts, activated, excluded, failed, pending, reasons };
};

/** Signs in to the emulated org and reads all Contacts, as any client of Salesforce would. */
const readContacts = async (orgUrl: string): Promise<readonly Record<string, unknown>[]> => {
  const definition = JSON.parse(await readFile(join(root, 'examples', 'salesforce-org.json'), 'utf8'));
  const [user] = definition.users;
  const [app] = definition.connectedApps;
  const signIn = await fetch(`${orgUrl}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'password',
      username: user.username,
      password: user.password + user.securityToken,
      client_id: app.clientId,
      client_secret: app.clientSecret,
    }),
  });
  const { access_token } = JSON.parse(await signIn.text());
  const soql = 'select Id, Email, MailingCity, LastModifiedDate from Contact order by Id';
  const contacts: Record<string, unknown>[] = [];
  let next: string | undefined = `/services/data/v60.0/query?q=${encodeURIComponent(soql)}`;
  while (next !== undefined) {
    const page: Response = await fetch(orgUrl + next, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    const body = JSON.parse(await page.text());
    contacts.push(...body.records);
    next = body.nextRecordsUrl;
  }
  return contacts;
};

const orgUrlOf = async (program: StartedProcess): Promise<string> =>
  (await program.waitFor(/Contacts in the emulated org: (http:\S+?)\/\n/))[1] ?? '';

test('promise 10: an empty folder becomes Contacts in Salesforce, a change follows, and a second start changes nothing', async () => {
  const first = await start();
  await first.waitFor(/Headrace ready: http:\S+\n[\s\S]*Ctrl-C/, 90_000);
  expect(first.output).not.toContain('Does not add up');
  const summary = readSummary(first.output);
  const orgUrl = await orgUrlOf(first);

  const contacts = await readContacts(orgUrl);
  expect(summary.profiles).toBeGreaterThan(2_000);
  expect(summary.contacts).toBe(contacts.length);
  expect(summary.activated).toBe(contacts.length);
  expect(summary.pending).toBe(0);
  expect(summary.profiles).toBe(summary.activated + summary.excluded + summary.failed);
  const counted = (status: string): number =>
    summary.reasons.reduce((sum, reason) => sum + (reason.status === status ? reason.count : 0), 0);
  expect(counted('excluded')).toBe(summary.excluded);
  expect(counted('failed')).toBe(summary.failed);
  expect(summary.reasons.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['consent_withdrawn', 'required_value_missing', 'value_hashed']),
  );
  expect(summary.failed).toBeGreaterThan(0);
  const addresses = contacts.map(({ Email }) => String(Email).toLowerCase());
  expect(new Set(addresses).size).toBe(addresses.length);

  // The printed commands, pasted as they stand.
  const [, change = ''] = /(curl -sS -X POST (?:.*\\\n)+.*)\n/.exec(first.output) ?? [];
  const [, city = ''] = /One profile moves to (\S+) \(/.exec(first.output) ?? [];
  expect(city).not.toBe('');
  const [, show = ''] = /\n(curl -sS \S+\/record\/.*)\n/.exec(first.output) ?? [];
  expect(JSON.parse((await run('sh', ['-c', change])).stdout)).toMatchObject({ ingested: 1, failed: 0 });
  await expect
    .poll(() => run('sh', ['-c', show]).then(({ stdout }) => stdout), { timeout: 5_000 })
    .toContain(city);
  const changed = await readContacts(orgUrl);
  expect(
    changed.filter(({ MailingCity }, index) => MailingCity !== contacts[index]?.MailingCity),
  ).toHaveLength(1);

  first.kill('SIGINT');
  expect(await first.exited).toEqual({ code: 0, signal: null });

  // Instants of Salesforce have milliseconds: a later write would show.
  await delay(5);
  const second = await start();
  await second.waitFor(/Headrace ready: http:\S+\n[\s\S]*Ctrl-C/, 60_000);
  expect(second.output).toContain('nothing in it was changed');
  expect(await orgUrlOf(second)).toBe(orgUrl);
  expect(readSummary(second.output)).toEqual(summary);
  expect(await readContacts(orgUrl)).toEqual(changed);
  second.kill('SIGTERM');
  expect(await second.exited).toEqual({ code: 0, signal: null });
}, 180_000);

test('with DATABASE_URL it does the same job on that PostgreSQL and starts none', async () => {
  const database = await createDatabase({ isEmpty: true });
  const folder = await makeDataDir();
  const env = { HEADRACE_DATA_DIR: folder.path, DATABASE_URL: database.url };
  try {
    const program = await start(['--once'], env);
    expect(await program.exited).toEqual({ code: 0, signal: null });
    const { profiles, contacts, activated, excluded, failed } = readSummary(program.output);
    expect(contacts).toBeGreaterThan(2_000);
    expect(contacts).toBe(activated);
    expect(activated + excluded + failed).toBe(profiles);
    expect(await readdir(folder.path)).not.toContain('postgres');
  } finally {
    await folder.remove();
    await database.drop();
  }
}, 120_000);
