import { randomBytes, randomUUID } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readBatchErrors } from '../store/batch-errors.ts';
import { type BatchRow, failCheck, passCheck } from '../store/batches.ts';
import { rows, type Trx, transaction } from '../store/database.ts';
import { countProfiles } from '../store/profiles.ts';
import { BatchFiles } from './batch-files.ts';
import { Batches, type NewBatch } from './batches.ts';
import { DatasetRegistry } from './dataset-registry.ts';
import { loadBatch } from './load-batch.ts';

let database: TestDatabase;
let dataDir: string;
let importDir: string;
let datasetId: string;
const now = () => new Date();

beforeAll(async () => {
  database = await createDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'headrace-batches-'));
  importDir = join(dataDir, 'import');
  await mkdir(importDir);
  const schemaId = randomUUID();
  datasetId = randomUUID();
  await database.pool.query(
    `insert into xdm_schema (schema_id, name, class_id, field_group_ids, identities, created_at, enabled_for_profile_at)
     values ($1, 'people', 'xdm.individual-profile', $2, $3, now(), now())`,
    [
      schemaId,
      ['xdm.demographic-details', 'xdm.personal-contact-details', 'xdm.loyalty-details'],
      JSON.stringify([
        { path: 'personID', namespace: 'CRMID', primary: true },
        { path: 'personalEmail.address', namespace: 'Email', primary: false },
      ]),
    ],
  );
  await database.pool.query(
    `insert into dataset (dataset_id, name, schema_id, created_at, enabled_for_profile_at)
     values ($1, 'people', $2, now(), now())`,
    [datasetId, schemaId],
  );
  await database.pool.query(
    `insert into identity_namespace values ('CRMID', 'Customer', 'CROSS_DEVICE', now())`,
  );
});
afterAll(async () => {
  await database.drop();
  await rm(dataDir, { recursive: true });
});
beforeEach(async () => {
  await database.pool.query('truncate profile, profile_fragment, identity, batch cascade');
});

const options = () => ({
  pool: database.pool,
  datasets: new DatasetRegistry('US'),
  files: new BatchFiles(dataDir, [importDir]),
  onChange: async () => undefined,
  onCommit: () => undefined,
  now,
  onError: (error: unknown) => {
    throw error;
  },
});
const batches = () => new Batches(options());
const mapping = { columns: { id: 'personID', points: 'loyalty.points' } };
const csv: NewBatch = { datasetId: '', fileName: 'people.csv', mapping };
const ndjson: NewBatch = { datasetId: '', fileName: 'people.ndjson', format: 'ndjson' };
const announce = (batch: NewBatch) => batches().create({ ...batch, datasetId });

async function receive(batch: NewBatch, content: string | Buffer, force = false) {
  const { batchId } = await announce(batch);
  return batches().receiveFile(batchId, Readable.from([Buffer.from(content)]), { force });
}
async function load(batch: BatchRow): Promise<BatchRow> {
  await loadBatch({ ...options(), signal: new AbortController().signal }, batch);
  return batches().get(batch.batchId);
}
/** Loads until so many chunks are committed, then stops as a server that ends does. */
async function loadChunks(batch: BatchRow, count: number, onStop = async () => undefined as unknown) {
  const controller = new AbortController();
  let chunks = 0;
  const onCommit = () => {
    chunks += 1;
    if (chunks === count) controller.abort();
  };
  await loadBatch({ ...options(), onCommit, signal: controller.signal }, batch);
  await onStop();
  return batches().get(batch.batchId);
}
const errorsOf = ({ batchId }: BatchRow) =>
  readBatchErrors(database.pool, batchId, { rowNumber: 0, ordinal: 0 }, 1_000);

const line = (id: number, points: unknown = id) => `${id},${points}\n`;
const csvOf = (count: number, pointsOf: (id: number) => unknown = (id) => id) =>
  `id,points\n${Array.from({ length: count }, (_, id) => line(id, pointsOf(id))).join('')}`;
const jsonOf = (count: number) =>
  Array.from({ length: count }, (_, id) => `{"personID":"${id}","loyalty":{"points":${id}}}\n`).join('');

describe('formats', () => {
  const forms: readonly (readonly [name: string, batch: NewBatch, content: string | Buffer])[] = [
    ['CSV', csv, csvOf(1_700)],
    ['CSV packed by gzip', csv, gzipSync(csvOf(1_700))],
    [
      'gzip of several members',
      csv,
      Buffer.concat([csvOf(900), csvOf(1_700).slice(csvOf(900).length)].map((part) => gzipSync(part))),
    ],
    ['JSON lines', ndjson, jsonOf(1_700)],
    ['JSON lines packed by gzip', ndjson, gzipSync(jsonOf(1_700))],
  ];
  test.each(forms)(
    'promise 1: %s, stopped and gone on with, brings every row once',
    async (_, form, content) => {
      const { batch } = await receive(form, content);
      const half = await loadChunks(batch, 2);
      expect(half).toMatchObject({ status: 'processing', rowsRead: 1_000, rowsIngested: 1_000 });
      expect(half.bytesRead).toBeGreaterThan(0);
      expect(await load(half)).toMatchObject({
        status: 'success',
        rowsRead: 1_700,
        rowsIngested: 1_700,
        rowsFailed: 0,
        bytesRead: Buffer.byteLength(content),
      });
      expect(await countProfiles(database.pool)).toBe(1_700);
    },
  );

  test('a checkpoint in the middle of quoted cells over several lines is where a row begins', async () => {
    const content = `id,points,note\n${Array.from({ length: 1_200 }, (_, id) => `${id},${id},"é\n""${id}"""\n`).join('')}`;
    const { batch } = await receive(csv, content);
    expect(await load(await loadChunks(batch, 1))).toMatchObject({ rowsRead: 1_200, rowsIngested: 1_200 });
  });

  test('a header may span lines, and readings', async () => {
    const wide = `"note\n${'x'.repeat(100_000)}"`;
    const { batch } = await receive(csv, `id,points,${wide}\n1,1,\n2,2,\n`);
    expect(await load(batch)).toMatchObject({ status: 'success', rowsIngested: 2, error: null });
  });

  test('a packed file of several reads is read whole, although its header was read first', async () => {
    const note = () => randomBytes(300).toString('base64');
    const content = `id,points,note\n${Array.from({ length: 2_400 }, (_, id) => `${id},${id},${note()}\n`).join('')}`;
    const packed = gzipSync(content);
    expect(packed.length).toBeGreaterThan(512 * 1024);
    const { batch } = await receive(csv, packed);
    const half = await loadChunks(batch, 2);
    expect(half.bytesRead).toBeLessThanOrEqual(packed.length);
    expect(await load(half)).toMatchObject({ status: 'success', rowsIngested: 2_400, error: null });
  });

  test.each([';', '\t', '|'])('cells divided by %j are found without being told', async (delimiter) => {
    const { batch } = await receive(csv, csvOf(3).replaceAll(',', delimiter));
    expect(await load(batch)).toMatchObject({ status: 'success', rowsIngested: 3 });
  });

  test('bad lines of JSON are named by line, and not repeated', async () => {
    const bad = ['{"personID":"2"', '[1]', '{"personID":"3","loyalty":{"points":"many"}}', '"x"', 'null'];
    const { batch } = await receive(ndjson, `${jsonOf(1)}${bad.join('\n')}\n${jsonOf(2).split('\n')[1]}`);
    const loaded = await load(batch);
    expect(loaded).toMatchObject({ status: 'success', rowsRead: 7, rowsIngested: 2, rowsFailed: 5 });
    const errors = await errorsOf(loaded);
    expect(errors.map(({ rowNumber, keyword }) => [rowNumber, keyword])).toEqual([
      [2, 'json'],
      [3, 'type'],
      [4, 'type'],
      [5, 'type'],
      [6, 'type'],
    ]);
    expect(JSON.stringify(errors)).not.toContain('many');
  });

  test('a row is ingested without an identity that is none, and says so', async () => {
    const row = { personID: '1', personalEmail: { address: 'nobody at home' }, loyalty: { points: 1 } };
    const { batch } = await receive(ndjson, `${JSON.stringify(row)}\n${jsonOf(1)}`);
    const loaded = await load(batch);
    expect(loaded).toMatchObject({ status: 'success', rowsIngested: 2, rowsFailed: 0, rowsWarned: 1 });
    const warnings = await errorsOf(loaded);
    expect(warnings).toMatchObject([
      { rowNumber: 1, severity: 'warning', pointer: '/personalEmail/address', keyword: 'invalid_email' },
    ]);
    expect(JSON.stringify(warnings)).not.toContain('nobody');
  });

  test('JSON lines with a mapping, CSV without one or with two, are refused', async () => {
    await expect(announce({ ...ndjson, mapping })).rejects.toThrow(/take no mapping/);
    await expect(announce({ ...csv, mapping: undefined })).rejects.toThrow(/needs a mapping/);
    await expect(announce({ ...csv, mappingId: randomUUID() })).rejects.toThrow(/not both/);
    await expect(announce({ ...csv, mapping: undefined, mappingId: randomUUID() })).rejects.toThrow(
      /no mapping of this dataset/,
    );
  });
});

describe('the same content', () => {
  test('is recognised, packed or not, and loaded again only when forced', async () => {
    const first = await receive(csv, csvOf(3));
    await load(first.batch);
    const packed = await receive(csv, gzipSync(csvOf(3)));
    expect(packed).toMatchObject({ duplicate: true, batch: { batchId: first.batch.batchId } });
    expect((await receive(csv, csvOf(3), true)).duplicate).toBe(false);
    expect((await receive(csv, csvOf(4))).duplicate).toBe(false);
  });

  test('of a batch that failed or was aborted is loaded', async () => {
    const { batch } = await receive(csv, csvOf(3));
    await batches().abort(batch.batchId);
    const again = await receive(csv, csvOf(3));
    expect(again.duplicate).toBe(false);
    expect(await load(again.batch)).toMatchObject({ status: 'success', rowsIngested: 3 });
  });
});

test('a file of which not one row could be ingested is no success, and is loaded again once it can be', async () => {
  const none = csvOf(700, () => 'many');
  const { batch } = await receive(csv, none);
  expect(await load(batch)).toMatchObject({
    status: 'failed',
    rowsRead: 700,
    rowsFailed: 700,
    error: expect.stringContaining('None of the 700 rows'),
  });
  expect((await receive(csv, none)).duplicate).toBe(false);
  const { batch: empty } = await receive(csv, 'id,points\n');
  expect(await load(empty)).toMatchObject({ status: 'success', rowsRead: 0 });
});

test('a mapping with which every row would be refused is refused itself', async () => {
  const anonymous = { columns: { points: 'loyalty.points' } };
  await expect(announce({ ...csv, mapping: anonymous })).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('"personID"'),
    details: [{ pointer: '/mapping/columns', keyword: 'primaryIdentity' }],
  });
});

describe('an error threshold', () => {
  const twoOfTen = csvOf(10, (id) => (id % 5 === 0 ? 'none' : id));

  test('that is exceeded leaves nothing written, and every bad row named', async () => {
    const { batch } = await receive({ ...csv, errorThresholdPercent: 19 }, twoOfTen);
    const failed = await load(batch);
    expect(failed).toMatchObject({ status: 'failed', rowsRead: 10, rowsIngested: 0, rowsFailed: 2 });
    expect(failed.error).toMatch(/2 of 10 rows were refused, more than the 19 %/);
    expect((await errorsOf(failed)).map(({ rowNumber }) => rowNumber)).toEqual([2, 7]);
    expect(await countProfiles(database.pool)).toBe(0);
  });

  test('that is kept loads the good rows and names the bad ones once', async () => {
    const { batch } = await receive({ ...csv, errorThresholdPercent: 20 }, twoOfTen);
    const loaded = await load(batch);
    expect(loaded).toMatchObject({ status: 'success', rowsChecked: 10, rowsIngested: 8, rowsFailed: 2 });
    expect(loaded.checkedAt).not.toBeNull();
    expect(await errorsOf(loaded)).toHaveLength(2);
  });

  test('is judged once: a second server at the end of its check leaves alone what loading wrote down', async () => {
    const content = csvOf(700, (id) => (id % 5 === 0 ? 'none' : id));
    const { batch } = await receive({ ...csv, errorThresholdPercent: 20 }, content);
    const half = await loadChunks(batch, 1);
    expect(half).toMatchObject({ status: 'processing', rowsFailed: 100 });
    const end = { rowsFailed: 140, error: '', at: now() };
    for (const judge of [passCheck, (trx: Trx, id: string) => failCheck(trx, id, end)])
      expect(await transaction(database.pool, (trx) => judge(trx, batch.batchId, now()))).toBe(false);
    expect(await errorsOf(half)).toHaveLength(100);
    expect(await load(half)).toMatchObject({ status: 'success', rowsFailed: 140 });
  });

  test('is judged over the whole file, also when the check was stopped half-way', async () => {
    const content = csvOf(2_000, (id) => (id < 30 ? 'none' : id));
    const { batch } = await receive({ ...csv, errorThresholdPercent: 2 }, content);
    const controller = new AbortController();
    const stopping = { ...options(), signal: controller.signal };
    const dropped = loadBatch(stopping, batch);
    controller.abort();
    await dropped;
    expect(await load(await batches().get(batch.batchId))).toMatchObject({
      status: 'success',
      rowsIngested: 1_970,
      rowsFailed: 30,
    });
  });
});

describe('abort', () => {
  test('of a batch that is being loaded stops it at once; what was ingested stays', async () => {
    const { batch } = await receive(csv, csvOf(20_000));
    const controller = new AbortController();
    const loading = loadBatch({ ...options(), signal: controller.signal }, batch);
    while ((await batches().get(batch.batchId)).rowsRead < 1_000) await delay(5);
    const aborted = await batches().abort(batch.batchId);
    await loading;
    const after = await batches().get(batch.batchId);
    expect(after).toEqual(aborted);
    expect(after.status).toBe('aborted');
    expect(after.rowsIngested).toBeLessThan(20_000);
    expect(await countProfiles(database.pool)).toBe(after.rowsIngested);
  });

  test('of a batch that waits for its file or its turn ends it; twice is once; a loaded one refuses', async () => {
    const { batchId } = await announce(csv);
    expect(await batches().abort(batchId)).toMatchObject({ status: 'aborted' });
    expect(await batches().abort(batchId)).toMatchObject({ status: 'aborted' });
    const late = batches().receiveFile(batchId, Readable.from([csvOf(1)]), { force: false });
    await expect(late).rejects.toThrow(/it is aborted/);
    const { batch } = await receive(csv, csvOf(2));
    await batches().abort(batch.batchId);
    expect(await load(batch)).toMatchObject({ status: 'aborted', rowsIngested: 0 });
    const done = await load((await receive(csv, csvOf(3))).batch);
    await expect(batches().abort(done.batchId)).rejects.toThrow(/it is success/);
  });
});

describe('files of allowed folders', () => {
  const take = async (path: string, force = false) => {
    const { batchId } = await announce(csv);
    return batches().importFile(batchId, path, { force, signal: new AbortController().signal });
  };
  const put = async (content: string | Buffer) => {
    const path = join(importDir, `${randomUUID()}.csv`);
    await writeFile(path, content);
    return path;
  };

  test('are loaded where they lie, and recognised', async () => {
    const path = await put(gzipSync(csvOf(1_200)));
    const { batch } = await take(path);
    expect(batch).toMatchObject({ sourcePath: path, compression: 'gzip' });
    expect(await load(await loadChunks(batch, 1))).toMatchObject({ status: 'success', rowsIngested: 1_200 });
    expect(await take(path)).toMatchObject({ duplicate: true });
    expect(await readdir(importDir)).toContain(path.slice(importDir.length + 1));
  });

  test.each<[string, (path: string) => Promise<unknown>]>([
    ['grew', (path) => appendFile(path, line(7))],
    ['was replaced', async (path) => rm(path).then(() => writeFile(path, csvOf(1_200)))],
    ['was touched', (path) => utimes(path, new Date(), new Date())],
  ])(
    'a file that %s after it was taken fails its batch, and says that rows read before stay',
    async (_, change) => {
      const path = await put(csvOf(1_200));
      const { batch } = await take(path);
      const half = await loadChunks(batch, 1, () => change(path));
      expect(await load(half)).toMatchObject({
        status: 'failed',
        rowsIngested: 500,
        error: expect.stringMatching(/changed after it was taken. Rows read before are kept/),
      });
    },
  );

  test('a file that is gone fails its batch', async () => {
    const path = await put(csvOf(3));
    const { batch } = await take(path);
    await rm(path);
    expect(await load(batch)).toMatchObject({ status: 'failed', error: expect.stringMatching(/no file/) });
  });

  test('what lies outside is refused in the same words, whether it exists or not', async () => {
    const secret = join(dataDir, 'secret.csv');
    await writeFile(secret, csvOf(1));
    const [link, folderLink] = [join(importDir, 'link.csv'), join(importDir, 'folder')];
    await symlink(secret, link);
    await symlink(dataDir, folderLink);
    const paths = [
      secret,
      join(dataDir, 'nothing.csv'),
      `${importDir}/../secret.csv`,
      link,
      join(folderLink, 'secret.csv'),
      `${importDir}-2/people.csv`,
      importDir,
    ];
    for (const path of paths) await expect(take(path)).rejects.toThrow(/lies in none of the folders/);
    await expect(take('people.csv')).rejects.toThrow(/absolute/);
    await expect(take(join(importDir, 'nothing.csv'))).rejects.toThrow(/no file with this path/);
    await mkdir(join(importDir, 'sub'));
    await expect(take(join(importDir, 'sub'))).rejects.toThrow(/no regular file/);
    expect(await rows(database.pool, `select 1 from batch where status <> 'loading'`)).toEqual([]);
  });

  test('are not read by a server that allows no folder', async () => {
    const { batchId } = await announce(csv);
    const closed = new Batches({ ...options(), files: new BatchFiles(dataDir) });
    const signal = new AbortController().signal;
    await expect(closed.importFile(batchId, '/etc/hosts', { force: false, signal })).rejects.toThrow(
      /imports no files by path/,
    );
  });
});

test('uploads of batches that came to their end, and what a crash left, are cleared up', async () => {
  const { batch } = await receive(csv, csvOf(3));
  const ended = await receive(csv, csvOf(4));
  const { batchId: awaited } = await announce(csv);
  await batches().abort(ended.batch.batchId);
  await options().files.receive(awaited, Readable.from([Buffer.from(csvOf(5))]), 'csv');
  const old = join(dataDir, 'uploads', `${randomUUID()}.upload.${randomUUID()}.partial`);
  await writeFile(old, 'x');
  await utimes(old, 1, 1);
  const controller = new AbortController();
  const running = batches().run(controller.signal);
  while ((await readdir(join(dataDir, 'uploads'))).length > 1) await delay(10);
  controller.abort();
  await running;
  expect(await batches().get(batch.batchId)).toMatchObject({ status: 'success', rowsIngested: 3 });
  expect(await readdir(join(dataDir, 'uploads'))).toEqual([`${awaited}.upload`]);
});
