import { makeDataDir } from '@headrace/testkit';
import { expect, test } from 'vitest';
import {
  countContacts,
  createCustomers,
  finishedBatch,
  orgSignIn,
  type RunningServer,
  readContacts,
  readSample,
  seedMapping,
  startEmulator,
  startServer,
  until,
  uploadCustomers,
} from './headrace.ts';

type Counts = { members: number; pending: number; activated: number; excluded: number; failed: number };
type Dataflow = { counts: Counts };
type Run = { received: number; activated: number; excluded: number; failed: number };
test('promises 1, 2, 3 and 10: killed again and again during loading and export, every member ends as one Contact', async () => {
  const [dataDir, orgDir] = [await makeDataDir(), await makeDataDir()];
  const org = await startEmulator(orgDir.path);
  let server = await startServer(dataDir.path);
  const kill = async (): Promise<RunningServer> => {
    server.process.kill('SIGKILL');
    await server.process.exited;
    return startServer(dataDir.path);
  };

  const datasetId = await createCustomers(server);
  const { batch_id } = await uploadCustomers(server, datasetId, await readSample());
  await until(
    () => server.api<{ rows_read: number }>('GET', `/batches/${batch_id}`),
    (batch) => batch.rows_read >= 1_000,
  );
  server = await kill();
  expect(await finishedBatch(server, batch_id)).toMatchObject({
    status: 'success',
    rows_read: 5_200,
    rows_ingested: 5_200,
    rows_failed: 0,
  });
  expect(await server.api('GET', '/profiles/count')).toMatchObject({ count: 5_000 });

  const segment = await server.api<{ segment_id: string }>('POST', '/segments', {
    name: 'Loyalty members',
    description: '',
    expression: 'loyalty.tier.isNotNull()',
  });
  const account = await server.api<{ account_id: string }>('POST', '/accounts', {
    destination_type: 'salesforce-crm',
    name: 'Emulator',
    authentication: 'oauth2-password',
    values: orgSignIn(org.url, { call_time_limit_seconds: '2' }),
  });
  const dataflow = await server.api<{ dataflow_id: string }>('POST', '/dataflows', {
    account_id: account.account_id,
    name: 'Salesforce CRM',
    description: '',
    details: {},
    mapping: seedMapping,
  });
  const path = `/dataflows/${dataflow.dataflow_id}`;
  await fetch(`${org.url}/emulator/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ latency_ms: 150 }),
  });
  await server.api('POST', `${path}/activations`, { segment_id: segment.segment_id });
  for (const moment of [1, 700, 1_500, 2_300]) {
    await until(
      () => countContacts(org.url),
      (count) => count >= moment,
    );
    server = await kill();
  }

  // Delivery may be quicker than evaluation and backfill: nothing pending is no end before these are through.
  await until(
    () => server.api<{ evaluated_at: string | null }>('GET', `/segments/${segment.segment_id}`),
    ({ evaluated_at }) => evaluated_at !== null,
  );
  await until(
    () => server.api<{ items: readonly { backfilled_at: string | null }[] }>('GET', `${path}/activations`),
    ({ items }) => items.every(({ backfilled_at }) => backfilled_at !== null),
  );
  const { counts } = await until(
    () => server.api<Dataflow>('GET', path),
    ({ counts: { members, pending } }) => members > 0 && pending === 0,
  );
  expect(counts.members).toBe(counts.activated + counts.excluded + counts.failed);
  expect(counts.activated).toBeGreaterThan(2_500);
  const contacts = await readContacts(org.url, ['Email']);
  expect(contacts).toHaveLength(counts.activated);
  expect(new Set(contacts.map((contact) => contact.Email)).size).toBe(contacts.length);
  expect(await server.api('POST', `${path}/verifications`)).toMatchObject({
    activated: counts.activated,
    equal: counts.activated,
    different: 0,
    missing: 0,
  });
  const { items: runs } = await server.api<{ items: Run[] }>('GET', `${path}/runs`);
  const sum = (key: keyof Run) => runs.reduce((total, run) => total + run[key], 0);
  expect(sum('received')).toBe(counts.members);
  expect(sum('activated')).toBe(counts.activated);
  expect(sum('excluded')).toBe(counts.excluded);
  expect(sum('failed')).toBe(counts.failed);
  await server.process.stop();
  await Promise.all([dataDir.remove(), orgDir.remove()]);
}, 180_000);
