import { makeDataDir } from '@headrace/testkit';
import { expect, test } from 'vitest';
import {
  createCustomers,
  finishedBatch,
  type RunningServer,
  readSample,
  startServer,
  until,
  uploadCustomers,
} from './headrace.ts';

type Dataset = { schema_id: string; work: { percent_done: number } | null };
const someRows = 3_000;

test('promise 1: killed while a dataset enters profiles and while it leaves them, both come to their end', async () => {
  const dataDir = await makeDataDir();
  let server = await startServer(dataDir.path);
  const kill = async (): Promise<RunningServer> => {
    server.process.kill('SIGKILL');
    await server.process.exited;
    return startServer(dataDir.path);
  };
  const count = async () => (await server.api<{ count: number }>('GET', '/profiles/count')).count;
  const sample = (await readSample()).toString().split('\n');
  const csv = Buffer.from(`${sample.slice(0, someRows + 1).join('\n')}\n`);
  const load = async (datasetId: string) => {
    const { batch_id } = await uploadCustomers(server, datasetId, csv);
    expect(await finishedBatch(server, batch_id)).toMatchObject({
      status: 'success',
      rows_ingested: someRows,
    });
  };
  const underWay = (path: string) =>
    until(
      () => server.api<Dataset>('GET', path),
      ({ work }) => work === null || work.percent_done > 0,
    );

  const shop = await createCustomers(server);
  const { schema_id } = await server.api<Dataset>('GET', `/datasets/${shop}`);
  const { dataset_id: aside } = await server.api<{ dataset_id: string }>('POST', '/datasets', {
    name: 'Aside',
    schema_id,
    enabled_for_profile: false,
  });
  await load(aside);
  expect(await count()).toBe(0);

  await server.api('POST', `/datasets/${aside}/enable-for-profile`);
  await underWay(`/datasets/${aside}`);
  server = await kill();
  await until(
    () => server.api<Dataset>('GET', `/datasets/${aside}`),
    ({ work }) => work === null,
  );
  const people = await count();
  expect(people).toBeGreaterThan(someRows / 2);

  await load(shop);
  expect(await count()).toBe(people);
  await server.api('DELETE', `/datasets/${aside}?confirm=Aside`);
  await underWay(`/datasets/${aside}`);
  server = await kill();
  await until(
    () => server.api<{ items: unknown[] }>('GET', '/datasets'),
    ({ items }) => items.length === 1,
  );
  expect(await count()).toBe(people);
  const preview = await server.api<{ profiles_ending: number; profiles_shrinking: number }>(
    'GET',
    `/datasets/${shop}/deletion-preview`,
  );
  // Nothing but the shop is left of anyone.
  expect(preview).toMatchObject({ profiles_ending: people, profiles_shrinking: 0 });

  await server.process.stop();
  await dataDir.remove();
}, 180_000);
