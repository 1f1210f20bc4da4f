import { afterAll, beforeAll, expect, test } from 'vitest';
import { rows } from '../store/database.ts';
import { until } from './api.fixture.ts';
import { type PeopleApi, startPeopleApi } from './people.fixture.ts';

let api: PeopleApi;
let segmentId: string;

beforeAll(async () => {
  api = await startPeopleApi();
  const expression = 'person.name.lastName.isNotNull()';
  segmentId = (await api.use('POST', '/segments', { name: 'Named', expression })).segment_id;
});
afterAll(() => api.stop());

const person = (id: string, lastName: string) => ({
  personID: id,
  personalEmail: { address: `${id}@example.com` },
  person: { name: { lastName } },
});
const settled = (dataflowId: string) =>
  until(async () => (await api.use('GET', `/dataflows/${dataflowId}`)).counts.pending === 0);
const emails = () => [...api.org.records.values()].map(({ email }) => email).sort();
const gone = (dataflowId: string) =>
  until(async () => (await api.use('GET', `/dataflow-deletions/${dataflowId}`)).status === 'completed');
const remove = (dataflowId: string, confirm: string, at_destination?: string) =>
  api.use('POST', `/dataflows/${dataflowId}/deletion`, {
    confirm,
    ...(at_destination && { at_destination }),
  });

let first: string;
let accountId: string;

test('disabled, a dataflow sends nothing; enabled, it goes on where it stood and sends each once', async () => {
  first = await api.activate('First', segmentId);
  accountId = (await api.use('GET', `/dataflows/${first}`)).account_id;
  await api.ingest(api.crm, [person('ann', 'Adams')]);
  await settled(first);
  await api.use('PATCH', `/dataflows/${first}`, { enabled: false });
  const writes = api.org.writes;
  await api.ingest(api.crm, [person('ann', 'Archer'), person('bob', 'Brown')]);
  await api.ingest(api.crm, [person('ann', 'Allen')]);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(api.org.writes).toBe(writes);
  expect(await api.use('GET', `/dataflows/${first}`)).toMatchObject({
    status: 'disabled',
    counts: { members: 2, pending: 2, activated: 0 },
  });
  await api.use('PATCH', `/dataflows/${first}`, { enabled: true });
  await settled(first);
  expect(emails()).toEqual(['ann@example.com', 'bob@example.com']);
  expect([...api.org.records.values()].map(({ lastName }) => lastName).sort()).toEqual(['Allen', 'Brown']);
  const { items } = await api.use('GET', `/dataflows/${first}/records`);
  expect(items.map(({ status }: { status: string }) => status)).toEqual(['activated', 'activated']);
});

test('an account is not deleted while a dataflow uses it', async () => {
  expect(await api.refuse('DELETE', `/accounts/${accountId}`)).toMatchObject({
    status: 409,
    message: expect.stringContaining('"First"'),
  });
});

test('a deletion is confirmed by the name, and by default keeps what is at the destination', async () => {
  expect(await api.use('GET', `/dataflows/${first}/deletion-preview`)).toEqual({
    name: 'First',
    members: 2,
    records: 2,
    created: 2,
    kept_elsewhere: 0,
    is_estimate: false,
  });
  const wrong = await api.refuse('POST', `/dataflows/${first}/deletion`, { confirm: 'first' });
  expect([wrong.status, wrong.details[0].pointer]).toEqual([400, '/confirm']);
  const removals = api.org.removals;
  expect(await remove(first, 'First')).toMatchObject({ at_destination: 'keep', records_deleted: 0 });
  await gone(first);
  expect([emails(), api.org.removals]).toEqual([['ann@example.com', 'bob@example.com'], removals]);
  expect((await api.refuse('GET', `/dataflows/${first}`)).status).toBe(404);
  for (const table of ['export_state', 'activation', 'dataflow_run', 'delivery_outcome'])
    expect(await rows(api.database.pool, `select from ${table} where dataflow_id = $1`, [first])).toEqual([]);
  // Changes go on without it.
  await api.ingest(api.crm, [person('ann', 'Archer')]);
});

test('promise 3: a dataflow after it, to the same account, goes on with the records that are kept', async () => {
  const mapping = [
    { source: { attribute: 'personalEmail.address' }, target: 'email' },
    { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
  ];
  const create = (name: string) => api.use('POST', '/dataflows', { account_id: accountId, name, mapping });
  const second = (await create('First')).dataflow_id;
  await api.use('POST', `/dataflows/${second}/activations`, { segment_id: segmentId });
  await settled(second);
  expect(api.org.records.get('rec-1')).toMatchObject({ email: 'ann@example.com', lastName: 'Archer' });
  expect(api.org.records.size).toBe(2);

  // Cleo is of both dataflows, Dora of the second alone, Eve was there before, Fred may not be deleted.
  api.org.records.set('old', { email: 'eve@example.com', lastName: 'Old' });
  await api.ingest(
    api.crm,
    ['dora', 'eve', 'fred', 'gil'].map((id) => person(id, id)),
  );
  await settled(second);
  const expression = 'person.name.lastName = "cleo"';
  const cleos = (await api.use('POST', '/segments', { name: 'Cleos', expression })).segment_id;
  const third = (await create('Third')).dataflow_id;
  await api.use('POST', `/dataflows/${third}/activations`, { segment_id: cleos });
  await api.ingest(api.crm, [person('cleo', 'cleo')]);
  await settled(second);
  await settled(third);
  const [fred] = [...api.org.records].find(([, { email }]) => email === 'fred@example.com') ?? [];
  api.org.protectedRecords.add(fred ?? '');
  const preview = await api.use('GET', `/dataflows/${second}/deletion-preview`);
  expect(preview.records).toBe(7);
  const [cleo] = await rows<{ created: boolean }>(
    api.database.pool,
    `select e.created_record_id is not null as created from export_state e
     where e.dataflow_id = $1 and e.match_key = 'cleo@example.com'`,
    [second],
  );
  const isCleoShared = cleo?.created === true;
  expect([preview.created, preview.kept_elsewhere]).toEqual([3, isCleoShared ? 1 : 0]);

  // The answer to the first removal is lost, then the destination is away.
  api.org.maxBatchRecords = 2;
  api.org.removalFaults.push('applied, answer lost', 'unavailable');
  await remove(second, 'First', 'delete_created');
  expect((await api.refuse('PATCH', `/dataflows/${second}`, { enabled: true })).status).toBe(409);
  await gone(second);
  // Of dora, fred and gil, which it made, fred is protected; ann and bob an earlier dataflow had made.
  expect(emails()).toEqual([
    'ann@example.com',
    'bob@example.com',
    'cleo@example.com',
    'eve@example.com',
    'fred@example.com',
  ]);
  const deletion = await api.use('GET', `/dataflow-deletions/${second}`);
  expect(deletion).toMatchObject({ at_destination: 'delete_created', records_failed: 1, percent_done: 100 });
  expect(deletion.records_deleted + deletion.records_absent).toBe(2);
  expect(deletion.records_absent).toBeGreaterThan(0);
  expect((await api.use('GET', '/dataflow-deletions')).items).toHaveLength(2);

  // The other dataflow goes on.
  await api.ingest(api.crm, [
    { ...person('cleo', 'cleo'), person: { name: { lastName: 'cleo', firstName: 'C' } } },
  ]);
  await settled(third);
  expect((await api.use('GET', `/dataflows/${third}`)).counts).toMatchObject({ activated: 1, members: 1 });
  await remove(third, 'Third', 'keep');
  await gone(third);
  await api.use('DELETE', `/accounts/${accountId}`);
  expect((await api.refuse('GET', `/accounts/${accountId}`)).status).toBe(404);
  for (const table of ['match_claim', 'destination_call'])
    expect(await rows(api.database.pool, `select from ${table} where account_id = $1`, [accountId])).toEqual(
      [],
    );
});
