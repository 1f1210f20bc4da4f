import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { type BulkClient, bulkClient } from '../testing/bulk-client.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

const definition = {
  customFields: [
    { object: 'Contact', name: 'Ext__c', externalId: true, unique: true },
    { object: 'Contact', name: 'Score__c', type: 'double', precision: 6, scale: 2 },
    { object: 'Contact', name: 'Tier__c', type: 'picklist', values: ['Gold', 'Silver'] },
  ],
} as const;
let byFile: Org;
let byRow: Org;
let files: BulkClient;
let file: RestClient;
let row: RestClient;
beforeAll(async () => {
  [byFile, byRow] = await Promise.all([startOrg({ definition }), startOrg({ definition })]);
  [file, row] = await Promise.all([connect(byFile), connect(byRow)]);
  files = bulkClient(file);
});
afterAll(() => Promise.all([byFile.close(), byRow.close()]));

const columns = [
  'Ext__c',
  'LastName',
  'FirstName',
  'Email',
  'Birthdate',
  'DoNotCall',
  'Score__c',
  'Tier__c',
] as const;
const text = fc.string({
  unit: fc.constantFrom('a', 'Z', ' ', '"', ',', ';', '\n', '\r', '\t', '#', 'é', '😀'),
  maxLength: 12,
});
const cell: Record<(typeof columns)[number], fc.Arbitrary<string>> = {
  Ext__c: fc.constantFrom('k1', 'k2', 'K1 ', 'k3', ''),
  LastName: fc.oneof(text, fc.constantFrom('Doe', '#N/A', 'x'.repeat(81))),
  FirstName: fc.oneof(text, fc.constant('#N/A')),
  Email: fc.constantFrom('', 'a@x.com', ' A@X.com', 'bad', '#N/A'),
  Birthdate: fc.constantFrom('', '1980-02-29', '1981-02-29', '#N/A'),
  DoNotCall: fc.constantFrom('', 'true', 'FALSE', 'yes'),
  Score__c: fc.constantFrom('', '1.005', '-2', '1e3', '99999', 'NaN', '#N/A'),
  Tier__c: fc.constantFrom('', 'gold', 'Silver', 'Bronze'),
};
const table = fc.uniqueArray(fc.record(cell), {
  maxLength: 6,
  selector: (record) => record.Ext__c.trim().toLowerCase(),
});

const write = (cells: readonly string[]): string =>
  cells.map((value) => (/^[\w@. -]*$/.test(value) ? value : `"${value.replaceAll('"', '""')}"`)).join(',');

const jsonOf = (record: Record<string, string>): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name, value === '#N/A' ? null : value]),
  );

async function stateOf(client: RestClient): Promise<unknown> {
  const { body } = await client.query(`SELECT Name, ${columns.join(', ')} FROM Contact ORDER BY Id`);
  return body.records.map(({ attributes: _attributes, ...rest }: Record<string, unknown>) => rest);
}

test('a file leaves the records that the same values leave when each row is sent by itself', async () => {
  const reset = (org: Org) => fetch(`${org.url}/emulator/reset`, { method: 'POST' });
  await fc.assert(
    fc.asyncProperty(
      fc.array(table, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      async (tables, isUpsert) => {
        await Promise.all([reset(byFile), reset(byRow)]);
        const request = isUpsert
          ? { object: 'Contact', operation: 'upsert', externalIdFieldName: 'Ext__c' }
          : { object: 'Contact', operation: 'insert' };
        for (const records of tables) {
          const lines = records.map((record) => write(columns.map((name) => record[name])));
          const { job } = await files.finish(request, `${columns.join()}\n${lines.join('\n')}\n`);
          expect(job).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: records.length });
          let failed = 0;
          for (const record of records) {
            const { Ext__c, ...rest } = jsonOf(record);
            const key = encodeURIComponent(Ext__c ?? '');
            if (isUpsert && key === '') failed += 1;
            else {
              const answer = isUpsert
                ? await row.rest('PATCH', `/sobjects/Contact/Ext__c/${key}`, rest)
                : await row.rest('POST', '/sobjects/Contact', jsonOf(record));
              if (answer.status >= 300) failed += 1;
            }
          }
          expect(job.numberRecordsFailed).toBe(failed);
        }
        expect(await stateOf(file)).toEqual(await stateOf(row));
      },
    ),
    { numRuns: 40 },
  );
});

test('no upload, however broken, brings it down or writes more rows than it reports', async () => {
  const broken = fc.string({
    unit: fc.constantFrom('LastName', 'Title', ',', '"', '\n', '\r\n', ' ', '#N/A', 'x', '.', ':', '\ufeff'),
    maxLength: 25,
  });
  await fc.assert(
    fc.asyncProperty(fc.boolean(), broken, async (hasHeader, content) => {
      const count = async () => (await file.query('SELECT COUNT() FROM Contact')).body.totalSize;
      const before = await count();
      const { job } = await files.finish(
        { object: 'Contact', operation: 'insert' },
        `${hasHeader ? 'LastName,Title\n' : ''}${content}`,
      );
      expect(['JobComplete', 'Failed']).toContain(job.state);
      expect(job.errorMessage === undefined).toBe(job.state === 'JobComplete');
      expect((await count()) - before).toBe(job.numberRecordsProcessed - job.numberRecordsFailed);
    }),
    { numRuns: 80 },
  );
});
