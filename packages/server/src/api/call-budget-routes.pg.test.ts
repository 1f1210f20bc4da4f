import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertDelivery } from '../delivery/delivery.fixture.ts';
import { startApi } from './api.fixture.ts';

let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const newAccount = (name: string) =>
  api.use('POST', '/api/v1/accounts', {
    destination_type: 'memory',
    name,
    authentication: 'password',
    values: { username: 'ann', password: 'open sesame' },
  });

test('accounts of one organization show, and change, one budget', async () => {
  const [sales, service] = [await newAccount('Sales'), await newAccount('Service')];
  const budget = `/api/v1/accounts/${sales.account_id}/budget`;
  expect(await api.use('GET', budget)).toEqual({
    allowance: 100,
    allowance_chosen: false,
    kept_for_others: 0,
    kept_for_others_chosen: false,
    destination_allowed: null,
    others_used: null,
    observed_at: null,
    used: 2,
    by_purpose: [{ purpose: 'sign_in', calls: 2 }],
    room: 98,
    next_free_at: null,
    accounts: ['Sales', 'Service'],
  });
  const changed = await api.use('PATCH', budget, { allowance: 2, kept_for_others: 5 });
  expect(changed).toMatchObject({ allowance: 2, allowance_chosen: true, kept_for_others: 5, room: 0 });
  // A day, the rest of the bin and a minute later.
  const inMs = Date.parse(changed.next_free_at) - Date.now();
  expect(inMs).toBeGreaterThan(24 * 3_600_000);
  expect(inMs).toBeLessThan(24 * 3_600_000 + 361_000);
  const tested = await api.call('POST', `/api/v1/accounts/${service.account_id}/test`);
  expect([tested.status, tested.body.error.code]).toEqual([503, 'destination_rate_limited']);
  expect(tested.body.error.message).toContain('All 2 calls');
  await api.use('PATCH', budget, { allowance: null, kept_for_others: null });
  await api.use('POST', `/api/v1/accounts/${service.account_id}/test`);
  expect(await api.use('GET', budget)).toMatchObject({
    allowance: 100,
    kept_for_others_chosen: false,
    used: 3,
  });
  expect((await api.call('PATCH', budget, { allowance: -1 })).body.error.details[0].pointer).toBe(
    '/allowance',
  );
});

test('a forecast tells the calls a backlog needs and when it will be done', async () => {
  const { pool } = api.database;
  const { dataflowId } = await insertDelivery(pool);
  const forecast = `/api/v1/dataflows/${dataflowId}/forecast`;
  expect(await api.use('GET', forecast)).toMatchObject({
    records: 0,
    calls: 0,
    message: 'Nothing is to be delivered.',
  });
  await pool.query(
    `insert into export_state (bucket, dataflow_id, profile_id, member, status, wanted_seq, due_at, pending_since)
     select n, $1, gen_random_uuid(), true, 'pending', 1, 'infinity', now() from generate_series(1, 450) as n`,
    [dataflowId],
  );
  const found = await api.use('GET', forecast);
  expect(found).toMatchObject({ records: 450, records_per_call: 200, calls: 3, allowance: 100, room: 100 });
  expect(found.message).toContain(
    '450 records need 3 calls; the allowance is 100 calls in 24 hours; done at about',
  );
  expect(Date.parse(found.done_at)).toBeLessThan(Date.now() + 60_000);
  await api.use('PATCH', `/api/v1/dataflows/${dataflowId}`, { enabled: false });
  expect(await api.use('GET', forecast)).toMatchObject({
    done_at: null,
    message: expect.stringContaining('stands still'),
  });
});

test('only who may manage destinations changes a budget', async () => {
  const { account_id } = await newAccount('Third');
  api.actAs({ id: 'viewer', name: 'Viewer', permissions: new Set(['View Destinations']) });
  const budget = `/api/v1/accounts/${account_id}/budget`;
  expect((await api.call('GET', budget)).status).toBe(200);
  expect((await api.call('PATCH', budget, { allowance: 1 })).status).toBe(403);
});
