import { randomUUID } from 'node:crypto';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DatasetRegistry } from './dataset-registry.ts';

let database: TestDatabase;
let nowMs: number;
let registry: DatasetRegistry;
let queries: number;

beforeEach(async () => {
  database = await createDatabase();
  nowMs = 1_000_000;
  queries = 0;
  registry = new DatasetRegistry('US', () => nowMs);
  database.pool.on('acquire', () => {
    queries += 1;
  });
});
afterEach(() => database.drop());

async function newDataset(): Promise<string> {
  const datasetId = randomUUID();
  await database.pool.query(
    `with g as (
       insert into field_group (field_group_id, title, description, class_ids, properties, created_at, updated_at)
       values ('custom.shop', 'Shop', '', '{xdm.individual-profile}',
         '{"shop":{"type":"object","title":"Shop","properties":{"vip":{"type":"boolean","title":"VIP"}}}}',
         now(), now())
     ), s as (
       insert into xdm_schema (schema_id, name, class_id, field_group_ids, identities, created_at,
         enabled_for_profile_at)
       values ($1, 'People', 'xdm.individual-profile', '{xdm.demographic-details,custom.shop}',
         '[{"path":"personID","namespace":"Email","primary":true}]', now(), now())
       returning schema_id
     )
     insert into dataset (dataset_id, name, schema_id, created_at, enabled_for_profile_at)
     select $2, 'Shop', schema_id, now(), now() from s`,
    [randomUUID(), datasetId],
  );
  return datasetId;
}

test('a dataset is opened with standard and custom fields, and kept for a second', async () => {
  const datasetId = await newDataset();
  queries = 0;
  const [first, second] = await Promise.all([
    registry.open(database.pool, datasetId),
    registry.open(database.pool, datasetId),
  ]);
  expect(second).toBe(first);
  expect(first).toMatchObject({ kind: 'profile', retentionDays: null });
  expect(first.validate({ shop: { vip: true }, person: { name: { lastName: 'Ng' } } })).toEqual([]);
  expect(first.validate({ shop: { since: '2024-01-01' } })).toMatchObject([
    { keyword: 'additionalProperties' },
  ]);
  const asked = queries;
  nowMs += 999;
  await registry.open(database.pool, datasetId);
  expect(queries).toBe(asked);
  nowMs += 1;
  await registry.open(database.pool, datasetId);
  expect(queries).toBeGreaterThan(asked);
});

test('a field that is added to a field group is taken within a second; what did not change is not compiled again', async () => {
  const datasetId = await newDataset();
  const first = await registry.open(database.pool, datasetId);
  nowMs += 1_000;
  expect((await registry.open(database.pool, datasetId)).validate).toBe(first.validate);
  await database.pool.query(
    `update field_group set revision = default,
       properties = jsonb_set(properties::jsonb, '{shop,properties,since}',
         '{"type":"string","title":"Since","format":"date"}')`,
  );
  const record = { shop: { since: '2024-01-01' } };
  expect((await registry.open(database.pool, datasetId)).validate(record)).toHaveLength(1);
  nowMs += 1_000;
  expect((await registry.open(database.pool, datasetId)).validate(record)).toEqual([]);
});

test('a field group that is deleted and made anew is not taken for the old one', async () => {
  const old = await registry.open(database.pool, await newDataset());
  await database.pool.query('delete from dataset; delete from xdm_schema; delete from field_group');
  const anew = await registry.open(database.pool, await newDataset());
  expect(anew.validate).not.toBe(old.validate);
});

test('a dataset that does not exist is asked for every time', async () => {
  const datasetId = randomUUID();
  await expect(registry.open(database.pool, datasetId)).rejects.toMatchObject({ code: 'not_found' });
  queries = 0;
  await expect(registry.open(database.pool, datasetId)).rejects.toMatchObject({ code: 'not_found' });
  expect(queries).toBe(1);
});

test('a dataset that is being deleted takes no more records, a second later at the latest', async () => {
  const datasetId = await newDataset();
  await registry.open(database.pool, datasetId);
  await database.pool.query('update dataset set deleting_at = now()');
  nowMs += 1_000;
  await expect(registry.open(database.pool, datasetId)).rejects.toMatchObject({ code: 'conflict' });
});

test('an outage is not remembered', async () => {
  const datasetId = await newDataset();
  const cut = new pg.Pool({ connectionString: database.url });
  await cut.end();
  await expect(registry.open(cut, datasetId)).rejects.toThrow('pool');
  await expect(registry.open(database.pool, datasetId)).resolves.toMatchObject({ datasetId });
});
