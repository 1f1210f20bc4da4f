import { afterAll, beforeAll, expect, test } from 'vitest';
import { rows } from '../store/database.ts';
import { until } from './api.fixture.ts';
import { type PeopleApi, startPeopleApi } from './people.fixture.ts';

let api: PeopleApi;

beforeAll(async () => {
  api = await startPeopleApi();
});
afterAll(() => api.stop());

/** In every value about the person, and in none about others. */
const mark = 'zelda';

const record = (id: string, email: string, name: string) => ({
  personID: id,
  personalEmail: { address: email },
  person: { name: { lastName: name } },
});
const order = (id: string, person: string) => ({
  _id: id,
  timestamp: '2026-01-01T00:00:00Z',
  identityMap: { CRMID: [{ id: person, primary: true }] },
});

/** The tables with a row that names the person, with such a row. */
async function whatIsLeft(): Promise<string[]> {
  const { pool } = api.database;
  const tables = await rows<{ name: string }>(
    pool,
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname = 'public' order by 1`,
  );
  expect(tables.length).toBeGreaterThan(30);
  const left: string[] = [];
  for (const { name } of tables)
    for (const { row } of await rows<{ row: string }>(
      pool,
      `select t::text as row from ${name} t where t::text ilike '%' || $1 || '%' limit 1`,
      [mark],
    ))
      left.push(`${name}: ${row}`);
  return left;
}

test('of a deleted person no table holds a value, whatever way it came', async () => {
  const { use, crm, shop, orders, database } = api;
  const { segment_id } = await use('POST', '/segments', {
    name: 'Everyone named',
    expression: 'person.name.lastName.isNotNull()',
  });
  await api.activate('To memory', segment_id);
  const schemaOf = async (datasetId: string) => (await use('GET', `/datasets/${datasetId}`)).schema_id;
  const kept = await use('POST', '/datasets', {
    name: 'Kept aside',
    schema_id: await schemaOf(crm),
    enabled_for_profile: false,
  });

  await api.ingest(crm, [record(`${mark}-1`, `${mark}@example.com`, `${mark}son`)]);
  await api.ingest(crm, [record(`${mark}-2`, `${mark}.two@example.com`, `${mark}sen`)]);
  await api.ingest(crm, [record('other', 'other@example.com', 'Other')]);
  await api.ingest(orders, [order('order-1', `${mark}-1`), order('order-2', `${mark}-3`)]);
  // Merged, changed, parted from somebody, counted as waiting for a full graph, kept aside, refused, loaded from a file.
  await api.ingest(crm, [record(`${mark}-2`, `${mark}@example.com`, `${mark}sohn`)]);
  await use('POST', '/identity-graph/unlink', {
    identities: [
      { namespace: 'CRMID', value: `${mark}-1` },
      { namespace: 'CRMID', value: 'other' },
    ],
  });
  await api.ingest(kept.dataset_id, [record(`${mark}-2`, `${mark}@example.com`, `${mark}son`)]);
  await api.ingest(kept.dataset_id, [record('other', 'other@example.com', 'Other')]);
  await use('POST', `/datasets/${shop}/records`, {
    records: [
      { personalEmail: { address: `${mark}@example.com` }, loyalty: { points: 1 } },
      { personalEmail: { address: `${mark}@example.com` }, loyalty: { points: mark } },
    ],
  });
  const batch = await use('POST', '/batches', {
    dataset_id: crm,
    file_name: 'people.csv',
    mapping: {
      columns: { id: 'personID', points: 'loyalty.points' },
    },
  });
  const file = await api.api.inject({
    method: 'PUT',
    url: `/api/v1/batches/${batch.batch_id}/file`,
    headers: { authorization: 'Bearer owner-token-of-the-test', 'content-type': 'text/csv' },
    payload: `id,points\n${mark}-1,7\n${mark}-2,${mark}\n`,
  });
  expect(file.statusCode).toBe(202);
  const loaded = async () => (await use('GET', `/batches/${batch.batch_id}`)).status === 'success';
  await until(loaded);
  const pending = async () => {
    const [open] = await rows<{ count: number }>(
      database.pool,
      `select (select count(*) from export_state where status = 'pending')
         + (select count(*) from profile_deletion where finished_at is null) as count`,
    );
    return open?.count === 0;
  };
  await until(pending);
  const found = (await whatIsLeft()).map((row) => row.split(':')[0]?.replace(/_\d{6}$|_default$/, ''));
  for (const table of [
    'profile',
    'profile_fragment',
    'profile_change',
    'identity',
    'match_claim',
    'delivery_outcome',
    'dataset_record',
  ])
    expect(found).toContain(table);

  for (const value of [`${mark}-1`, `${mark}-3`]) {
    const { items } = await use('GET', `/profiles?namespace=CRMID&value=${value}`);
    for (const { profile_id } of items)
      await use('POST', `/profiles/${profile_id}/deletion`, { at_destinations: 'keep' });
  }
  await until(pending);
  expect(await whatIsLeft()).toEqual([]);
  expect(api.logged.join()).not.toContain(mark);

  const others = await rows(database.pool, `select from dataset_record where value = 'other'`);
  expect(others).toHaveLength(1);
  expect((await use('GET', `/profiles?namespace=CRMID&value=other`)).items).toHaveLength(1);
});
