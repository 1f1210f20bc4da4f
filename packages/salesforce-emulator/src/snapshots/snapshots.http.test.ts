import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { killProcess, readyUrl, startProcess } from '../testing/emulator-process.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'salesforce-emulator-'));
  folders.push(folder);
  return folder;
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const create = async (client: RestClient, name: string): Promise<string> =>
  (await client.rest('POST', '/sobjects/Contact', { LastName: name })).body.id;
const names = async (client: RestClient) => {
  const { body } = await client.query('SELECT LastName FROM Contact ORDER BY Id');
  return body.records.map((record: { LastName: string }) => record.LastName);
};
const kinds = (org: Org) => org.changes().map(({ kind }) => kind);

test.each(['in memory', 'on disk'])('an org goes back to a snapshot, %s', async (where) => {
  await using org = await startOrg(where === 'on disk' ? { dataDir: newFolder() } : {});
  const client = await connect(org);
  const call = client.call;
  const old = await create(client, 'Old');
  expect((await call('POST', '/emulator/snapshots', { name: 's1' })).status).toBe(201);
  await client.rest('PATCH', `/sobjects/Contact/${old}`, { LastName: 'Changed' });
  const later = await create(client, 'Later');
  expect((await call('POST', '/emulator/snapshots/s1/restore')).status).toBe(204);

  expect(await names(client)).toEqual(['Old']);
  expect((await client.rest('GET', `/sobjects/Contact/${later}`)).status).toBe(404);
  expect(kinds(org)).toEqual(['created']);
  expect(org.journal({ method: 'PATCH' })).toHaveLength(1);
  const next = await create(client, 'Next');
  expect(next > later).toBe(true);

  await call('POST', '/emulator/snapshots/s1/restore', { keep_ids: false });
  expect(await create(client, 'Again')).toBe(later);
  const { body } = await call('GET', '/emulator/snapshots');
  expect(body.snapshots).toMatchObject([{ name: 's1' }]);
  expect((await call('DELETE', '/emulator/snapshots/s1')).status).toBe(204);
  expect((await call('POST', '/emulator/snapshots/s1/restore')).status).toBe(404);
});

test('fields come and go with the snapshot', async () => {
  await using org = await startOrg();
  const client = await connect(org);
  const addField = (name: string) =>
    client.call('POST', '/emulator/fields', { object: 'Contact', name, externalId: true });
  await addField('Early__c');
  await client.rest('PATCH', '/sobjects/Contact/Early__c/e', { LastName: 'Early' });
  org.takeSnapshot('before');
  await addField('Late__c');
  await client.rest('PATCH', '/sobjects/Contact/Late__c/l', { LastName: 'Late' });
  org.restore('before');
  expect((await client.rest('GET', '/sobjects/Contact/Early__c/e')).body.LastName).toBe('Early');
  expect((await client.rest('GET', '/sobjects/Contact/Late__c/l')).status).toBe(404);
  await addField('Late__c');
  expect((await client.rest('PATCH', '/sobjects/Contact/Late__c/l', { LastName: 'New' })).status).toBe(201);
});

test('ids given out are not given out again after a reset, a restore and a restart', async () => {
  const dataDir = newFolder();
  const first = await startOrg({ dataDir });
  first.takeSnapshot('empty');
  const last = await create(await connect(first), 'A');
  first.restore('empty');
  await first.close();
  const second = await startOrg({ dataDir });
  const next = await create(await connect(second), 'B');
  expect(next > last).toBe(true);
  second.reset();
  await second.close();
  await using third = await startOrg({ dataDir });
  expect((await create(await connect(third), 'C')) > next).toBe(true);
});

test('names that are no file names, taken or unknown are refused', async () => {
  await using org = await startOrg();
  const client = await connect(org);
  const take = (body: object) => client.call('POST', '/emulator/snapshots', body);
  for (const name of ['', '../x', '.hidden', 'a/b', 'a'.repeat(65)])
    expect((await take({ name })).status).toBe(400);
  expect((await take({ name: 'x' })).status).toBe(201);
  expect(await take({ name: 'x' })).toMatchObject({ status: 400 });
  expect((await take({ title: 'x' })).status).toBe(400);
  expect((await client.call('POST', '/emulator/snapshots/..%2Fx/restore')).status).toBe(404);
  expect((await client.call('POST', '/emulator/snapshots/x/restore', { keep: 1 })).status).toBe(400);
});

test('kill -9 in the middle of a restore leaves the old org or the restored one', async () => {
  const dataDir = newFolder();
  const org = await startOrg({ dataDir });
  const client = await connect(org);
  const createMany = (name: string) =>
    client.rest('POST', '/composite/sobjects', {
      records: Array.from({ length: 200 }, () => ({ attributes: { type: 'Contact' }, LastName: name })),
    });
  for (let batch = 0; batch < 20; batch++) await createMany('Old');
  org.takeSnapshot('s');
  for (let batch = 0; batch < 5; batch++) await createMany('New');
  await org.close();

  for (const delay of [5, 25, 60]) {
    const child = startProcess('--data', dataDir);
    const url = await readyUrl(child);
    const restoring = fetch(`${url}/emulator/snapshots/s/restore`, { method: 'POST' }).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, delay));
    await killProcess(child);
    await restoring;
    await using again = await startOrg({ dataDir });
    const { body } = await (await connect(again)).query('SELECT COUNT() FROM Contact');
    expect([4_000, 5_000]).toContain(body.totalSize);
  }
}, 60_000);
