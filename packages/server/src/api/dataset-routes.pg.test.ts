import { permissions } from '@headrace/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localOwner } from '../access/owner.ts';
import { startApi, until } from './api.fixture.ts';

let api: Awaited<ReturnType<typeof startApi>>;
let peopleId: string;
let visitsId: string;

beforeAll(async () => {
  api = await startApi();
  await api.use('POST', '/api/v1/identity-namespaces', {
    code: 'CRMID',
    title: 'Customer',
    id_type: 'CROSS_DEVICE',
  });
  const people = await api.use('POST', '/api/v1/schemas', {
    name: 'People',
    class_id: 'xdm.individual-profile',
    field_group_ids: ['xdm.demographic-details', 'xdm.personal-contact-details'],
    identities: [
      { path: 'personID', namespace: 'CRMID', primary: true },
      { path: 'personalEmail.address', namespace: 'Email' },
    ],
  });
  const visits = await api.use('POST', '/api/v1/schemas', {
    name: 'Visits',
    class_id: 'xdm.experience-event',
    field_group_ids: ['xdm.identity-map'],
    identities: [],
  });
  [peopleId, visitsId] = [people.schema_id, visits.schema_id];
});
afterAll(() => api.stop());

const person = (id: string, email: string) => ({ personID: id, personalEmail: { address: email } });

async function createDataset(name: string, options: object = {}): Promise<string> {
  const body = { name, schema_id: peopleId, ...options };
  const { dataset_id } = await api.use('POST', '/api/v1/datasets', body);
  return `/api/v1/datasets/${dataset_id}`;
}

test('a dataset says what it is, what came and what goes on', async () => {
  const shop = await createDataset('Shop', { labels: ['C2', 'C1', 'C2'], description: 'The shop.' });
  await api.use('POST', `${shop}/records`, {
    records: [person('1', 'one@example.com'), { personID: 2 }, person('3', 'three@example.com')],
  });
  expect(await api.use('GET', shop)).toMatchObject({
    kind: 'profile',
    schema_name: 'People',
    description: 'The shop.',
    labels: ['C1', 'C2'],
    enabled_for_profile: true,
    retention_days: null,
    deleting_at: null,
    ingested_today: 2,
    ingested_total: 2,
    last_batch: null,
    work: null,
  });
  const { shown, items } = await api.use('GET', `${shop}/preview`);
  expect([shown, items.map((row: { record_id: string }) => row.record_id).sort()]).toEqual([
    'newest',
    ['1', '3'],
  ]);
  const listed = (await api.use('GET', '/api/v1/datasets')).items;
  expect(listed).toContainEqual(await api.use('GET', shop));
});

test('what cannot be is refused, with pointer and remedy', async () => {
  const [first] = [await createDataset('First'), await createDataset('Second')];
  expect(await api.call('PATCH', first, { name: 'Second' })).toMatchObject({ status: 409 });
  expect(await api.call('PATCH', first, { retention_days: 30 })).toMatchObject({
    status: 400,
    body: { error: { details: [{ pointer: '/retention_days' }] } },
  });
  expect((await api.call('PATCH', first, { retention_days: 0 })).status).toBe(400);
  expect((await api.call('PATCH', first, { enabled_for_profile: false })).status).toBe(400);
  const visits = await createDataset('Visits', { schema_id: visitsId, retention_days: 30 });
  expect(await api.use('GET', visits)).toMatchObject({ kind: 'event', retention_days: 30 });
  expect(await api.use('PATCH', visits, { retention_days: null })).toMatchObject({ retention_days: null });
});

test('labels need their own permission, and are names of labels', async () => {
  const shop = await createDataset('Labelled', { labels: ['C2'] });
  expect(await api.call('PATCH', shop, { labels: ['c2'] })).toMatchObject({
    status: 400,
    body: { error: { details: [{ pointer: '/labels/0' }] } },
  });
  const body = { name: 'Not labelled', schema_id: peopleId };
  const fewer = permissions.filter((permission) => permission !== 'Apply Data Usage Labels');
  api.actAs({ ...localOwner, permissions: new Set(fewer) });
  try {
    expect((await api.call('POST', '/api/v1/datasets', { ...body, labels: ['C2'] })).status).toBe(403);
    expect((await api.call('PATCH', shop, { labels: [] })).status).toBe(403);
    await api.use('POST', '/api/v1/datasets', { ...body, labels: [] });
    await api.use('PATCH', shop, { description: 'No label.' });
  } finally {
    api.actAs(localOwner);
  }
});

test('the deletion of what the default merge policy takes values from alone is warned of', async () => {
  const [only, other] = [await createDataset('Only one'), await createDataset('Another one')];
  const idOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  const warns = async () => (await api.use('GET', `${only}/deletion-preview`)).empties_default_merge_policy;
  const { merge_policy_id } = await api.use('POST', '/api/v1/merge-policies', {
    name: 'Precedence',
    attribute_merge: { type: 'dataSetPrecedence', order: [idOf(only)] },
  });
  const policy = `/api/v1/merge-policies/${merge_policy_id}`;
  expect(await warns()).toBe(false);
  await api.use('PATCH', policy, { is_default: true });
  expect(await warns()).toBe(true);
  const order = [idOf(other), idOf(only)];
  await api.use('PATCH', policy, { attribute_merge: { type: 'dataSetPrecedence', order } });
  expect(await warns()).toBe(false);
  await api.use('PATCH', '/api/v1/merge-policies/00000000-0000-4000-8000-000000000001', { is_default: true });
});

test('kept aside, enabled, deleted: the life of a dataset', async () => {
  const main = await createDataset('Main');
  await api.use('POST', `${main}/records`, person('m', 'same@example.com'));
  const aside = await createDataset('Aside', { enabled_for_profile: false });
  const kept = await api.use('POST', `${aside}/records`, person('kept', 'same@example.com'));
  expect(kept.results).toEqual([{ index: 0, status: 'ingested', profile_id: null }]);
  expect((await api.use('GET', `${aside}/preview`)).items).toHaveLength(1);
  const find = async (id: string) =>
    (await api.use('GET', `/api/v1/profiles?namespace=CRMID&value=${id}`)).items;
  expect(await find('kept')).toEqual([]);

  // Many clients name a content type where there is nothing to send.
  const enabled = await api.use('POST', `${aside}/enable-for-profile`, undefined, {
    'content-type': 'application/json',
  });
  expect(enabled.enabled_for_profile).toBe(true);
  await until(async () => (await api.use('GET', aside)).work === null);
  expect((await find('kept'))[0].fragments).toHaveLength(2);

  expect(await api.use('GET', `${aside}/deletion-preview`)).toMatchObject({
    name: 'Aside',
    is_estimate: false,
    fragments: 1,
    profiles_shrinking: 1,
    profiles_ending: 0,
    dataflows: [],
  });
  const unconfirmed = await api.call('DELETE', `${aside}?confirm=aside`);
  expect(unconfirmed).toMatchObject({ status: 400, body: { error: { details: [{ pointer: '/confirm' }] } } });
  expect((await api.call('DELETE', aside)).status).toBe(400);
  await api.use('DELETE', `${aside}?confirm=Aside`);
  await until(async () => (await api.call('GET', aside)).status === 404);
  expect(await find('kept')).toEqual([]);
  expect(await find('m')).toHaveLength(1);
  expect((await api.call('POST', `${aside}/records`, person('late', 'l@example.com'))).status).not.toBe(200);
});
