import { randomUUID } from 'node:crypto';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { rows, transaction } from '../store/database.ts';
import { findProfileByIdentity } from '../store/identities.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { countProfiles, readDocuments } from '../store/profiles.ts';
import { DatasetRegistry } from './dataset-registry.ts';
import { ingestRecords } from './ingest-records.ts';
import { firstReceipt, forgetOldRequests } from './ingestion-keys.ts';
import type { PreparedRecord } from './prepared-record.ts';
import { RecordQueue } from './record-queue.ts';

let database: TestDatabase;
let queue: RecordQueue;
const [datasetId, otherId] = [randomUUID(), randomUUID()];
const datasets = new DatasetRegistry('US');
const start = Date.UTC(2026, 0, 1);
let clock = start;

beforeAll(async () => {
  database = await createDatabase();
  const schemaId = randomUUID();
  await database.pool.query(
    `insert into xdm_schema (schema_id, name, class_id, field_group_ids, identities, created_at, enabled_for_profile_at)
     values ($1, 'people', 'xdm.individual-profile', '{xdm.loyalty-details,xdm.personal-contact-details}', $2, now(), now())`,
    [
      schemaId,
      JSON.stringify([
        { path: 'personID', namespace: 'CRMID', primary: true },
        { path: 'personalEmail.address', namespace: 'Email', primary: false },
      ]),
    ],
  );
  await database.pool.query(
    `insert into dataset (dataset_id, name, schema_id, created_at, enabled_for_profile_at)
     values ($1, 'a', $3, now(), now()), ($2, 'b', $3, now(), now())`,
    [datasetId, otherId, schemaId],
  );
  await database.pool.query(
    `insert into identity_namespace (code, title, id_type, created_at)
     values ('CRMID', 'Customer', 'CROSS_DEVICE', now())`,
  );
});
afterAll(() => database.drop());
beforeEach(async () => {
  clock = start;
  queue = new RecordQueue({
    pool: database.pool,
    onChange: async () => undefined,
    onCommit: () => undefined,
    now: () => new Date(clock),
  });
  await database.pool.query(
    'truncate profile, profile_fragment, profile_change, identity, dataset_activity, ingestion_key',
  );
});

const ingest = (records: readonly unknown[], idempotencyKey?: string) =>
  ingestRecords(
    { pool: database.pool, datasets, queue, now: () => new Date(clock) },
    { datasetId, records, bytes: 0, idempotencyKey },
  );

const prepared = (id: string, document: PreparedRecord['document'] = {}): PreparedRecord => {
  const primary = { namespace: 'CRMID', value: id };
  return {
    datasetId,
    kind: 'profile',
    recordId: id,
    stampMs: start,
    receivedMs: start,
    batchId: null,
    primary,
    identities: [primary],
    document,
  };
};
const submit = (records: readonly PreparedRecord[], into = datasetId, bytes = 0) =>
  queue.submit({ datasetId: into, records, refused: 0, bytes });

async function pointsOf(id: string) {
  const profileId = await findProfileByIdentity(database.pool, { namespace: 'CRMID', value: id });
  const document = (await readDocuments(database.pool, [profileId ?? randomUUID()])).get(profileId ?? '');
  return document?.loyalty;
}

test('submissions right behind an answered one are taken', async () => {
  await submit([]);
  for (let index = 0; index < 20; index += 1)
    expect(await submit([prepared(`q${index}`)])).toMatchObject([{ status: 'ingested' }]);
});

test('promise 11: a record that the database refuses fails alone among those that share its transaction', async () => {
  const isPoison = (index: number) => index % 29 === 3;
  const burst = Array.from({ length: 200 }, (_, index) =>
    submit([prepared(`p${index}`, isPoison(index) ? { text: 'a\u0000b' } : { text: 'fine' })]),
  );
  const results = (await Promise.all(burst)).flat();
  expect(results.map(({ status }) => status)).toEqual(
    Array.from({ length: 200 }, (_, index) => (isPoison(index) ? 'failed' : 'ingested')),
  );
  expect(await countProfiles(database.pool)).toBe(193);
  const counted = await rows(database.pool, 'select ingested, failed from dataset_activity');
  expect(counted).toEqual([{ ingested: 193, failed: 7 }]);
});

test('promise 11: so does one that would merge two profiles', async () => {
  await submit([prepared('a'), prepared('b')]);
  const [a, b] = [prepared('a'), prepared('b')];
  const merging = {
    ...prepared('a', { text: '\u0000' }),
    stampMs: start + 1,
    identities: [...a.identities, ...b.identities],
  };
  const results = await submit([prepared('c'), merging, prepared('d')]);
  expect(results.map(({ status }) => status)).toEqual(['ingested', 'failed', 'ingested']);
  expect(await countProfiles(database.pool)).toBe(4);
});

test('promise 11: records of a dataset that is gone fail alone, and so does their request under a key', async () => {
  const gone = randomUUID();
  const answers = [
    submit([prepared('1')]),
    submit([{ ...prepared('2'), datasetId: gone }], gone),
    submit([prepared('3')]),
  ];
  const of = { status: 'ingested' };
  expect(await Promise.all(answers)).toMatchObject([[of], [{ status: 'failed' }], [of]]);
  expect(await rows(database.pool, 'select ingested, failed from dataset_activity')).toEqual([
    { ingested: 2, failed: 0 },
  ]);
  const claim = firstReceipt(database.pool, gone, 'key', [], new Date(clock));
  await expect(claim).rejects.toMatchObject({ code: 'not_found' });
});

test('records that do not fit their schema are counted, even where nothing is written', async () => {
  await ingest([{ personID: 1 }, { personID: '1' }]);
  await ingest([{ personID: 2 }]);
  const counted = await rows(database.pool, 'select ingested, failed from dataset_activity');
  expect(counted).toEqual([{ ingested: 1, failed: 2 }]);
});

test('an identity that is left out is told with the record', async () => {
  const [first, second] = await ingest([
    { personID: '1', personalEmail: { address: 'nobody at all' } },
    { personID: '2', personalEmail: { address: 'b@example.com' } },
  ]);
  expect(first).toMatchObject({
    status: 'ingested',
    warnings: [{ pointer: '/personalEmail/address', keyword: 'invalid_email' }],
  });
  expect(JSON.stringify(first)).not.toContain('nobody');
  expect(second).not.toHaveProperty('warnings');
});

test('a request repeated under its key changes nothing, whatever came in between', async () => {
  await ingest([{ personID: '1', loyalty: { points: 1 } }], 'request-1');
  clock += 1_000;
  await ingest([{ personID: '1', loyalty: { points: 2 } }], 'request-2');
  clock += 1_000;
  const repeated = await ingest([{ personID: '1', loyalty: { points: 1 } }], 'request-1');
  expect(repeated).toMatchObject([{ status: 'ingested' }]);
  expect(await pointsOf('1')).toEqual({ points: 2 });
  expect(await rows(database.pool, 'select version from profile')).toEqual([{ version: 2 }]);
});

test('a key stands for one content, and for nothing while nothing of it was good', async () => {
  await ingest([{ personID: 1 }], 'request-1');
  await ingest([{ personID: '1', loyalty: { points: 1 } }], 'request-1');
  await expect(ingest([{ personID: '1', loyalty: { points: 2 } }], 'request-1')).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(await pointsOf('1')).toEqual({ points: 1 });
});

test('keys are forgotten after a week', async () => {
  await ingest([{ personID: '1' }], 'old');
  clock += 8 * 86_400_000;
  await ingest([{ personID: '1' }], 'new');
  expect(await forgetOldRequests(database.pool, new Date(clock))).toBe(1);
  expect(await rows(database.pool, 'select idempotency_key as key from ingestion_key')).toEqual([
    { key: 'new' },
  ]);
});

/** Runs while nothing can be written, so that what is submitted waits. */
async function whileHeld(work: () => Promise<void>): Promise<void> {
  await transaction(database.pool, async (trx) => {
    await lockProfileWrites(trx);
    await work();
  });
}
const many = (count: number) => Array.from({ length: count }, (_, index) => prepared(`m${index}`));
const codeOf = (work: () => Promise<unknown>) => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

test('too much of one dataset is answered 429, too much in all 503, by records and by bytes', async () => {
  const taken: Promise<unknown>[] = [];
  await whileHeld(async () => {
    taken.push(submit(many(2_400)));
    expect(codeOf(() => submit(many(200)))).toMatchObject({ code: 'rate_limited', retryAfterMs: 1_000 });
    taken.push(submit(many(100)));
    taken.push(submit(many(2_400), otherId));
    expect(codeOf(() => submit(many(200), randomUUID()))).toMatchObject({
      code: 'overloaded',
      retryAfterMs: 1_000,
    });
  });
  await Promise.all(taken.splice(0));
  await whileHeld(async () => {
    // Whatever its size, one request is taken when nothing waits.
    taken.push(submit(many(1), datasetId, 40_000_000));
    expect(codeOf(() => submit(many(1), datasetId, 1))).toMatchObject({ code: 'rate_limited' });
    taken.push(submit(many(1), otherId, 20_000_000));
    expect(codeOf(() => submit(many(1), otherId, 9_000_000))).toMatchObject({ code: 'overloaded' });
  });
  await Promise.all(taken);
  expect(await submit(many(2_600))).toHaveLength(2_600);
});
