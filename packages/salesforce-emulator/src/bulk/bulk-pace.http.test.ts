import { expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { bulkClient } from '../testing/bulk-client.ts';
import { connect } from '../testing/rest-client.ts';

const contacts = { object: 'Contact', operation: 'insert' };
const rows = (count: number): string =>
  ['LastName', ...Array.from({ length: count }, (_, index) => `Row ${index}`)].join('\n');

const admin = (org: Org, method: string, path: string, body: object) =>
  fetch(`${org.url}/emulator/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('a slow job takes its time by the org’s clock; moving the clock ends it; aborting it leaves the rest', async () => {
  const start = Date.UTC(2026, 8, 1);
  await using org = await startOrg({
    clock: () => start,
    definition: { bulk: { minJobMs: 300_000, msPerBatch: 60_000 } },
  });
  const client = await connect(org);
  const bulk = bulkClient(client);
  const begin = async (count: number): Promise<string> => {
    const { id } = (await bulk.create(contacts)).body;
    await bulk.upload(id, rows(count));
    await bulk.patch(id, 'UploadComplete');
    return id;
  };
  const shows = (id: string, expected: object) =>
    expect
      .poll(async () => (await client.rest('GET', `/jobs/ingest/${id}`)).body, {
        timeout: 5_000,
        interval: 10,
      })
      .toMatchObject(expected);
  const [first, second] = [await begin(10_001), await begin(10_001)];
  for (const id of [first, second]) await shows(id, { state: 'InProgress', numberRecordsProcessed: 0 });
  await admin(org, 'POST', 'clock', { advance_ms: 60_000 });
  for (const id of [first, second]) await shows(id, { state: 'InProgress', numberRecordsProcessed: 10_000 });
  expect((await bulk.patch(second, 'Aborted')).status).toBe(200);
  await admin(org, 'POST', 'clock', { advance_ms: 60_000 });
  await shows(first, { state: 'InProgress', numberRecordsProcessed: 10_001 });
  await admin(org, 'POST', 'clock', { advance_ms: 180_000 });
  await shows(first, { state: 'JobComplete', totalProcessingTime: 300_000 });
  await shows(second, { state: 'Aborted', numberRecordsProcessed: 10_000 });
  expect((await bulk.results(second, 'unprocessedrecords')).body).toBe('LastName\nRow 10000');
  expect((await client.query('SELECT COUNT() FROM Contact')).body.totalSize).toBe(20_001);
  await admin(org, 'POST', 'clock', { advance_ms: 8 * 24 * 3_600_000 });
  await admin(org, 'PATCH', 'definition', { bulk: {} });
  const later = await connect(org);
  await bulkClient(later).run(contacts, rows(1));
  expect((await later.rest('GET', `/jobs/ingest/${first}`)).status).toBe(404);
});

test('the day’s batches and rows run out, and come back after 24 hours', async () => {
  const start = Date.UTC(2026, 8, 1);
  await using org = await startOrg({ clock: () => start, definition: { bulk: { dailyBatches: 2 } } });
  const client = await connect(org);
  const bulk = bulkClient(client);
  const allowance = async () => (await client.rest('GET', '/limits')).body.DailyBulkApiBatches;
  expect(await allowance()).toEqual({ Max: 2, Remaining: 2 });
  const { job, unprocessed } = await bulk.run(contacts, rows(20_001));
  expect(job).toMatchObject({
    state: 'Failed',
    numberRecordsProcessed: 20_000,
    errorMessage: 'ExceededQuota : ApiBatchItems Limit exceeded.',
  });
  expect(unprocessed).toBe('LastName\nRow 20000');
  expect(await allowance()).toEqual({ Max: 2, Remaining: 0 });
  expect(await bulk.create(contacts)).toMatchObject({ status: 400, body: [{ errorCode: 'EXCEEDEDQUOTA' }] });
  await admin(org, 'POST', 'clock', { advance_ms: 24 * 3_600_000 });
  const next = bulkClient(await connect(org));
  expect((await next.run(contacts, rows(1))).job.state).toBe('JobComplete');
  await admin(org, 'PATCH', 'definition', { bulk: { dailyRecords: 1 } });
  expect((await next.create(contacts)).status).toBe(400);
});

test('results may come in another order than the rows, the same one every time', async () => {
  await using org = await startOrg({ definition: { bulk: { shuffleResults: true } } });
  const bulk = bulkClient(await connect(org));
  const { id, successes } = await bulk.run(contacts, rows(1_000));
  const names = successes.map((row) => row[2]);
  const sent = Array.from({ length: 1_000 }, (_, index) => `Row ${index}`);
  expect(names).not.toEqual(sent);
  expect(names.toSorted()).toEqual(sent.toSorted());
  const again = (await bulk.results(id, 'successfulResults')).body;
  expect(again).toBe((await bulk.results(id, 'successfulResults')).body);
});

test('a reset forgets jobs and allowance', async () => {
  await using org = await startOrg();
  const bulk = bulkClient(await connect(org));
  const { id } = await bulk.run(contacts, rows(3));
  await admin(org, 'POST', 'reset', {});
  expect((await bulk.results(id, 'successfulResults')).status).toBe(404);
  expect((await bulk.run(contacts, rows(2))).job).toMatchObject({ numberRecordsProcessed: 2 });
});
