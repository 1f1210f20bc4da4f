import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { sendRaw } from '../testing/raw-request.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

let dataDir: string;
let org: Org;
let client: RestClient;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'salesforce-emulator-'));
  org = await startOrg({ dataDir });
  client = await connect(org);
});
afterAll(async () => {
  await org.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Files that uploads on their way in have in the data folder. */
const incoming = (): string[] => {
  const folder = join(dataDir, 'bulk');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('incoming-')) : [];
};

/** Sends the head of a request and some of its body, looks at the data folder, and hangs up. */
async function filesDuring(path: string, authorization: string): Promise<string[]> {
  const { hostname, port } = new URL(org.url);
  const headers = { 'content-type': 'text/csv', 'content-length': 1_000_000, authorization };
  const sent = request({ hostname, port, method: 'PUT', path, headers });
  sent.on('error', () => undefined);
  sent.write('LastName\n');
  await new Promise((resolve) => setTimeout(resolve, 150));
  const found = incoming();
  sent.destroy();
  await expect.poll(incoming).toEqual([]);
  return found;
}

test('only rows for a job of somebody signed in go into a file', async () => {
  const { id } = (await client.rest('POST', '/jobs/ingest', { object: 'Contact', operation: 'insert' })).body;
  const batches = `/services/data/v67.0/jobs/ingest/${id}/batches`;
  expect(await filesDuring(batches, `Bearer ${client.token}`)).toHaveLength(1);
  expect(await filesDuring(batches, 'Bearer nobody')).toEqual([]);
  for (const path of ['/services/data/v67.0/limits', '/emulator/reset', '/services/oauth2/token', '/'])
    expect(await filesDuring(path, `Bearer ${client.token}`)).toEqual([]);
});

test('a large body of nobody signed in is thrown away and answered 401', async () => {
  const body = Buffer.alloc(60 * 1024 * 1024, 0x20);
  const type = ['content-type', 'application/json'] as const;
  expect((await sendRaw(org.url, 'POST', '/services/data/v67.0/sobjects/Contact', [type], body)).status).toBe(
    401,
  );
  const signedIn = [type, ['authorization', `Bearer ${client.token}`] as const];
  const refused = await sendRaw(org.url, 'POST', '/services/data/v67.0/sobjects/Contact', signedIn, body);
  expect([0, 413]).toContain(refused.status);
});

test('forms for signing in have to be small', async () => {
  const form = [['content-type', 'application/x-www-form-urlencoded'] as const];
  const body = 'a=1&'.repeat(500_000);
  const { status, text } = await sendRaw(org.url, 'POST', '/services/oauth2/token', form, body);
  expect([0, 413]).toContain(status);
  if (status === 413) expect(text).toContain('REQUEST_TOO_LARGE');
});

test('bodies with more members or values than any records have are refused before a look at the records', async () => {
  const wide = `{${Array.from({ length: 20_000 }, (_, index) => `"k${index}":1`).join(',')}}`;
  const parserError = { status: 400, body: [{ errorCode: 'JSON_PARSER_ERROR' }] };
  expect(await client.rest('POST', '/sobjects/Contact', wide)).toMatchObject(parserError);
  const many = `{"records":[${'[],'.repeat(1_000_000)}[]]}`;
  expect(await client.rest('POST', '/composite/sobjects', many)).toMatchObject(parserError);
});

test('multipart bodies larger than a job with its rows are refused before they are taken apart', async () => {
  const type = { 'content-type': 'multipart/form-data; boundary=b' };
  const parts = `--b\r\n${'--b'.repeat(100_000)}--`;
  const { status } = await client.call('POST', '/services/data/v67.0/jobs/ingest', parts, type);
  expect(status).toBe(413);
});
