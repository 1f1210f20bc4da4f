import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { bulkClient } from '../testing/bulk-client.ts';
import { sendRaw } from '../testing/raw-request.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';
import { stepDefinition } from '../testing/write-steps.ts';

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg({ definition: stepDefinition });
  client = await connect(org);
});
afterAll(() => org.close());

const base = '/services/data/v67.0/jobs/ingest';

/** What becomes of a job with these bytes: refused at the upload, failed whole, or each of its rows refused. */
async function outcomeOf(
  bytes: Buffer | string,
  headers: readonly (readonly [string, string])[] = [],
): Promise<string> {
  const bulk = bulkClient(client);
  const { body } = await bulk.create({ object: 'Contact', operation: 'insert' });
  const upload = await sendRaw(
    org.url,
    'PUT',
    `${base}/${body.id}/batches`,
    [['authorization', `Bearer ${client.token}`], ['content-type', 'text/csv'], ...headers],
    bytes,
  );
  expect(upload.status).not.toBe(500);
  if (upload.status >= 300) return 'refused';
  expect(upload.status).toBe(201);
  expect((await bulk.patch(body.id, 'UploadComplete')).status).toBeLessThan(500);
  const job = await bulk.wait(body.id);
  if (job.state === 'Failed') return 'failed';
  expect(job.state).toBe('JobComplete');
  return job.numberRecordsFailed === job.numberRecordsProcessed ? 'rows refused' : 'written';
}

const written = async (): Promise<number> =>
  (await client.query('SELECT COUNT() FROM Contact')).body.totalSize;

test('bytes that are no CSV of this object write nothing', async () => {
  const cases: Readonly<Record<string, Buffer | string>> = {
    nothing: '',
    blanks: ' \n \n',
    'a header alone': 'LastName\n',
    'an unknown column': 'LastName,Nope__c\nDoe,x\n',
    'a column twice': 'LastName,LastName\nDoe,Roe\n',
    'a prototype key': '__proto__,LastName\nx,Doe\n',
    'a constructor': 'LastName,constructor\nDoe,x\n',
    JSON: '{"LastName":"Doe"}',
    'a quote left open': 'LastName\n"Doe\n',
    'too many values': 'LastName\nDoe,x\n',
    'a space beside a quote': 'LastName,FirstName\n"Doe" ,x\n',
    'a NUL': 'LastName\nDo\0e\n',
    'bytes that are no UTF-8': Buffer.from([...Buffer.from('LastName\nDo'), 0xc3, 0x28, 0x0a]),
    'UTF-16': Buffer.from('LastName\nDoe\n', 'utf16le'),
    'half a character': Buffer.from([...Buffer.from('LastName\nDo'), 0xed, 0xa0, 0x80, 0x0a]),
    'a value too long': `LastName\n${'x'.repeat(40_000)}\n`,
    'a header too long': `${'x'.repeat(40_000)},LastName\nx,Doe\n`,
    'many columns': `LastName,${Array.from({ length: 5_000 }, (_, index) => `c${index}`).join(',')}\nDoe\n`,
    'an empty column': ',LastName\nx,Doe\n',
  };
  for (const [what, bytes] of Object.entries(cases)) {
    const outcome = await outcomeOf(bytes);
    expect(['refused', 'failed', 'rows refused'], what).toContain(outcome);
    expect(await written(), what).toBe(0);
  }
  expect(await outcomeOf('LastName\nDoe\n', [['content-encoding', 'gzip']])).toBe('refused');
  expect(await outcomeOf(gzipSync('LastName\nDoe\n').subarray(0, 15), [['content-encoding', 'gzip']])).toBe(
    'refused',
  );
  expect(await outcomeOf('LastName\nDoe\n', [['content-encoding', 'br']])).toBe('refused');
  expect(await written()).toBe(0);
});

test('no upload, however made, brings it down or passes by accident', async () => {
  // No header names LastName, so no row can be a Contact.
  const cell = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"', '""', '"a"b', '#N/A', ',', '\r', '\n', '\r\n', ' "x"', '\uFEFF', '='),
  );
  const line = fc.array(cell, { maxLength: 4 }).map((cells) => cells.join(','));
  const header = fc.constantFrom(
    'FirstName',
    'FirstName,Email',
    '"FirstName"',
    'Account.ExternalAcctId__c',
    'Id',
    'Email,Account.Name',
  );
  const csv = fc
    .tuple(fc.oneof(header, line), fc.array(line, { maxLength: 5 }))
    .map(([head, lines]) => [head, ...lines].join('\n'));
  await fc.assert(
    fc.asyncProperty(fc.oneof(csv, fc.string({ unit: 'binary', maxLength: 300 })), async (text) => {
      expect(['refused', 'failed', 'rows refused']).toContain(await outcomeOf(text));
    }),
    { numRuns: 60 },
  );
  expect(await written()).toBe(0);
  expect((await client.call('GET', '/emulator/health')).body.status).toBe('ok');
});
