import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readBatchErrors } from '../store/batch-errors.ts';
import type { BatchRow } from '../store/batches.ts';
import { rows } from '../store/database.ts';
import { findProfileByIdentity } from '../store/identities.ts';
import { countProfiles, readDocuments } from '../store/profiles.ts';
import { BatchFiles } from './batch-files.ts';
import { Batches } from './batches.ts';
import { DatasetRegistry } from './dataset-registry.ts';
import { ingestRecords } from './ingest-records.ts';
import { loadBatch } from './load-batch.ts';
import { RecordQueue } from './record-queue.ts';

let database: TestDatabase;
let dataDir: string;
let datasetId: string;
let ordersId: string;
const now = () => new Date();
const datasets = new DatasetRegistry('US');

beforeAll(async () => {
  database = await createDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'headrace-ingestion-'));
  const [profileSchema, eventSchema] = [randomUUID(), randomUUID()];
  [datasetId, ordersId] = [randomUUID(), randomUUID()];
  const { pool } = database;
  await pool.query(
    `insert into xdm_schema (schema_id, name, class_id, field_group_ids, identities, created_at, enabled_for_profile_at)
     values ($1, 'people', 'xdm.individual-profile', $2, $3, now(), now()),
       ($4, 'orders', 'xdm.experience-event', $5, '[]', now(), now())`,
    [
      profileSchema,
      [
        'xdm.demographic-details',
        'xdm.personal-contact-details',
        'xdm.external-source-system-audit-details',
        'xdm.loyalty-details',
      ],
      JSON.stringify([
        { path: 'personID', namespace: 'CRMID', primary: true },
        { path: 'personalEmail.address', namespace: 'Email', primary: false },
      ]),
      eventSchema,
      ['xdm.commerce-details', 'xdm.identity-map'],
    ],
  );
  await pool.query(
    `insert into dataset (dataset_id, name, schema_id, created_at, enabled_for_profile_at)
     values ($1, 'people', $2, now(), now()), ($3, 'orders', $4, now(), now())`,
    [datasetId, profileSchema, ordersId, eventSchema],
  );
  await pool.query(`insert into identity_namespace values ('CRMID', 'Customer', 'CROSS_DEVICE', now())`);
});
afterAll(async () => {
  await database.drop();
  await rm(dataDir, { recursive: true });
});
beforeEach(async () => {
  await database.pool.query('truncate profile, profile_fragment, profile_event, identity, batch cascade');
});

const queue = () =>
  new RecordQueue({ pool: database.pool, onChange: async () => undefined, onCommit: () => undefined, now });
const ingest = (records: readonly unknown[], into = datasetId) =>
  ingestRecords(
    { pool: database.pool, datasets, queue: queue(), now },
    { datasetId: into, records, bytes: 0, idempotencyKey: undefined },
  );

const person = (id: string, email: string, points: number, at = '2026-01-01T00:00:00Z') => ({
  personID: id,
  personalEmail: { address: email },
  loyalty: { points },
  extSourceSystemAudit: { lastUpdatedDate: at },
});

async function documentOf(id: string) {
  const profileId = await findProfileByIdentity(database.pool, { namespace: 'CRMID', value: id });
  return (await readDocuments(database.pool, [profileId ?? randomUUID()])).get(profileId ?? '');
}

describe('streaming', () => {
  test('promise 11: bad records fail alone, with pointer and reason, and no word of the value', async () => {
    const results = await ingest([
      person('1', 'a@example.com', 1),
      { ...person('2', 'b@example.com', 2), loyalty: { points: 'many' } },
      { personalEmail: { address: 'c@example.com' } },
      person('3', 'd@example.com', 3),
    ]);
    expect(results.map((result) => result.status)).toEqual(['ingested', 'failed', 'failed', 'ingested']);
    expect(results[1]).toMatchObject({ errors: [{ pointer: '/loyalty/points' }] });
    expect(results[2]).toMatchObject({ errors: [{ pointer: '/personID', keyword: 'primaryIdentity' }] });
    expect(JSON.stringify(results)).not.toContain('many');
    expect(await countProfiles(database.pool)).toBe(2);
  });

  test('two customer numbers with one address, written differently, are one person', async () => {
    await ingest([person('1', 'Ann@Example.com', 1, '2026-01-01T00:00:00Z')]);
    await ingest([person('2', ' ann@example.com ', 2, '2026-01-02T00:00:00Z')]);
    expect(await countProfiles(database.pool)).toBe(1);
    expect(await documentOf('1')).toMatchObject({
      loyalty: { points: 2 },
      identityMap: { CRMID: [{ id: '1' }, { id: '2' }], Email: [{ id: 'ann@example.com' }] },
    });
  });

  test('promise 7: the newest stamp wins, whatever comes last', async () => {
    await ingest([person('1', 'a@example.com', 2, '2026-02-01T00:00:00Z')]);
    await ingest([person('1', 'a@example.com', 1, '2026-01-01T00:00:00Z')]);
    expect(await documentOf('1')).toMatchObject({ loyalty: { points: 2 } });
  });

  test('an event joins its person and is kept once', async () => {
    await ingest([person('1', 'a@example.com', 1)]);
    const order = {
      _id: 'order-1',
      timestamp: '2026-03-01T10:00:00Z',
      identityMap: { CRMID: [{ id: '1', primary: true }] },
    };
    await ingest([order, order], ordersId);
    await ingest([order], ordersId);
    expect(await rows(database.pool, 'select event_id from profile_event')).toEqual([
      { event_id: 'order-1' },
    ]);
    expect(await countProfiles(database.pool)).toBe(1);
  });

  test('promise 7: one event that several people were told of is one when they turn out to be the same', async () => {
    const ids = ['1', '2', '3'];
    const order = (of: readonly string[], eventId = 'order-1') => ({
      _id: eventId,
      timestamp: '2026-03-01T10:00:00Z',
      identityMap: { CRMID: of.map((id, index) => ({ id, primary: index === 0 })) },
    });
    await ingest(
      ids.map((id) => order([id])),
      ordersId,
    );
    expect(await countProfiles(database.pool)).toBe(3);
    expect(await ingest([order(ids, 'order-2')], ordersId)).toMatchObject([{ status: 'ingested' }]);
    expect(await countProfiles(database.pool)).toBe(1);
    const events = await rows(database.pool, 'select event_id from profile_event order by event_id');
    expect(events).toEqual([{ event_id: 'order-1' }, { event_id: 'order-2' }]);
  });

  test('twenty writers on the same people neither lose an update nor make a second profile', async () => {
    const writers = Array.from({ length: 20 }, (_, writer) =>
      ingest(
        Array.from({ length: 10 }, (_, index) =>
          person(
            `c${index}`,
            `p${index}@example.com`,
            writer,
            `2026-01-01T00:00:${String(writer).padStart(2, '0')}Z`,
          ),
        ),
      ),
    );
    for (const results of await Promise.all(writers))
      expect(results.every((result) => result.status === 'ingested')).toBe(true);
    expect(await countProfiles(database.pool)).toBe(10);
    for (let index = 0; index < 10; index += 1)
      expect(await documentOf(`c${index}`)).toMatchObject({ loyalty: { points: 19 } });
  });
});

describe('batches', () => {
  const mapping = {
    columns: {
      id: 'personID',
      email: 'personalEmail.address',
      points: 'loyalty.points',
      at: 'extSourceSystemAudit.lastUpdatedDate',
    },
  };
  const files = () => new BatchFiles(dataDir);
  const options = () => ({
    pool: database.pool,
    datasets,
    files: files(),
    onChange: async () => undefined,
    onCommit: () => undefined,
    now,
    onError: (error: unknown) => {
      throw error;
    },
  });
  const receive = async (text: string | Buffer, force = false) => {
    const batches = new Batches(options());
    const { batchId } = await batches.create({ datasetId, fileName: 'people.csv', mapping });
    return batches.receiveFile(batchId, Readable.from([Buffer.from(text)]), { force });
  };
  const load = async (batch: BatchRow, signal = new AbortController().signal) => {
    await loadBatch({ ...options(), signal }, batch);
    return new Batches(options()).get(batch.batchId);
  };
  const header = 'id,email,points,at\n';
  const line = (id: number) => `${id},p${id}@example.com,${id},2026-01-01T00:00:00Z\n`;

  test('broken rows are named and the rest goes on', async () => {
    const { batch } = await receive(
      `${header}${line(1)}2,two\n3,"three"x,3,\n4,p4@example.com,none,\n${line(5)}`,
    );
    expect(await load(batch)).toMatchObject({
      status: 'success',
      rowsRead: 5,
      rowsIngested: 2,
      rowsFailed: 3,
    });
    const errors = await readBatchErrors(database.pool, batch.batchId, { rowNumber: 0, ordinal: 0 }, 100);
    expect(errors.map((error) => error.rowNumber)).toEqual([3, 4, 5]);
    expect(errors.map((error) => error.message).join('\n')).toMatch(
      /The row has 2 cells, the header 4[\s\S]*quote[\s\S]*Column "points"/,
    );
  });

  test('the same file is recognised and loaded again only when forced', async () => {
    const first = await receive(`${header}${line(1)}`);
    await load(first.batch);
    const second = await receive(`${header}${line(1)}`);
    expect(second).toMatchObject({ duplicate: true, batch: { batchId: first.batch.batchId } });
    expect((await receive(`${header}${line(1)}`, true)).duplicate).toBe(false);
  });

  test('promise 1: stopped half-way it goes on behind its checkpoint, every row once', async () => {
    const count = 1_700;
    const { batch } = await receive(
      header + Array.from({ length: count }, (_, index) => line(index)).join(''),
    );
    const controller = new AbortController();
    let chunks = 0;
    await loadBatch(
      {
        ...options(),
        signal: controller.signal,
        onCommit: () => {
          chunks += 1;
          if (chunks === 2) controller.abort();
        },
      },
      batch,
    );
    const half = await new Batches(options()).get(batch.batchId);
    expect(half).toMatchObject({ status: 'processing', rowsRead: 1_000 });
    expect(await load(half)).toMatchObject({ status: 'success', rowsRead: count, rowsIngested: count });
    expect(await countProfiles(database.pool)).toBe(count);
  });

  test.each([
    ['', /The file is empty/],
    [Buffer.from([0x69, 0x64, 0xff, 0xfe]), /not UTF-8/],
  ])('a file that is no text is refused and nothing is kept', async (content, message) => {
    await expect(receive(content)).rejects.toThrow(message);
    expect(await rows(database.pool, `select 1 from batch where status <> 'loading'`)).toEqual([]);
  });

  test('two uploads of one batch do not mix, and only one is taken', async () => {
    const batches = new Batches(options());
    const { batchId } = await batches.create({ datasetId, fileName: 'people.csv', mapping });
    const upload = (text: string) =>
      batches.receiveFile(batchId, Readable.from([Buffer.from(text)]), { force: false });
    const outcomes = await Promise.allSettled([
      upload(`${header}${line(1)}`),
      upload(`${header}${line(2)}${line(3)}`),
    ]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
    const batch = await batches.get(batchId);
    const loaded = await load(batch);
    expect([1, 2]).toContain(loaded.rowsIngested);
    expect(loaded).toMatchObject({ status: 'success', rowsFailed: 0 });
  });

  test('a file without a mapped column fails as a whole and says which', async () => {
    const { batch } = await receive('id,mail,points,at\n1,a@example.com,1,\n');
    expect(await load(batch)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('no column "email"'),
    });
    expect(await countProfiles(database.pool)).toBe(0);
  });
});
