import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startOrg } from './start-org.ts';
import { connect } from './testing/rest-client.ts';

const program = join(import.meta.dirname, 'main.ts');
let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'salesforce-emulator-'));
});
afterEach(async () => {
  for (const child of children.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function run(...flags: string[]): ChildProcess {
  const child = spawn(process.execPath, [program, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  return child;
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no standard output');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Salesforce org emulator ready: (http:\/\/\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('the program ended before it was ready');
}

async function outcome(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  await once(child, 'close');
  return { code: child.exitCode, stderr };
}

/** The default org's credentials, for a program that runs elsewhere. */
async function reach(url: string) {
  const sample = await startOrg();
  const org = { ...sample, url };
  await sample.close();
  return connect(org);
}

test('writes answered 200 survive kill -9; a write is there whole or not at all', async () => {
  for (const [round, afterMs] of [30, 90, 160].entries()) {
    const child = run('--port', '0', '--data', folder);
    const client = await reach(await readyUrl(child));
    const counted = async () => (await client.query('SELECT COUNT() FROM Contact')).body.totalSize;
    const before: number = await counted();
    let answered = 0;
    let batch = 0;
    const write = async (): Promise<void> => {
      for (;;) {
        const name = `r${round} b${batch++}`;
        const records = Array.from({ length: 100 }, () => ({
          attributes: { type: 'Contact' },
          LastName: name,
        }));
        const { body } = await client.rest('POST', '/composite/sobjects', { records });
        expect(body).toHaveLength(100);
        answered += 100;
      }
    };
    const writers = Promise.allSettled([write(), write(), write()]);
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    child.kill('SIGKILL');
    await once(child, 'close');
    await writers;

    const again = run('--port', '0', '--data', folder);
    const reader = await reach(await readyUrl(again));
    const total: number = (await reader.query('SELECT COUNT() FROM Contact')).body.totalSize;
    expect(total - before).toBeGreaterThanOrEqual(answered);
    expect((total - before) % 100).toBe(0);
    again.kill('SIGTERM');
    expect((await outcome(again)).code).toBe(0);
  }
}, 30_000);

test('sessions, fields and the count of calls outlive the process', async () => {
  const first = run('--port', '0', '--data', folder);
  const client = await reach(await readyUrl(first));
  await client.call('POST', '/emulator/fields', { object: 'Contact', name: 'Ext__c', externalId: true });
  await client.rest('PATCH', '/sobjects/Contact/Ext__c/k', { LastName: 'Doe' });
  const { used } = (await client.call('GET', '/emulator/limits')).body;
  first.kill('SIGINT');
  expect((await outcome(first)).code).toBe(0);
  const url = await readyUrl(run('--port', '0', '--data', folder));
  const headers = { authorization: `Bearer ${client.token}` };
  const row = await fetch(`${url}/services/data/v67.0/sobjects/Contact/Ext__c/k`, { headers });
  expect(row.status).toBe(200);
  expect(row.headers.get('sforce-limit-info')).toBe(`api-usage=${used + 1}/15000`);
});

test('a busy port and a folder in use are one clear message and exit code 1', async () => {
  const url = await readyUrl(run('--port', '0', '--data', folder));
  const port = new URL(url).port;
  const busyPort = await outcome(run('--port', port));
  expect(busyPort).toEqual({
    code: 1,
    stderr: `Port ${port} on 127.0.0.1 is already in use. Stop the program that uses it or choose another port with --port.\n`,
  });
  const busyFolder = await outcome(run('--port', '0', '--data', folder));
  expect(busyFolder.code).toBe(1);
  expect(busyFolder.stderr).toContain('another emulator is using it');
});

test('an org definition file sets users and limits; a wrong one says where', async () => {
  const file = join(folder, 'org.json');
  const users = [{ username: 'me@example.com', password: 'secret' }];
  writeFileSync(
    file,
    JSON.stringify({
      name: 'Mine',
      dailyApiRequests: 7,
      users,
      connectedApps: [{ clientId: 'id', clientSecret: 's' }],
    }),
  );
  const url = await readyUrl(run('--port', '0', '--org', file));
  const body = new URLSearchParams({
    grant_type: 'password',
    client_id: 'id',
    client_secret: 's',
    username: 'me@example.com',
    password: 'secret',
  });
  expect((await fetch(`${url}/services/oauth2/token`, { method: 'POST', body })).status).toBe(200);
  expect(await (await fetch(`${url}/emulator/limits`)).json()).toMatchObject({ used: 0, allowed: 7 });
  writeFileSync(file, '{"users":[{"username":1}]}');
  const refused = await outcome(run('--port', '0', '--org', file));
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain('users[0]: "password" is required');
});

test('it ends with the parent that started it over a message channel', async () => {
  const child = fork(program, ['--port', '0'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  children.push(child);
  const [message] = await once(child, 'message');
  expect(message).toEqual({ ready: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });
  child.disconnect();
  await once(child, 'exit');
  expect(child.exitCode).toBe(0);
});
