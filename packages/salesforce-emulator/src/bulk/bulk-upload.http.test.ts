import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { type BulkClient, bulkClient } from '../testing/bulk-client.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

let org: Org;
let client: RestClient;
let bulk: BulkClient;
beforeAll(async () => {
  org = await startOrg();
  client = await connect(org);
  bulk = bulkClient(client);
});
afterAll(() => org.close());

const contacts = { object: 'Contact', operation: 'insert' };
const open = async (): Promise<string> => (await bulk.create(contacts)).body.id;

function put(
  id: string,
  body: NonNullable<RequestInit['body']>,
  headers: Record<string, string> = {},
  token = client.token,
) {
  return fetch(`${org.url}/services/data/v67.0/jobs/ingest/${id}/batches`, {
    method: 'PUT',
    headers: { 'content-type': 'text/csv', authorization: `Bearer ${token}`, ...headers },
    body,
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  });
}

test('an upload may come in pieces, packed, and with a charset', async () => {
  const id = await open();
  const pieces = new ReadableStream({
    async start(controller) {
      for (const piece of ['Last', 'Name\nPie', 'ces \xc3', '\xa9\n']) {
        controller.enqueue(Buffer.from(piece, 'latin1'));
        await sleep(5);
      }
      controller.close();
    },
  });
  expect((await put(id, pieces, { 'content-type': 'text/csv; charset=UTF-8' })).status).toBe(201);
  await bulk.patch(id, 'UploadComplete');
  expect(await bulk.wait(id)).toMatchObject({ numberRecordsProcessed: 1, numberRecordsFailed: 0 });
  expect((await client.query("SELECT Id FROM Contact WHERE LastName = 'Pieces é'")).body.totalSize).toBe(1);
  const packed = await open();
  expect((await put(packed, gzipSync('LastName\nPacked\n'), { 'content-encoding': 'gzip' })).status).toBe(
    201,
  );
  await bulk.patch(packed, 'UploadComplete');
  expect(await bulk.wait(packed)).toMatchObject({ numberRecordsProcessed: 1, numberRecordsFailed: 0 });
});

test('what is too large, no gzip, cut short or signed out leaves the job open for another upload', async () => {
  const id = await open();
  // Salesforce's 150 MB are counted in base64.
  const large = gzipSync(Buffer.alloc(117_964_801, 'x'));
  expect((await put(id, large, { 'content-encoding': 'gzip' })).status).toBe(413);
  expect((await put(id, 'LastName\nA\n', { 'content-encoding': 'gzip' })).status).toBe(400);
  expect((await put(id, 'LastName\nA\n', {}, 'none')).status).toBe(401);
  await new Promise<void>((resolve) => {
    const call = request(`${org.url}/services/data/v67.0/jobs/ingest/${id}/batches`, {
      method: 'PUT',
      headers: {
        'content-type': 'text/csv',
        'content-length': 1_000,
        authorization: `Bearer ${client.token}`,
      },
    });
    call.on('error', () => resolve());
    call.write('LastName\nCut\n', () => setTimeout(() => call.destroy(), 20));
  });
  const another = await put('7505e0000009999', 'LastName\nA\n');
  expect(another.status).toBe(404);
  expect((await put(id, 'LastName\nWhole\n')).status).toBe(201);
  await bulk.patch(id, 'UploadComplete');
  expect(await bulk.wait(id)).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 1 });
  expect((await client.query("SELECT Id FROM Contact WHERE LastName IN ('A', 'Cut')")).body.totalSize).toBe(
    0,
  );
});
