import { randomUUID } from 'node:crypto';
import { type JsonObject, mergeFragments } from '@headrace/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rows } from '../store/database.ts';
import { readDefaultMergePolicy } from '../store/merge-policies.ts';
import { readFragments } from '../store/profile-fragments.ts';
import { until } from './api.fixture.ts';
import { type PeopleApi, startPeopleApi } from './people.fixture.ts';

let api: PeopleApi;
let crm: string;
let shop: string;
let orders: string;
const people = 200;
const standard = '00000000-0000-4000-8000-000000000001';

beforeAll(async () => {
  api = await startPeopleApi({ runsJobs: false });
  ({ crm, shop, orders } = api);
});
afterAll(() => api.stop());

const use: PeopleApi['use'] = (...request) => api.use(...request);
const refuse: PeopleApi['refuse'] = (...request) => api.refuse(...request);
const ingest: PeopleApi['ingest'] = (...request) => api.ingest(...request);
const precedence = (...order: string[]) => ({ attribute_merge: { type: 'dataSetPrecedence', order } });
const byTime = { attribute_merge: { type: 'timestampOrdered' } };
const createPolicy = async (name: string, merge: object): Promise<string> =>
  (await use('POST', '/merge-policies', { name, ...merge })).merge_policy_id;

/** In both datasets; the shop is newer. */
async function ingestPeople(numbers: readonly number[]): Promise<void> {
  const record = (n: number, points: number, day: number) => ({
    personalEmail: { address: `p${n}@example.com` },
    loyalty: { points },
    extSourceSystemAudit: { lastUpdatedDate: `2026-01-0${day}T00:00:00Z` },
  });
  await ingest(
    crm,
    numbers.map((n) => ({ personID: `C-${n}`, ...record(n, n, 1) })),
  );
  await ingest(
    shop,
    numbers.map((n) => record(n, n + 10_000, 2)),
  );
}

const stored = () =>
  rows<{ id: string; document: JsonObject; version: number }>(
    api.database.pool,
    'select profile_id as id, document, version from profile order by profile_id',
  );
async function expectStoredAsMerged(): Promise<void> {
  const profiles = await stored();
  const fragments = await readFragments(
    api.database.pool,
    profiles.map(({ id }) => id),
  );
  const { attributeMerge } = await readDefaultMergePolicy(api.database.pool);
  for (const { id, document } of profiles)
    expect(document).toEqual(mergeFragments(fragments.get(id) ?? [], attributeMerge));
}

const exported = () =>
  rows(api.database.pool, 'select member, count(*) as count from export_state group by member');

const remergeOf = async (policyId: string) => (await use('GET', `/merge-policies/${policyId}`)).remerge;
async function work(holds: () => Promise<boolean>): Promise<void> {
  const stop = new AbortController();
  const running = api.populationJobs.run(stop.signal);
  await until(holds);
  stop.abort();
  await running;
}
/** Steps widen from one bucket, twice as many each time: ten make a quarter. */
async function workFor(steps: number): Promise<void> {
  const stop = new AbortController();
  let done = 0;
  api.hearJobCommits(() => {
    done += 1;
    if (done >= steps) stop.abort();
  });
  await api.populationJobs.run(stop.signal);
  api.hearJobCommits(() => undefined);
}
const workToTheEnd = (policyId: string) =>
  work(async () => (await remergeOf(policyId))?.finished_at !== null);

test('what is no policy is refused, and why', async () => {
  expect(await use('GET', '/merge-policies')).toMatchObject({
    items: [{ merge_policy_id: standard, is_default: true, attribute_merge: { type: 'timestampOrdered' } }],
  });
  const create = (policy: object) => refuse('POST', '/merge-policies', { name: 'x', ...policy });
  expect(await create(precedence())).toMatchObject({ details: [{ pointer: '/attribute_merge/order' }] });
  expect(await create({ attribute_merge: { type: 'dataSetPrecedence' } })).toMatchObject({
    details: [{ pointer: '/attribute_merge/order' }],
  });
  expect(await create({ attribute_merge: { type: 'timestampOrdered', order: [crm] } })).toMatchObject({
    details: [{ pointer: '/attribute_merge/order' }],
  });
  expect(await create(precedence(crm, crm))).toMatchObject({ status: 400 });
  expect(await create(precedence(crm, orders, randomUUID()))).toMatchObject({
    status: 400,
    details: [{ pointer: '/attribute_merge/order/1' }, { pointer: '/attribute_merge/order/2' }],
  });
  expect(await create({ name: ' Default timestamp-ordered ', ...byTime })).toMatchObject({ status: 409 });

  const ids = await Promise.all([1, 2, 3, 4].map((n) => createPolicy(`P${n}`, byTime)));
  expect(await create(byTime)).toMatchObject({
    status: 409,
    message: expect.stringContaining('there may be 5'),
  });
  const [first = '', second = ''] = ids;
  expect(await refuse('PATCH', `/merge-policies/${first}`, { name: 'P2' })).toMatchObject({ status: 409 });
  await use('PATCH', `/merge-policies/${first}`, { name: 'First', identity_graph: { type: 'none' } });
  expect(await refuse('PATCH', `/merge-policies/${first}`, { is_default: true })).toMatchObject({
    status: 400,
    details: [{ pointer: '/identity_graph/type' }],
  });
  expect(await refuse('PATCH', `/merge-policies/${standard}`, { is_default: false })).toMatchObject({
    status: 409,
  });
  expect(await refuse('DELETE', `/merge-policies/${standard}`)).toMatchObject({ status: 409 });
  expect(await refuse('DELETE', `/merge-policies/${randomUUID()}`)).toMatchObject({ status: 404 });

  // Another that merges alike: nobody has to be merged again.
  expect(await use('PATCH', `/merge-policies/${second}`, { is_default: true })).toMatchObject({
    is_default: true,
    remerge: null,
  });
  await use('PATCH', `/merge-policies/${standard}`, { is_default: true });
  for (const id of ids) await use('DELETE', `/merge-policies/${id}`);
  expect((await use('GET', '/merge-policies')).items).toHaveLength(1);
});

test('another default merges everyone again: stopped half-way it goes on, with ingestion beside it', async () => {
  const { segment_id } = await use('POST', '/segments', {
    name: 'Rich',
    expression: 'loyalty.points >= 10000',
  });
  await api.activate('Rich people', segment_id);
  await ingestPeople([...Array(people).keys()]);
  expect(await exported()).toEqual([{ member: true, count: people }]);
  const membersOf = async () => (await use('GET', `/segments/${segment_id}`)).counts.realized;
  expect(await membersOf()).toBe(people);

  const policyId = await createPolicy('CRM first', precedence(crm, shop));
  expect(await use('PATCH', `/merge-policies/${policyId}`, { is_default: true })).toMatchObject({
    remerge: { status: 'processing', percent_done: 0, profiles_done: 0 },
  });
  await workFor(10);
  expect(await remergeOf(policyId)).toMatchObject({ status: 'processing', finished_at: null });
  const halfWay = await membersOf();
  expect(halfWay).toBeGreaterThan(0);
  expect(halfWay).toBeLessThan(people);

  // Ingestion merges by the new default, whether the job was there already or not.
  await ingestPeople([people]);
  await ingest(shop, [{ personalEmail: { address: 'p1@example.com' }, person: { gender: 'female' } }]);
  const { items } = await use('GET', '/profiles?value=p1@example.com');
  expect(items[0].document).toMatchObject({ loyalty: { points: 1 }, person: { gender: 'female' } });

  const later = [...Array(10).keys()].map((n) => ingestPeople([n, people + 1 + n]));
  await Promise.all([workToTheEnd(policyId), ...later]);
  expect(await remergeOf(policyId)).toMatchObject({ status: 'completed', percent_done: 100 });
  expect((await remergeOf(policyId)).profiles_done).toBeGreaterThanOrEqual(people);
  expect(await membersOf()).toBe(0);
  expect(await exported()).toEqual([{ member: false, count: people }]);
  await expectStoredAsMerged();
  const { items: history } = await use('GET', `/profiles/${items[0].profile_id}/history`);
  expect(history.flatMap(({ changes }: { changes: object[] }) => changes)).toContainEqual({
    pointer: '/loyalty/points',
    before: 10_001,
    after: 1,
    is_cut: false,
  });
}, 60_000);

test('merging everyone again where nothing is to change changes nothing', async () => {
  const { merge_policy_id: policyId } = (await use('GET', '/merge-policies')).items[0];
  const before = await stored();
  await use('PATCH', `/merge-policies/${policyId}`, precedence(crm, shop));
  expect((await remergeOf(policyId)).status).toBe('completed');
  await api.database.pool.query('update population_job set next_bucket = 0, finished_at = null');
  await workToTheEnd(policyId);
  expect(await stored()).toEqual(before);
});

test('a default that changes again leaves one job to do, by the newest', async () => {
  const { merge_policy_id: policyId } = (await use('GET', '/merge-policies')).items[0];
  await use('PATCH', `/merge-policies/${policyId}`, precedence(shop));
  await use('PATCH', `/merge-policies/${standard}`, { is_default: true });
  expect((await remergeOf(policyId)).status).toBe('superseded');
  expect(await refuse('DELETE', `/merge-policies/${standard}`)).toMatchObject({ status: 409 });
  await workToTheEnd(standard);
  await expectStoredAsMerged();
  const { items } = await use('GET', '/profiles?value=p2@example.com');
  expect(items[0].document).toMatchObject({ loyalty: { points: 10_002 } });
  expect(api.logged.join()).not.toContain('Background work failed');
});
