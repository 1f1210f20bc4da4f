import { expect, test } from 'vitest';
import { startOrg } from '../start-org.ts';
import { connect } from '../testing/rest-client.ts';

const hourMs = 3_600_000;

test('the clock is moved, set and stopped', async () => {
  let machine = Date.parse('2026-03-01T00:00:00Z');
  await using org = await startOrg({ clock: () => machine });
  const { call } = await connect(org);
  const move = async (order: object) => (await call('POST', '/emulator/clock', order)).body;
  expect((await call('GET', '/emulator/clock')).body).toEqual({
    time: '2026-03-01T00:00:00.000Z',
    offset_ms: 0,
    frozen: false,
  });
  expect(await move({ advance_ms: hourMs })).toMatchObject({ time: '2026-03-01T01:00:00.000Z' });
  expect(await move({ set: '2026-02-01T12:00:00Z', freeze: true })).toMatchObject({
    time: '2026-02-01T12:00:00.000Z',
    frozen: true,
  });
  machine += hourMs;
  expect(await move({ advance_ms: 1_000 })).toMatchObject({ time: '2026-02-01T12:00:01.000Z' });
  expect(await move({ freeze: false })).toMatchObject({ time: '2026-02-01T12:00:01.000Z', frozen: false });
  machine += 500;
  expect((await call('GET', '/emulator/clock')).body.time).toBe('2026-02-01T12:00:01.500Z');
  for (const order of [{}, { advance_ms: -1 }, { set: 'soon' }, { ahead: 1 }])
    expect((await call('POST', '/emulator/clock', order)).status).toBe(400);
});

test('another program uses up the shared allowance as time goes by', async () => {
  await using org = await startOrg({ definition: { sessionTimeoutMinutes: 10_000 } });
  const client = await connect(org);
  const limits = (order: object) => client.call('PUT', '/emulator/limits', order);
  const usage = async () => (await client.rest('GET', '/limits')).headers.get('sforce-limit-info');
  await limits({ allowed: 1_000, others: { per_hour: 100 } });
  expect(await usage()).toBe('api-usage=1/1000');
  org.advance(2 * hourMs);
  expect(await usage()).toBe('api-usage=202/1000');
  expect((await client.rest('GET', '/limits')).body.DailyApiRequests).toEqual({ Max: 1_000, Remaining: 797 });
  org.advance(8 * hourMs);
  expect(await client.rest('GET', '/limits')).toMatchObject({
    status: 403,
    body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }],
  });
  await client.call('DELETE', '/emulator/limits');
  expect(await usage()).toBe('api-usage=1/15000');
});

test('uses at given moments leave the rolling 24 hours again', async () => {
  await using org = await startOrg({ definition: { sessionTimeoutMinutes: 10_000 } });
  const { call } = await connect(org);
  const others = async () => (await call('GET', '/emulator/limits')).body.used_by_others;
  const list = [
    { at: 0, calls: 5 },
    { at: 2 * hourMs, calls: 70 },
  ];
  await call('PUT', '/emulator/limits', { others: { list } });
  expect(await others()).toBe(5);
  org.advance(2 * hourMs);
  expect(await others()).toBe(75);
  org.advance(22 * hourMs);
  expect(await others()).toBe(70);
  org.advance(2 * hourMs);
  expect(await others()).toBe(0);
  for (const order of [{ others: { list: [{ at: 'soon', calls: 1 }] } }, { others: 5 }, { allow: 1 }])
    expect((await call('PUT', '/emulator/limits', order)).status).toBe(400);
});

test('storage in use follows the records, at 2 KB each', async () => {
  await using org = await startOrg();
  const client = await connect(org);
  const storage = async () => (await client.rest('GET', '/limits')).body.DataStorageMB;
  const records = Array.from({ length: 200 }, () => ({ attributes: { type: 'Contact' }, LastName: 'S' }));
  for (let batch = 0; batch < 6; batch++) await client.rest('POST', '/composite/sobjects', { records });
  const { Max, Remaining } = await storage();
  expect(Max - Remaining).toBe(3);
});
