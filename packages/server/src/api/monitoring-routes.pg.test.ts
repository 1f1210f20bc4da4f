import { permissions } from '@headrace/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localOwner } from '../access/owner.ts';
import { until } from './api.fixture.ts';
import { type PeopleApi, startPeopleApi } from './people.fixture.ts';

let api: PeopleApi;
let segmentId: string;
let dataflowId: string;
let accountId: string;

const person = (id: string, lastName: string, email: string | undefined = `${id}@example.com`) => ({
  personID: id,
  ...(email !== '' && { personalEmail: { address: email } }),
  person: { name: { lastName } },
});
const settled = async () => (await api.use('GET', `/dataflows/${dataflowId}`)).counts.pending === 0;

beforeAll(async () => {
  api = await startPeopleApi();
  const expression = 'person.name.lastName.isNotNull()';
  segmentId = (await api.use('POST', '/segments', { name: 'Named', expression })).segment_id;
  dataflowId = await api.activate('To memory', segmentId);
  accountId = (await api.use('GET', `/dataflows/${dataflowId}`)).account_id;
});
afterAll(() => api.stop());

test('a record tells what was sent, what was answered, when, and by which call', async () => {
  api.org.faults.push('unavailable');
  const [ann] = await api.ingest(api.crm, [person('ann', 'Adams')]);
  await until(settled);
  await api.ingest(api.crm, [person('ann', 'Archer')]);
  await until(settled);
  const records = `/dataflows/${dataflowId}/records/${ann}/deliveries`;
  const [second, first] = (await api.use('GET', records)).items;
  expect(first).toMatchObject({
    status: 'activated',
    created: true,
    record_id: 'rec-1',
    sent: [
      { field: 'email', value: 'ann@example.com' },
      { field: 'lastName', value: 'Adams' },
    ],
  });
  // Only what changed was sent.
  expect(second).toMatchObject({ created: false, sent: [{ field: 'lastName', value: 'Archer' }] });

  const calls = `/accounts/${accountId}/calls`;
  await until(async () => (await api.use('GET', `${calls}?batch_id=${second.batch_id}`)).items.length === 1);
  const [call] = (await api.use('GET', `${calls}?batch_id=${first.batch_id}`)).items;
  expect(call).toMatchObject({ purpose: 'deliver', records: 1, status: 200, dataflow_id: dataflowId });
  const failures = (await api.use('GET', `${calls}?outcome=failed&code=BUSY&dataflow_id=${dataflowId}`))
    .items;
  expect(failures).toMatchObject([{ status: 503, code: 'BUSY' }]);
  expect((await api.use('GET', `${calls}?until=2000-01-01T00:00:00Z`)).items).toEqual([]);
  const page = await api.use('GET', `${calls}?limit=1`);
  const rest = await api.use('GET', `${calls}?after=${page.next_after}`);
  expect([page.items[0].batch_id, rest.items.length]).toEqual([second.batch_id, 2]);
  expect((await api.refuse('GET', `${calls}?after=nowhere`)).details[0].pointer).toBe('/after');
});

test('what was refused is told with what was sent; what was not sent, with why', async () => {
  const [refused, excluded] = await api.ingest(api.crm, [
    person('bob', 'Brown', 'refused@example.com'),
    person('cleo', 'Cole', ''),
  ]);
  await until(settled);
  const deliveries = async (profile: string | undefined, query = '') =>
    (await api.use('GET', `/dataflows/${dataflowId}/records/${profile}/deliveries${query}`)).items;
  expect(await deliveries(refused)).toMatchObject([
    {
      status: 'failed',
      code: 'INVALID_EMAIL',
      message: 'Refused.',
      meaning: 'Refused.',
      remedy: expect.any(String),
      sent: [{ field: 'email', value: 'refused@example.com' }, { field: 'lastName' }],
      batch_id: expect.any(String),
    },
  ]);
  expect(await deliveries(excluded)).toMatchObject([
    { status: 'excluded', code: 'required_value_missing', sent: null, batch_id: null, created: null },
  ]);
  expect(await deliveries(refused, '?status=activated')).toEqual([]);
  expect(await deliveries(refused, '?code=INVALID_EMAIL')).toHaveLength(1);
  expect(await deliveries(refused, '?since=2999-01-01T00:00:00Z')).toEqual([]);
});

test('promise 8: who may not view profiles sees what was sent by names of fields only', async () => {
  const { items } = await api.use('GET', `/dataflows/${dataflowId}/records?status=activated`);
  const path = `/dataflows/${dataflowId}/records/${items[0].profile_id}/deliveries`;
  api.actAs({ ...localOwner, permissions: new Set(['View Destinations'] as const) });
  const seen = await api.use('GET', path);
  expect(seen.items.at(-1).sent).toEqual([{ field: 'email' }, { field: 'lastName' }]);
  api.actAs({
    ...localOwner,
    permissions: new Set(permissions.filter((name) => name !== 'View Destinations')),
  });
  for (const forbidden of [path, `/accounts/${accountId}/calls`, `/dataflows/${dataflowId}/runs`])
    expect((await api.refuse('GET', forbidden)).status).toBe(403);
  api.actAs(localOwner);
});

test('promise 10: the reasons of a run add up to what it excluded and failed', async () => {
  const [newest, ...others] = (await api.use('GET', `/dataflows/${dataflowId}/runs`)).items;
  expect(newest).toMatchObject({ status: 'processing', activation_rate: expect.any(Number) });
  let received = 0;
  for (const { run_id } of [newest, ...others]) {
    const run = await api.use('GET', `/dataflows/${dataflowId}/runs/${run_id}`);
    received += run.received;
    const sum = (status: string) =>
      run.reasons.reduce(
        (total: number, reason: { status: string; count: number }) =>
          total + (reason.status === status ? reason.count : 0),
        0,
      );
    expect([sum('excluded'), sum('failed')]).toEqual([run.excluded, run.failed]);
    expect(run.received).toBe(run.activated + run.excluded + run.failed + run.pending);
  }
  expect(received).toBe(4);
  const { run_id } = newest;
  const detail = await api.use('GET', `/dataflows/${dataflowId}/runs/${run_id}`);
  expect(detail.reasons).toContainEqual({
    status: 'failed',
    code: 'INVALID_EMAIL',
    count: 1,
    meaning: 'Refused.',
    remedy: expect.any(String),
  });
  expect(detail).toMatchObject({ dataflow_id: dataflowId, account_id: accountId });
  const ids = (query: string) =>
    api
      .use('GET', `/dataflows/${dataflowId}/runs?${query}`)
      .then(({ items }) => items.map((run: { run_id: string }) => run.run_id));
  expect(await ids('failures_only=true')).toContain(run_id);
  expect(await ids(`after=${run_id}`)).not.toContain(run_id);
  expect(await ids('since=2999-01-01T00:00:00Z')).toEqual([]);
  const unknown = `/dataflows/${dataflowId}/runs/${dataflowId}`;
  expect((await api.refuse('GET', unknown)).code).toBe('not_found');
});

test('promise 10: activation data of a segment add up with the dataflow, the segment and the reasons', async () => {
  const { counts } = await api.use('GET', `/dataflows/${dataflowId}`);
  const [activation, ...others] = (await api.use('GET', `/dataflows/${dataflowId}/activations`)).items;
  expect(others).toEqual([]);
  const { profiles, pending, activated, excluded, failed, reasons } = activation;
  expect({ members: profiles, pending, activated, excluded, failed }).toEqual(counts);
  expect(counts).toEqual({ members: 3, pending: 0, activated: 1, excluded: 1, failed: 1 });
  expect((await api.use('GET', `/segments/${segmentId}`)).counts).toMatchObject({ realized: profiles });
  expect(reasons).toEqual([
    expect.objectContaining({ status: 'excluded', code: 'required_value_missing', count: 1 }),
    expect.objectContaining({ status: 'failed', code: 'INVALID_EMAIL', count: 1 }),
  ]);
  expect((await api.use('GET', `/dataflows/${dataflowId}/reasons`)).items).toEqual(reasons);
  const last = (await api.use('GET', `/dataflows/${dataflowId}/records?status=activated`)).items[0];
  expect(activation).toMatchObject({ is_estimate: false, last_activated_at: last.settled_at });
});
