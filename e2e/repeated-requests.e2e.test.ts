import { setTimeout as delay } from 'node:timers/promises';
import { makeDataDir } from '@headrace/testkit';
import { expect, test } from 'vitest';
import { createCustomers, type RunningServer, startServer } from './headrace.ts';

const people = 300;
/** When the server is killed, in milliseconds after the request left: before, in and after its transaction. */
const moments = [5, 60, 160];
/** In every value about a person. */
const mark = 'zelda';

test('promise 1: requests whose answer a crash took are repeated under their key; what came since then stays', async () => {
  const dataDir = await makeDataDir();
  const logs: string[] = [];
  const start = () => startServer(dataDir.path, { HEADRACE_LOG_LEVEL: 'debug' });
  let server: RunningServer = await start();
  const datasetId = await createCustomers(server);
  const path = `/datasets/${datasetId}/records`;
  const send = async (key: string, body: object) => {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${server.token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as { ingested: number } };
  };
  const recordsOf = (round: number, points: number | string, count = people) => ({
    records: Array.from({ length: count }, (_, index) => ({
      personID: `${mark}-${round}-${index}`,
      personalEmail: { address: `${mark}.${round}.${index}@example.com` },
      loyalty: { points },
    })),
  });
  const pointsOf = async (round: number) => {
    const { items } = await server.api<{ items: { document: { loyalty: { points: number } } }[] }>(
      'GET',
      `/profiles?namespace=CRMID&value=${mark}-${round}-0`,
    );
    return items.map(({ document }) => document.loyalty.points);
  };

  for (const [round, moment] of moments.entries()) {
    const first = send(`key-${round}`, recordsOf(round, 1)).catch(() => undefined);
    await delay(moment);
    server.process.kill('SIGKILL');
    await server.process.exited;
    logs.push(server.process.output);
    server = await start();
    const answered = await first;
    if (answered !== undefined) expect(await pointsOf(round)).toEqual([1]);
    expect(await send(`key-${round}`, recordsOf(round, 1))).toMatchObject({
      status: 200,
      body: { ingested: people },
    });
    expect(await pointsOf(round)).toEqual([1]);
    await send(`newer-${round}`, recordsOf(round, 2, 1));
    expect(await send(`key-${round}`, recordsOf(round, 1))).toMatchObject({ status: 200 });
    expect(await pointsOf(round)).toEqual([2]);
    expect((await send(`key-${round}`, recordsOf(round, 3))).status).toBe(409);
  }
  expect(await server.api('GET', '/profiles/count')).toMatchObject({ count: people * moments.length });

  // Promise 9 holds for people's values, too: none is in a log that tells everything.
  expect((await send('faulty', recordsOf(9, `${mark} has none`))).status).toBe(400);
  await fetch(`${server.url}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: `{"personID": ${mark}}`,
  });
  // Lines are written beside the work.
  await server.process.waitFor(/"status":400.*\n.*"status":400/);
  await server.process.stop();
  expect([...logs, server.process.output].join('')).not.toMatch(new RegExp(`${mark}|${server.token}`));
  await dataDir.remove();
}, 180_000);
