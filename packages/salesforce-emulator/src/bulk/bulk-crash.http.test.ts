import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bulkClient } from '../testing/bulk-client.ts';
import { connectProcess, killProcess, killProcesses, startProcess } from '../testing/emulator-process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'salesforce-emulator-'));
});
afterEach(async () => {
  await killProcesses();
  rmSync(folder, { recursive: true, force: true });
});

async function start() {
  const child = startProcess('--data', join(folder, 'data'), '--org', join(folder, 'org.json'));
  const client = await connectProcess(child);
  return { child, client, bulk: bulkClient(client) };
}

test('a job goes on after kill -9, with every row written once and told once', async () => {
  const key = { object: 'Contact', name: 'Ext__c', externalId: true };
  writeFileSync(join(folder, 'org.json'), JSON.stringify({ customFields: [key], bulk: { msPerBatch: 100 } }));
  const count = 40_000;
  const rows = Array.from({ length: count }, (_, index) => `k${index},${index % 10 === 9 ? '' : 'Doe'}`);
  const first = await start();
  const { id } = (await first.bulk.create({ object: 'Contact', operation: 'insert' })).body;
  await first.bulk.upload(id, `Ext__c,LastName\n${rows.join('\n')}`);
  await first.bulk.patch(id, 'UploadComplete');
  const processed = async () =>
    (await first.client.rest('GET', `/jobs/ingest/${id}`)).body.numberRecordsProcessed;
  await expect.poll(processed, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0);
  expect(await processed()).toBeLessThan(count);
  await killProcess(first.child);
  // What a batch leaves in the result files when the crash comes just before its commit.
  const names = readdirSync(join(folder, 'data', 'bulk')).filter((name) => /successes|failures/.test(name));
  expect(names).toHaveLength(2);
  for (const name of names) appendFileSync(join(folder, 'data', 'bulk', name), '"left","over"\n');
  const { client, bulk } = await start();
  expect(await bulk.wait(id)).toMatchObject({
    state: 'JobComplete',
    numberRecordsProcessed: count,
    numberRecordsFailed: count / 10,
  });
  expect((await client.query('SELECT COUNT() FROM Contact')).body.totalSize).toBe((count * 9) / 10);
  const keysOf = async (kind: string) => {
    const { body } = await bulk.results(id, kind);
    return body
      .split('\n')
      .slice(1, -1)
      .map((line: string) => line.split('","')[2]);
  };
  const [good, bad] = [await keysOf('successfulResults'), await keysOf('failedResults')];
  expect([...good, ...bad].toSorted()).toEqual(rows.map((line) => line.split(',')[0] ?? '').toSorted());
}, 60_000);
