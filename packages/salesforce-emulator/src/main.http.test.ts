import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startOrg } from './start-org.ts';
import {
  connectProcess,
  forkProcess,
  killProcess,
  killProcesses,
  readyUrl,
  startProcess,
} from './testing/emulator-process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'salesforce-emulator-'));
});
afterEach(async () => {
  await killProcesses();
  rmSync(folder, { recursive: true, force: true });
});

async function outcome(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  await once(child, 'close');
  return { code: child.exitCode, stderr };
}

test('writes answered 200 survive kill -9; a write is there whole or not at all', async () => {
  let child = startProcess('--data', folder);
  let client = await connectProcess(child);
  const counted = async (): Promise<number> =>
    (await client.query('SELECT COUNT() FROM Contact')).body.totalSize;
  let answeredAtAll = 0;
  for (const [round, afterMs] of [30, 90, 160].entries()) {
    const before = await counted();
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
    await killProcess(child);
    await writers;

    child = startProcess('--data', folder);
    client = await connectProcess(child);
    const made = (await counted()) - before;
    expect(made).toBeGreaterThanOrEqual(answered);
    expect(made % 100).toBe(0);
    answeredAtAll += answered;
  }
  expect(answeredAtAll).toBeGreaterThan(0);
  child.kill('SIGTERM');
  expect((await outcome(child)).code).toBe(0);
}, 60_000);

test('sessions, fields and the count of calls outlive the process', async () => {
  const first = startProcess('--data', folder);
  const client = await connectProcess(first);
  await client.call('POST', '/emulator/fields', { object: 'Contact', name: 'Ext__c', externalId: true });
  await client.rest('PATCH', '/sobjects/Contact/Ext__c/k', { LastName: 'Doe' });
  const { used } = (await client.call('GET', '/emulator/limits')).body;
  first.kill('SIGINT');
  expect((await outcome(first)).code).toBe(0);
  const url = await readyUrl(startProcess('--data', folder));
  const headers = { authorization: `Bearer ${client.token}` };
  const row = await fetch(`${url}/services/data/v67.0/sobjects/Contact/Ext__c/k`, { headers });
  expect(row.status).toBe(200);
  expect(row.headers.get('sforce-limit-info')).toBe(`api-usage=${used + 1}/15000`);
});

test('a busy port and a folder in use are one clear message and exit code 1', async () => {
  await using org = await startOrg({ dataDir: folder });
  const port = String(org.port);
  const busyPort = await outcome(startProcess('--port', port));
  expect(busyPort).toEqual({
    code: 1,
    stderr: `Port ${port} on 127.0.0.1 is already in use. Stop the program that uses it or choose another port with --port.\n`,
  });
  const busyFolder = await outcome(startProcess('--data', folder));
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
  const url = await readyUrl(startProcess('--org', file));
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
  const refused = await outcome(startProcess('--org', file));
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain('users[0]: "password" is required');
});

test('it ends with the parent that started it over a message channel', async () => {
  const child = forkProcess();
  const [message] = await once(child, 'message');
  expect(message).toEqual({ ready: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });
  child.disconnect();
  await once(child, 'exit');
  expect(child.exitCode).toBe(0);
});
