import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startOrg } from '../start-org.ts';
import { connect } from '../testing/rest-client.ts';

const dayMs = 24 * 3_600_000;
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'salesforce-emulator-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test('with a seed, each start has tokens of its own, the same ones for the same history', async () => {
  const historyOf = async (folder: string): Promise<string[]> => {
    const seen: string[] = [];
    for (let start = 0; start < 3; start++) {
      await using org = await startOrg({ dataDir: folder, seed: 'same' });
      seen.push(org.instanceId, (await connect(org)).token, (await connect(org)).token);
    }
    return seen;
  };
  const [first, second] = [await historyOf(join(dataDir, 'a')), await historyOf(join(dataDir, 'b'))];
  expect(first.every((text) => typeof text === 'string')).toBe(true);
  expect(new Set(first).size).toBe(9);
  expect(second).toEqual(first);
});

test('a clock that was moved or stopped stays so over a restart, until a reset', async () => {
  let machine = Date.parse('2026-03-01T00:00:00Z');
  const start = () => startOrg({ dataDir, clock: () => machine });
  const timeOf = async (url: string): Promise<string> =>
    JSON.parse(await (await fetch(`${url}/emulator/clock`)).text()).time;
  {
    await using org = await start();
    org.advance(dayMs);
  }
  machine += 1_000;
  {
    await using org = await start();
    expect(await timeOf(org.url)).toBe('2026-03-02T00:00:01.000Z');
    const stop = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"freeze":true}' };
    await fetch(`${org.url}/emulator/clock`, stop);
  }
  machine += 1_000;
  {
    await using org = await start();
    expect(await timeOf(org.url)).toBe('2026-03-02T00:00:01.000Z');
    org.reset();
  }
  await using org = await start();
  expect(await timeOf(org.url)).toBe('2026-03-01T00:00:02.000Z');
});

test('calls made before the clock was set back do not count against the calls of then', async () => {
  await using org = await startOrg({ definition: { sessionTimeoutMinutes: 100_000 } });
  const { call, rest } = await connect(org);
  org.advance(10 * dayMs);
  await rest('GET', '/limits');
  await call('POST', '/emulator/clock', { set: new Date(Date.now()).toISOString() });
  expect((await rest('GET', '/limits')).headers.get('sforce-limit-info')).toBe('api-usage=1/15000');
});

test('a job goes on when the clock is set back to before it was closed', async () => {
  await using org = await startOrg({ definition: { sessionTimeoutMinutes: 100_000 } });
  const { call, rest } = await connect(org);
  org.advance(10 * dayMs);
  const { id } = (await rest('POST', '/jobs/ingest', { object: 'Contact', operation: 'insert' })).body;
  const csv = { 'content-type': 'text/csv' };
  await call('PUT', `/services/data/v67.0/jobs/ingest/${id}/batches`, 'LastName\nA\n', csv);
  await rest('PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' });
  await call('POST', '/emulator/clock', { set: new Date(Date.now()).toISOString() });
  await expect
    .poll(async () => (await rest('GET', `/jobs/ingest/${id}`)).body.state, { timeout: 3_000 })
    .toBe('JobComplete');
});

test('the clock cannot be moved to where time ends', async () => {
  await using org = await startOrg();
  const { call } = await connect(org);
  for (const order of [{ set: '+275760-09-12T23:59:59.999Z' }, { set: '1969-12-31T00:00:00Z', freeze: true }])
    expect((await call('POST', '/emulator/clock', order)).status).toBe(400);
  const far = { set: '3999-01-01T00:00:00Z' };
  expect((await call('POST', '/emulator/clock', far)).status).toBe(200);
  expect((await call('POST', '/emulator/clock', { advance_ms: 3_155_760_000_000 })).status).toBe(400);
  expect((await call('GET', '/emulator/clock')).body).toMatchObject({ frozen: false });
  expect(() => org.advance(Number.MAX_VALUE)).toThrow(/4000/);
});
