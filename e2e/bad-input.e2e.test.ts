import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { makeDataDir, type TestDataDir } from '@headrace/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCustomers, finishedBatch, type RunningServer, readRefusal, startServer } from './headrace.ts';

/** What people and attackers send, to the real server over HTTP: refused clearly, nothing half-applied. */
let dataDir: TestDataDir;
let server: RunningServer;
let datasetId: string;

beforeAll(async () => {
  dataDir = await makeDataDir();
  server = await startServer(dataDir.path);
  datasetId = await createCustomers(server);
});
afterAll(async () => {
  await server.process.stop();
  await dataDir.remove();
});

const mapping = {
  columns: {
    id: 'personID',
    email: 'personalEmail.address',
    born: 'person.birthDate',
    points: 'loyalty.points',
  },
};
const header = 'id,email,born,points\n';
const goodRow = 'good,good@example.com,1980-12-25,7\n';
const mb = 1024 * 1024;

async function send(method: string, path: string, contentType: string | undefined, body: Buffer | string) {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${server.token}`,
      ...(contentType !== undefined && { 'content-type': contentType }),
    },
    body: typeof body === 'string' ? Buffer.from(body) : body,
  });
  return { status: response.status, text: await response.text() };
}

const announce = (format: 'csv' | 'ndjson') =>
  server.api<{ batch_id: string }>('POST', '/batches', {
    dataset_id: datasetId,
    file_name: 'file',
    format,
    ...(format === 'csv' && { mapping }),
  });
const types = { csv: 'text/csv', ndjson: 'application/x-ndjson' };
async function upload(format: 'csv' | 'ndjson', content: Buffer | string, contentType = types[format]) {
  const { batch_id } = await announce(format);
  return { batch_id, ...(await send('PUT', `/batches/${batch_id}/file?force=true`, contentType, content)) };
}
type Errors = { items: { row: number; pointer: string; keyword: string; message: string }[] };
async function load(format: 'csv' | 'ndjson', content: Buffer | string) {
  const { batch_id, status, text } = await upload(format, content);
  if (status !== 202) throw new Error(text);
  const batch = await finishedBatch(server, batch_id);
  const { items } = await server.api<Errors>('GET', `/batches/${batch_id}/errors?limit=1000`);
  return { batch: batch as typeof batch & { error: string | null }, errors: items };
}
const countProfiles = async () => (await server.api<{ count: number }>('GET', '/profiles/count')).count;

/** Largest resident memory of the server so far, in MB; Linux only. */
async function peakMb(): Promise<number> {
  const status = await readFile(`/proc/${server.process.pid}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

const member = gzipSync(Buffer.alloc(64 * mb, 'a'));
const packed = gzipSync(header + goodRow.repeat(5_000));
const damaged = Buffer.from(packed);
damaged.fill(0x55, 200, 240);

describe('files that are refused when they are sent; the batch waits for a better one', () => {
  test.each<[string, 'csv' | 'ndjson', Buffer | string, RegExp]>([
    ['UTF-16 with a mark', 'csv', Buffer.from(`\uFEFF${header}${goodRow}`, 'utf16le'), /looks like UTF-16/],
    ['UTF-16 without one', 'csv', Buffer.from(header + goodRow, 'utf16le'), /looks like UTF-16/],
    [
      'UTF-16, high byte first',
      'csv',
      Buffer.from(header + goodRow, 'utf16le').swap16(),
      /looks like UTF-16/,
    ],
    [
      'Latin-1',
      'csv',
      Buffer.from(`${header}1,jos\u00e9@example.com,,\n`, 'latin1'),
      /byte 27 is wrong. It may be Latin-1/,
    ],
    [
      'Latin-1 far behind',
      'csv',
      Buffer.from(`${header}${goodRow.repeat(9_000)}\u00e9`, 'latin1'),
      /byte 315022 is wrong/,
    ],
    ['Latin-1 packed', 'csv', gzipSync(Buffer.from(`${header}\u00e9`, 'latin1')), /not UTF-8/],
    ['Excel', 'csv', Buffer.from('PK\u0003\u0004 and so on'), /Excel workbook/],
    ['Parquet', 'csv', Buffer.from('PAR1 and so on'), /Parquet/],
    ['nothing', 'csv', '', /empty/],
    ['a byte order mark alone', 'csv', '\uFEFF', /empty/],
    ['nothing but line feeds', 'ndjson', '\n\n\n', /empty/],
    ['nothing, packed', 'csv', gzipSync(''), /empty/],
    ['carriage returns alone', 'csv', (header + goodRow).replaceAll('\n', '\r'), /carriage return alone/],
    ['JSON for CSV', 'csv', '{"personID":"1"}\n', /begins with a JSON object/],
    ['a list for JSON lines', 'ndjson', '[{"personID":"1"}]\n', /begins with a list/],
    ['gzip that is cut off', 'csv', packed.subarray(0, packed.length - 30), /cut off/],
    ['gzip that is damaged', 'csv', damaged, /damaged/],
    ['gzip with something behind it', 'csv', Buffer.concat([packed, Buffer.from('more')]), /damaged/],
    ['gzip packed again', 'csv', gzipSync(packed), /packed by gzip twice/],
    ['a gzip bomb of 2.5 GB', 'csv', Buffer.concat(Array(40).fill(member)), /more than 200 times/],
  ])('%s', async (_, format, content, message) => {
    const { batch_id, status, text } = await upload(format, content);
    expect(readRefusal(status, text)).toMatchObject({ status: 400, code: 'invalid_input' });
    expect(readRefusal(status, text).message).toMatch(message);
    expect(await server.api('GET', `/batches/${batch_id}`)).toMatchObject({
      status: 'loading',
      rows_read: 0,
    });
    const good = format === 'csv' ? header : '{"personID":"n-1"}';
    expect((await send('PUT', `/batches/${batch_id}/file?force=true`, types[format], good)).status).toBe(202);
  });

  test.each<[string, 'csv' | 'ndjson', string]>([
    ['JSON', 'csv', 'application/json'],
    ['plain text', 'csv', 'text/plain'],
    ['a form', 'csv', 'multipart/form-data; boundary=x'],
    ['CSV in Latin-1', 'csv', 'text/csv; charset=iso-8859-1'],
    ['JSON lines for CSV', 'csv', 'application/x-ndjson'],
    ['CSV for JSON lines', 'ndjson', 'text/csv'],
  ])('by what they are called: %s', async (_, format, contentType) => {
    const { status, text } = await upload(format, header, contentType);
    expect(readRefusal(status, text)).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  });

  test('bombs cost no memory', async () => {
    expect(await peakMb()).toBeLessThan(400);
  });
});

describe('files that fail as a whole', () => {
  test.each<[string, Buffer | string, RegExp]>([
    ['a column is missing', 'id,mail,born,points\n1,,,\n', /no column "email"/],
    ['a mapped column stands there twice', 'id,email,born,points,id\n1,,,,2\n', /column "id" twice/],
    ['the header is longer than 1 MB', `id,${'x'.repeat(2 * mb)}\n1,2\n`, /header line cannot be read/],
    ['64 MB without an end of line', gzipSync(Buffer.alloc(64 * mb, 'a')), /header line cannot be read/],
    ['the header has an open quote', `id,"email,born,points\n${goodRow}`, /header line cannot be read/],
  ])('%s', async (_, content, message) => {
    const before = await countProfiles();
    const { batch } = await load('csv', content);
    expect(batch).toMatchObject({ status: 'failed', rows_read: 0, error: expect.stringMatching(message) });
    expect(await countProfiles()).toBe(before);
  });
});

describe('promise 11: rows that fail alone', () => {
  const first = { row: 2 };
  test.each<[string, string, object]>([
    ['too few cells', 'a,b\n', { ...first, keyword: 'columns' }],
    ['too many cells', 'a,b@example.com,,,,,\n', { ...first, keyword: 'columns' }],
    ['an open quote', 'a,"b@example.com,,\n', { ...first, keyword: 'csv' }],
    ['a quote in the middle', 'a,b"c"@example.com,,\n', { ...first, keyword: 'csv' }],
    ['a cell of 10 MB', `a,${'x'.repeat(10 * mb)},,\n`, { ...first, keyword: 'csv' }],
    ['a cell of 100 KB', `a,${'x'.repeat(100_000)},,\n`, { ...first, keyword: 'maxLength' }],
    ['a NUL', 'a,b\0@example.com,,\n', { ...first, pointer: '/personalEmail/address', keyword: 'unicode' }],
    ['a day as Excel counts', 'a,,29580,\n', { ...first, pointer: '/person/birthDate', keyword: 'format' }],
    ['a day of no year', 'a,,1980-02-30,\n', { ...first, pointer: '/person/birthDate', keyword: 'format' }],
    ['a decimal comma', 'a,,,"1,5"\n', { ...first, pointer: '/loyalty/points', keyword: 'type' }],
    ['no number', 'a,,,1e999\n', { ...first, pointer: '/loyalty/points', keyword: 'type' }],
    [
      'no primary identity',
      ',b@example.com,,\n',
      { ...first, pointer: '/personID', keyword: 'primaryIdentity' },
    ],
  ])('%s', async (_, row, error) => {
    const { batch, errors } = await load('csv', header + row + goodRow);
    expect(batch).toMatchObject({ status: 'success', rows_read: 2, rows_ingested: 1, rows_failed: 1 });
    expect(errors).toMatchObject([error]);
  });

  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  test.each<[string, string, string, string]>([
    ['depth', `{"personID":"a","loyalty":{"loyaltyID":${deep}}}`, '', 'maxDepth'],
    ['a prototype key', '{"personID":"a","__proto__":{"x":"y"}}', '/__proto__', 'unsafeKey'],
    ['a constructor', '{"personID":"a","constructor":{"prototype":"y"}}', '/constructor', 'unsafeKey'],
    ['a NUL', '{"personID":"a\\u0000"}', '/personID', 'unicode'],
    ['half a character', '{"personID":"a\\ud800"}', '/personID', 'unicode'],
    ['an unknown field', '{"personID":"a","shoe_size":41}', '/shoe_size', 'additionalProperties'],
    ['null', '{"personID":null}', '/personID', 'null'],
    [
      'many values',
      `{"personID":"a","loyalty":{"loyaltyID":[${'"x",'.repeat(20_000)}"x"]}}`,
      '',
      'maxValues',
    ],
    ['no JSON', '{"personID":"a"', '', 'json'],
    ['two on a line', '{"personID":"a"}{"personID":"b"}', '', 'json'],
  ])('of JSON lines: %s', async (_, line, pointer, keyword) => {
    const { batch, errors } = await load('ndjson', `${line}\n{"personID":"good"}\n`);
    expect(batch).toMatchObject({ status: 'success', rows_read: 2, rows_ingested: 1, rows_failed: 1 });
    expect(errors[0]).toMatchObject({ row: 1, keyword });
    if (pointer !== '') expect(errors[0]?.pointer).toBe(pointer);
  });

  test('100,000 columns, unmapped but four, are read', async () => {
    const more = Array.from({ length: 100_000 }, (_, index) => `c${index}`).join(',');
    const cells = ','.repeat(100_000);
    const { batch } = await load('csv', `id,email,born,points,${more}\nwide,w@example.com,,${cells}\n`);
    expect(batch).toMatchObject({ status: 'success', rows_ingested: 1 });
  });

  test('a header and no row is a file of no rows; a mark and CRLF are taken', async () => {
    expect((await load('csv', header)).batch).toMatchObject({ status: 'success', rows_read: 0 });
    const windows = `\uFEFF${header}${goodRow}`.replaceAll('\n', '\r\n');
    expect((await load('csv', windows)).batch).toMatchObject({ status: 'success', rows_ingested: 1 });
  });

  test('all of them can be downloaded', async () => {
    const bad = Array.from({ length: 2_500 }, () => 'a,,none,none\n').join('');
    const { batch } = await load('csv', header + bad);
    const download = async (format: string) => {
      const response = await fetch(
        `${server.url}/api/v1/batches/${batch.batch_id}/errors/download?format=${format}`,
        { headers: { authorization: `Bearer ${server.token}` } },
      );
      expect(response.headers.get('content-disposition')).toContain(`errors.${format}`);
      return (await response.text()).trimEnd().split(/\r?\n/);
    };
    const lines = (await download('ndjson')).map((line) => JSON.parse(line));
    expect(lines).toHaveLength(5_000);
    expect(lines.at(-1)).toMatchObject({ row: 2_501, pointer: '/loyalty/points', keyword: 'type' });
    const table = await download('csv');
    expect(table).toHaveLength(5_001);
    expect(table[1]).toMatch(/^2,error,\/person\/birthDate,format,"Column ""born"": expected/);
  });
});

describe('streamed records', () => {
  const post = (body: Buffer | string, contentType: string | undefined = 'application/json') =>
    send('POST', `/datasets/${datasetId}/records`, contentType, body);
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

  test.each<[string, Buffer | string, number, RegExp]>([
    ['Latin-1', Buffer.from('{"personID":"jos\u00e9"}', 'latin1'), 400, /no UTF-8/],
    ['UTF-16', Buffer.from('{"personID":"a"}', 'utf16le'), 400, /no valid JSON/],
    ['nothing', '', 400, /empty/],
    ['no JSON', '{"personID":', 400, /no valid JSON/],
    ['text', '"x"', 400, /Expected an object/],
    ['more than 10 MB', `{"personID":"${'x'.repeat(11 * mb)}"}`, 413, /larger/],
    ['a text of 9 MB', `{"personID":"${'x'.repeat(9 * mb)}"}`, 400, /longer than 65536/],
    ['depth', `{"personID":"a","loyalty":${deep}}`, 400, /Nested deeper/],
    ['a prototype key', '{"personID":"a","__proto__":{"x":"y"}}', 400, /not allowed/],
    ['a NUL', '{"personID":"a\\u0000"}', 400, /NUL/],
    ['an unknown field', '{"personID":"a","shoe_size":41}', 400, /no field of the schema/],
    ['a day as Excel counts', '{"personID":"a","person":{"birthDate":"29580"}}', 400, /YYYY-MM-DD/],
  ])('%s is refused', async (_, body, status, message) => {
    const before = await countProfiles();
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(readRefusal(answer.status, answer.text).message).toMatch(message);
    expect(await countProfiles()).toBe(before);
  });

  test.each(['text/csv', 'text/plain', 'application/xml', undefined])(
    'the content type %s is refused',
    async (type) => {
      const response = await fetch(`${server.url}/api/v1/datasets/${datasetId}/records`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${server.token}`,
          ...(type !== undefined && { 'content-type': type }),
        },
        body: Buffer.from('{"personID":"a"}'),
      });
      expect(response.status).toBe(415);
    },
  );

  test('a byte order mark is taken, and bad neighbours fail alone', async () => {
    const records =
      '{"records":[{"personID":"s-1"},{"personID":"s-2","__proto__":{}},{"personID":"s\\u0000"}]}';
    const answer = await post(`\uFEFF${records}`);
    expect(JSON.parse(answer.text)).toMatchObject({ received: 3, ingested: 1, failed: 2 });
  });

  test('no memory was lost to any of it', async () => {
    expect(await peakMb()).toBeLessThan(400);
    expect(server.process.output).not.toMatch(/must not happen/);
  });
});
