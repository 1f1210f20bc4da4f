import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { changeDataset, createDataset, type NewDataset } from '../catalog/datasets.ts';
import { previewDataset } from '../catalog/preview-dataset.ts';
import { createSchema, removeSchema } from '../catalog/schemas.ts';
import { rows, transaction } from '../store/database.ts';
import { readDatasetOverviews } from '../store/dataset-overviews.ts';
import { maintainPartitions } from '../store/maintain-partitions.ts';
import { readNextPopulationJob } from '../store/population-jobs.ts';
import { countProfiles } from '../store/profiles.ts';
import { deleteSchema } from '../store/schemas.ts';
import { applyBisecting } from './apply-bisecting.ts';
import { DatasetRegistry } from './dataset-registry.ts';
import { beginDatasetDeletion } from './delete-dataset.ts';
import { enableDataset, enableDatasetHandler, enableDatasetKind } from './enable-dataset.ts';
import { expireEvents } from './expire-events.ts';
import { ingestRecords } from './ingest-records.ts';
import { PopulationJobs } from './population-jobs.ts';
import { prepareRecord } from './prepared-record.ts';
import { RecordQueue } from './record-queue.ts';

const dayMs = 86_400_000;
const datasets = new DatasetRegistry('US');
const onChange = async () => undefined;
const never = new AbortController().signal;

let database: TestDatabase;
let schemaId: string;
let eventSchemaId: string;
let clock = new Date();
const now = () => clock;

beforeAll(async () => {
  database = await createDatabase();
  [schemaId, eventSchemaId] = [randomUUID(), randomUUID()];
  await database.pool.query(
    `insert into xdm_schema (schema_id, name, class_id, field_group_ids, identities, created_at, enabled_for_profile_at)
     values ($1, 'people', 'xdm.individual-profile', $2, $3, now(), now()),
       ($4, 'orders', 'xdm.experience-event', $5, '[]', now(), now()),
       ($6, 'not enabled', 'xdm.individual-profile', '{}', '[]', now(), null)`,
    [
      schemaId,
      ['xdm.personal-contact-details', 'xdm.external-source-system-audit-details', 'xdm.loyalty-details'],
      JSON.stringify([
        { path: 'personID', namespace: 'CRMID', primary: true },
        { path: 'personalEmail.address', namespace: 'Email', primary: false },
      ]),
      eventSchemaId,
      ['xdm.commerce-details', 'xdm.identity-map'],
      randomUUID(),
    ],
  );
  await database.pool.query(
    `insert into identity_namespace values ('CRMID', 'Customer', 'CROSS_DEVICE', now())`,
  );
});
afterAll(() => database.drop());
beforeEach(async () => {
  clock = new Date();
  await database.pool.query(
    'truncate profile, profile_fragment, profile_event, identity, dataset, population_job cascade',
  );
});

let names = 0;
const create = (options: Partial<NewDataset> = {}) =>
  createDataset(database.pool, { name: `dataset ${names++}`, schemaId, ...options }, now());
const createEvents = (options: Partial<NewDataset> = {}) => create({ schemaId: eventSchemaId, ...options });

const ingest = (datasetId: string, records: readonly unknown[]) => {
  const queue = new RecordQueue({ pool: database.pool, onChange, onCommit: () => undefined, now });
  return ingestRecords(
    { pool: database.pool, datasets, queue, now },
    { datasetId, records, bytes: 0, idempotencyKey: undefined },
  );
};
const createJobs = (onCommit: () => void = () => undefined) =>
  new PopulationJobs({
    pool: database.pool,
    handlers: { [enableDatasetKind]: enableDatasetHandler({ datasets, onChange }) },
    onCommit,
    now,
    onError: (error) => {
      throw error;
    },
  });

/** Runs what is to be done, until nothing is or `commits` have been made. */
async function runJobs(commits = Number.POSITIVE_INFINITY): Promise<void> {
  const stop = new AbortController();
  let made = 0;
  const running = createJobs(() => {
    made += 1;
    if (made >= commits) stop.abort();
  }).run(stop.signal);
  while (!stop.signal.aborted) {
    if ((await readNextPopulationJob(database.pool, { kinds: [enableDatasetKind] })) === undefined)
      stop.abort();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await running;
}

const person = (id: string, points: number, at = '2026-01-01T00:00:00Z') => ({
  personID: id,
  personalEmail: { address: `${id}@example.com` },
  loyalty: { points },
  extSourceSystemAudit: { lastUpdatedDate: at },
});
const event = (id: string, at: Date, who = '1', products = 1) => ({
  _id: id,
  timestamp: at.toISOString(),
  eventType: `commerce.purchases${products}`,
  identityMap: { CRMID: [{ id: who, primary: true }] },
});
const statuses = (results: readonly { readonly status: string }[]) => results.map(({ status }) => status);
const documents = () =>
  rows<{ document: object }>(
    database.pool,
    `select document from profile order by document->'identityMap'->'CRMID'->0->>'id'`,
  );

describe('creating and changing', () => {
  test('a dataset is enabled for Profile as its schema is, unless said otherwise', async () => {
    expect((await create()).enabledForProfileAt).not.toBeNull();
    expect((await create({ isEnabledForProfile: false })).enabledForProfileAt).toBeNull();
    const [{ id } = { id: '' }] = await rows<{ id: string }>(
      database.pool,
      `select schema_id as id from xdm_schema where name = 'not enabled'`,
    );
    const kept = await create({ schemaId: id });
    expect(kept.enabledForProfileAt).toBeNull();
    await expect(create({ schemaId: id, isEnabledForProfile: true })).rejects.toMatchObject({
      details: [{ pointer: '/enabled_for_profile' }],
    });
    const options = { pool: database.pool, jobs: createJobs(), now };
    await expect(enableDataset(options, kept.datasetId)).rejects.toThrow(/Enable the schema first/);
  });

  test('a retention is for events only; labels are a set; names are taken once', async () => {
    const [one, two] = [
      await create({ labels: ['C2', 'C1', 'C2'] }),
      await createEvents({ retentionDays: 7 }),
    ];
    expect(one.labels).toEqual(['C1', 'C2']);
    await expect(create({ retentionDays: 7 })).rejects.toThrow(/Only event datasets/);
    await expect(changeDataset(database.pool, one.datasetId, { retentionDays: 7 })).rejects.toThrow(
      /Only event/,
    );
    expect(
      (await changeDataset(database.pool, two.datasetId, { retentionDays: null })).retentionDays,
    ).toBeNull();
    await expect(changeDataset(database.pool, one.datasetId, { name: two.name })).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});

test('of a dataset and the deletion of its schema at once, one wins and the other is told', async () => {
  const { pool } = database;
  const unused = () =>
    createSchema(
      pool,
      {
        name: `unused ${names++}`,
        classId: 'xdm.individual-profile',
        fieldGroupIds: [],
        identities: [],
        isEnabledForProfile: false,
      },
      now(),
    );
  const [gone, kept] = [await unused(), await unused()];
  const creating = await transaction(pool, async (trx) => {
    await deleteSchema(trx, gone.schemaId);
    const started = Promise.allSettled([create({ schemaId: gone.schemaId })]);
    await delay(200);
    return { started };
  });
  expect(await creating.started).toMatchObject([{ status: 'rejected', reason: { code: 'not_found' } }]);
  const removing = await transaction(pool, async (trx) => {
    await createDataset(trx, { name: `dataset ${names++}`, schemaId: kept.schemaId }, now());
    const started = Promise.allSettled([removeSchema(pool, kept.schemaId)]);
    await delay(200);
    return { started };
  });
  expect(await removing.started).toMatchObject([{ status: 'rejected', reason: { code: 'conflict' } }]);
});

describe('datasets that are not enabled for Profile', () => {
  test('records are checked as always and kept; no profile hears of them', async () => {
    const { datasetId } = await create({ isEnabledForProfile: false });
    const results = await ingest(datasetId, [person('1', 1), { personID: 2 }, person('3', 3)]);
    expect(statuses(results)).toEqual(['ingested', 'failed', 'ingested']);
    expect(results[0]).toMatchObject({ profileId: null });
    expect(await countProfiles(database.pool)).toBe(0);
    const { rows: previewed, shown } = await previewDataset(database.pool, datasetId);
    expect(shown).toBe('newest');
    expect(previewed.map(({ document }) => document.personID).sort()).toEqual(['1', '3']);
    const overview = (await readDatasetOverviews(database.pool, now(), datasetId)).get(datasetId);
    expect(overview).toMatchObject({ ingestedToday: 2, ingestedTotal: 2 });
  });

  test('promise 7: of one record id the newest is kept, in whatever order and company they come', async () => {
    const { datasetId } = await create({ isEnabledForProfile: false });
    const versions = [
      person('1', 1, '2026-01-01T00:00:00Z'),
      person('1', 2, '2026-01-02T00:00:00Z'),
      person('1', 3, '2026-01-03T00:00:00Z'),
      person('1', 4, '2026-01-03T00:00:00Z'),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(versions, { minLength: versions.length }),
        fc.integer({ min: 1, max: versions.length }),
        async (order, size) => {
          await database.pool.query('truncate dataset_record');
          for (let from = 0; from < order.length; from += size)
            await ingest(datasetId, order.slice(from, from + size));
          const kept = await rows<{ points: number }>(
            database.pool,
            `select (document->'loyalty'->'points')::int as points from dataset_record`,
          );
          expect(kept).toEqual([{ points: 4 }]);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('enabled later, they make the profiles that they would have made at once; stopped half-way, it goes on', async () => {
    const { datasetId } = await create({ isEnabledForProfile: false });
    const records = Array.from({ length: 200 }, (_, index) => person(`c${index}`, index));
    await ingest(datasetId, records);
    await ingest(datasetId, [person('c1', 1_000, '2026-02-01T00:00:00Z')]);
    await enableDataset({ pool: database.pool, jobs: createJobs(), now }, datasetId);
    // Beside the job: older than what is kept, newer than it, and of someone new.
    await ingest(datasetId, [
      person('c2', 1, '2025-01-01T00:00:00Z'),
      person('c3', 2_000, '2026-03-01T00:00:00Z'),
      person('d', 5),
    ]);
    await runJobs(10);
    const work = (await readDatasetOverviews(database.pool, now(), datasetId)).get(datasetId)?.work;
    expect(work).toMatchObject({ kind: enableDatasetKind });
    expect(work?.nextBucket).toBeGreaterThan(0);
    const halfway = await countProfiles(database.pool);
    expect(halfway).toBeGreaterThan(3);
    expect(halfway).toBeLessThan(201);
    await runJobs();
    expect(await rows(database.pool, 'select from dataset_record')).toEqual([]);
    const enabledLater = await documents();

    await database.pool.query('truncate profile, profile_fragment, identity cascade');
    const atOnce = await create();
    await ingest(atOnce.datasetId, [...records, person('c1', 1_000, '2026-02-01T00:00:00Z')]);
    await ingest(atOnce.datasetId, [
      person('c2', 1, '2025-01-01T00:00:00Z'),
      person('c3', 2_000, '2026-03-01T00:00:00Z'),
      person('d', 5),
    ]);
    expect(enabledLater).toEqual(await documents());
    expect(enabledLater).toHaveLength(201);
  }, 60_000);

  test('a record prepared before its dataset was enabled or given up follows what holds when it is written', async () => {
    const { datasetId, name } = await create({ isEnabledForProfile: false });
    const context = await datasets.open(database.pool, datasetId);
    const prepared = prepareRecord(context, person('1', 1), { receivedAt: now(), batchId: null });
    if (!prepared.ok) throw new Error('It fits its schema.');
    const apply = () =>
      transaction(database.pool, (trx) => applyBisecting(trx, [prepared.record], onChange, now()));
    const options = { pool: database.pool, jobs: createJobs(), now };
    await enableDataset(options, datasetId);
    expect(statuses(await apply())).toEqual(['ingested']);
    expect(await countProfiles(database.pool)).toBe(1);
    await beginDatasetDeletion(options, datasetId, name);
    expect(await apply()).toMatchObject([{ status: 'failed', errors: [{ keyword: 'dataset' }] }]);
    const afresh = new DatasetRegistry('US');
    await expect(afresh.open(database.pool, datasetId)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('preview', () => {
  test('shows the newest rows first, and says when it looked at a part only', async () => {
    const { datasetId } = await create();
    await ingest(datasetId, [person('1', 1), person('2', 2)]);
    clock = new Date(clock.getTime() + 1_000);
    await ingest(datasetId, [person('1', 3, '2026-02-01T00:00:00Z')]);
    const small = await previewDataset(database.pool, datasetId);
    expect(small.shown).toBe('newest');
    expect(small.rows.map(({ document }) => document.personID)).toEqual(['1', '2']);
    expect(small.rows[0]).toMatchObject({ recordId: '1', receivedAt: clock, batchId: null });
    await database.pool.query(
      `insert into profile_fragment (bucket, profile_id, dataset_id, namespace, value, origin_id, record_id, stamp,
         received_at, identities, document)
       select n % 4096, gen_random_uuid(), $1, 'CRMID', 'x' || n, gen_random_uuid(), 'x' || n, now(), now(), '[]', '{}'
       from generate_series(1, 12000) as n`,
      [datasetId],
    );
    const large = await previewDataset(database.pool, datasetId);
    expect(large).toMatchObject({ shown: 'sample' });
    expect(large.rows).toHaveLength(100);
  });

  test('shows the latest events', async () => {
    const { datasetId } = await createEvents();
    const at = (day: number) => new Date(clock.getTime() - day * dayMs);
    await ingest(datasetId, [event('b', at(2)), event('a', at(1)), event('c', at(3))]);
    const { rows: previewed } = await previewDataset(database.pool, datasetId);
    expect(previewed.map(({ recordId }) => recordId)).toEqual(['a', 'b', 'c']);
  });
});

test('promise 7: a record from a clock far ahead is refused; it would win against every later one', async () => {
  const { datasetId } = await create();
  const at = (days: number) => new Date(clock.getTime() + days * dayMs).toISOString();
  const results = await ingest(datasetId, [person('1', 1, at(0.9)), person('2', 2, at(1.1))]);
  expect(statuses(results)).toEqual(['ingested', 'failed']);
  expect(results[1]).toMatchObject({
    errors: [{ pointer: '/extSourceSystemAudit/lastUpdatedDate', keyword: 'future' }],
  });
});

describe('events', () => {
  const stored = () =>
    rows<{ id: string; type: string; partition: string }>(
      database.pool,
      `select event_id as id, document->>'eventType' as type, tableoid::regclass::text as partition
       from profile_event order by event_id, at`,
    );

  test('promise 7: out of order, repeated, in any company, the same events are stored', async () => {
    const { datasetId } = await createEvents();
    const base = Date.UTC(2026, 0, 15);
    const events = Array.from({ length: 8 }, (_, index) =>
      event(`e${index % 6}`, new Date(base + (index % 6) * 40 * dayMs), String(index % 2), index),
    );
    clock = new Date(base + 365 * dayMs);
    let expected: unknown;
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...events, ...events], { minLength: 2 * events.length }),
        fc.integer({ min: 1, max: 2 * events.length }),
        async (order, size) => {
          await database.pool.query('truncate profile, profile_fragment, profile_event, identity cascade');
          for (let from = 0; from < order.length; from += size)
            await ingest(datasetId, order.slice(from, from + size));
          expected ??= await stored();
          expect(await stored()).toEqual(expected);
          expect(await countProfiles(database.pool)).toBe(2);
        },
      ),
      { numRuns: 15 },
    );
    expect(expected).toHaveLength(6);
  });

  test('one past its retention, or more than a day ahead, is refused with a reason; its neighbours are not', async () => {
    const { datasetId } = await createEvents({ retentionDays: 30 });
    const at = (days: number) => new Date(clock.getTime() + days * dayMs);
    const results = await ingest(datasetId, [
      event('late', at(-31)),
      event('old', at(-29)),
      event('soon', at(0.9)),
      event('never', at(1.1)),
    ]);
    expect(statuses(results)).toEqual(['failed', 'ingested', 'ingested', 'failed']);
    expect(results[0]).toMatchObject({ errors: [{ pointer: '/timestamp', keyword: 'expired' }] });
    expect(results[3]).toMatchObject({ errors: [{ pointer: '/timestamp', keyword: 'future' }] });
  });

  test('lie in the partition of their month, those of long ago in the default one', async () => {
    clock = new Date('2026-11-10T12:00:00Z');
    const { datasetId } = await createEvents();
    await ingest(datasetId, [event('before', new Date('2026-10-31T23:59:59Z'))]);
    await maintainPartitions(database.pool, clock);
    await ingest(datasetId, [
      event('month', new Date('2026-11-01T00:00:00Z')),
      event('old', new Date('2020-01-01T00:00:00Z')),
    ]);
    expect(await stored()).toMatchObject([
      { id: 'before', partition: 'profile_event_202610' },
      { id: 'month', partition: 'profile_event_202611' },
      { id: 'old', partition: 'profile_event_default' },
    ]);
  });

  test('past their retention they are deleted, of their dataset only, and what they linked stays', async () => {
    clock = new Date('2026-11-10T12:00:00Z');
    const short = await createEvents({ retentionDays: 400 });
    const kept = await createEvents({ retentionDays: 400, isEnabledForProfile: false });
    const long = await createEvents();
    await maintainPartitions(database.pool, clock);
    const months = ['2025-11-01', '2026-02-01', '2026-09-01'].map((day) => new Date(`${day}T00:00:00Z`));
    const who = { CRMID: [{ id: '1', primary: true }], Email: [{ id: 'one@example.com' }] };
    const linking = months.map((at, index) => ({ ...event(`s${index}`, at), identityMap: who }));
    await ingest(short.datasetId, linking);
    await ingest(kept.datasetId, linking);
    await ingest(long.datasetId, [event('l0', months[0] ?? clock)]);
    await changeDataset(database.pool, short.datasetId, { retentionDays: 100 });
    await changeDataset(database.pool, kept.datasetId, { retentionDays: 100 });
    await maintainPartitions(database.pool, clock);
    const expire = () =>
      expireEvents({
        pool: database.pool,
        onExpired: async () => undefined,
        onCommit: () => undefined,
        now,
        signal: never,
      });
    expect(await expire()).toBe(4);
    expect((await stored()).map(({ id }) => id)).toEqual(['l0', 's2']);
    expect(await rows(database.pool, 'select record_id as id from dataset_record')).toEqual([{ id: 's2' }]);
    expect((await documents())[0]).toMatchObject({
      document: { identityMap: { CRMID: [{ id: '1' }], Email: [{ id: 'one@example.com' }] } },
    });

    // No dataset keeps events for ever now: whole partitions go once they are empty.
    await changeDataset(database.pool, long.datasetId, { retentionDays: 200 });
    expect(await expire()).toBe(1);
    await maintainPartitions(database.pool, clock);
    expect((await stored()).map(({ id }) => id)).toEqual(['s2']);
    const [oldest] = await rows<{ name: string }>(
      database.pool,
      `select inhrelid::regclass::text as name from pg_inherits
       where inhparent = 'profile_event'::regclass order by 1`,
    );
    expect(oldest?.name).toBe('profile_event_202604');
  });
});
