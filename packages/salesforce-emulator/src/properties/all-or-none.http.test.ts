import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { readRecords } from '../testing/org-records.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';
import { readStoredTables } from '../testing/stored-tables.ts';
import { stepDefinition } from '../testing/write-steps.ts';

const clock = (): number => Date.UTC(2026, 8, 22, 10, 15);
const objects = ['Account', 'Contact', 'Lead'];
const base = '/services/data/v67.0';
let folders: readonly string[];
let org: Org;
let control: Org;
let client: RestClient;
let quiet: RestClient;
let ids: readonly string[];

const contact = (fields: object): object => ({ attributes: { type: 'Contact' }, ...fields });
const seeds = [
  { attributes: { type: 'Account' }, Name: 'Acme', ExternalAcctId__c: 'k1' },
  ...['a', 'b', 'c'].map((key) =>
    contact({ LastName: key, Ext__c: key, Account: { ExternalAcctId__c: 'k1' } }),
  ),
];

beforeAll(async () => {
  folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'all-or-none-'))));
  const start = (dataDir: string | undefined): Promise<Org> =>
    startOrg({ definition: stepDefinition, clock, seed: 's', ...(dataDir === undefined ? {} : { dataDir }) });
  [org, control] = await Promise.all([start(folders[0]), start(folders[1])]);
  [client, quiet] = await Promise.all([connect(org), connect(control)]);
  for (const each of [client, quiet]) {
    const { body } = await each.rest('POST', '/composite/sobjects', { records: seeds });
    ids = body.map(({ id }: { id: string }) => id);
  }
});
afterAll(async () => {
  await Promise.all([org.close(), control.close()]);
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

// Each is a call that would change something, if it were not for the one record in it that is refused.
const at = fc.nat(5);
const known = fc.constantFrom('a', 'b', 'c');
const insertAt = <T>(list: readonly T[], position: number, item: T): readonly T[] => [
  ...list.slice(0, position),
  item,
  ...list.slice(position),
];
const good = fc.array(
  fc.record({ LastName: fc.constantFrom('x', 'y'), FirstName: fc.constantFrom('Ann', null) }),
  { minLength: 1, maxLength: 5 },
);
interface Failing {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}
const createMany = fc.record({ good, at }).map(
  ({ good: list, at: position }): Failing => ({
    method: 'POST',
    path: '/composite/sobjects',
    body: {
      allOrNone: true,
      records: insertAt<object>(list.map(contact), position, contact({ FirstName: 'no last name' })),
    },
  }),
);
const upsertMany = fc.record({ good, known, at }).map(
  ({ good: list, known: key, at: position }): Failing => ({
    method: 'PATCH',
    path: '/composite/sobjects/Contact/Ext__c',
    body: {
      allOrNone: true,
      records: insertAt(
        [
          contact({ LastName: 'changed', Ext__c: key }),
          ...list.map((fields, index) => contact({ ...fields, Ext__c: `new${index}` })),
        ],
        position,
        contact({ LastName: 'x'.repeat(81), Ext__c: 'poison' }),
      ),
    },
  }),
);
const updateMany = fc.record({ at }).map(
  ({ at: position }): Failing => ({
    method: 'PATCH',
    path: '/composite/sobjects',
    body: {
      allOrNone: true,
      records: insertAt(
        ids.slice(1).map((id) => contact({ id, FirstName: 'changed' })),
        position,
        contact({ id: '003000000000999AAA', FirstName: 'x' }),
      ),
    },
  }),
);
const deleteMany = fc.record({ at }).map(
  ({ at: position }): Failing => ({
    method: 'DELETE',
    path: `/composite/sobjects?allOrNone=true&ids=${insertAt(ids, position, 'nonsense').join(',')}`,
  }),
);
const row = fc
  .record({
    kind: fc.constantFrom('create', 'upsert', 'update', 'delete', 'account', 'many', 'query'),
    key: known,
    index: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ kind, key, index }) => {
    const id = ids[index];
    const object = index === 0 ? 'Account' : 'Contact';
    if (kind === 'create') return { method: 'POST', url: '/sobjects/Contact', body: { LastName: key } };
    if (kind === 'upsert')
      return { method: 'PATCH', url: `/sobjects/Contact/Ext__c/${key}`, body: { LastName: 'changed' } };
    if (kind === 'update')
      return { method: 'PATCH', url: `/sobjects/${object}/${id}`, body: { Description: 'changed' } };
    if (kind === 'delete') return { method: 'DELETE', url: `/sobjects/${object}/${id}` };
    if (kind === 'account') return { method: 'POST', url: '/sobjects/Account', body: { Name: key } };
    if (kind === 'query') return { method: 'GET', url: '/query?q=SELECT Id FROM Contact' };
    return {
      method: 'POST',
      url: '/composite/sobjects',
      body: { records: [contact({ LastName: key }), contact({ LastName: key })] },
    };
  });
const poison = fc.constantFrom(
  { method: 'POST', url: '/sobjects/Contact', body: { FirstName: 'no last name' } },
  { method: 'PATCH', url: '/sobjects/Contact/Ext__c/a', body: { LastName: null } },
  { method: 'DELETE', url: '/sobjects/Contact/003000000000999AAA' },
  { method: 'POST', url: '/sobjects/Contact', body: { LastName: '@{s0.nothing}' } },
  { method: 'GET', url: '/query?q=SELECT' },
  {
    method: 'POST',
    url: '/composite/sobjects',
    body: { records: [contact({ LastName: 'fine' }), contact({})] },
  },
);
const composite = fc
  .record({ rows: fc.array(row, { minLength: 1, maxLength: 8 }), poison, at: fc.nat(8) })
  .map(({ rows, poison: bad, at: position }): Failing => {
    const limited = rows.filter(({ url }, index) => !/composite|query/.test(url) || index < 4);
    const compositeRequest = insertAt<object>(limited, position, bad).map((request, index) => {
      const url = 'url' in request ? String(request.url) : '';
      return { ...request, url: base + url, referenceId: `s${index}` };
    });
    return { method: 'POST', path: '/composite', body: { allOrNone: true, compositeRequest } };
  });

const graph = fc
  .record({
    rows: fc.array(row, { minLength: 1, maxLength: 8 }),
    at: fc.nat(8),
    graphs: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ rows, at: position, graphs }): Failing => {
    const bad = { method: 'POST', url: '/sobjects/Contact', body: { FirstName: 'no last name' } };
    const nodes = insertAt<{ readonly url: string }>(
      rows.filter(({ url }) => url.startsWith('/sobjects')),
      position,
      bad,
    );
    const compositeRequest = nodes.map((each, index) => ({
      ...each,
      url: base + each.url,
      referenceId: `n${index}`,
    }));
    const list = Array.from({ length: graphs }, (_, index) => ({ graphId: `g${index}`, compositeRequest }));
    return { method: 'POST', path: '/composite/graph', body: { graphs: list } };
  });

const tree = fc.record({ good, at }).map(({ good: list, at: position }): Failing => {
  const contacts = insertAt<object>(list, position, { FirstName: 'no last name' }).map((fields, index) => ({
    attributes: { type: 'Contact', referenceId: `c${index}` },
    ...fields,
  }));
  const attributes = { type: 'Account', referenceId: 'a' };
  const records = [{ attributes, Name: 'Ghost', Contacts: { records: contacts } }];
  return { method: 'POST', path: '/composite/tree/Account', body: { records } };
});

test('a call that must write all or nothing leaves no trace of what it could not write', async () => {
  const before = await readRecords(client, objects);
  let calls = 0;
  const failing = fc.oneof(createMany, upsertMany, updateMany, deleteMany, composite, composite, graph, tree);
  await fc.assert(
    fc.asyncProperty(failing, async ({ method, path, body }) => {
      calls += 1;
      const answer = await client.rest(method, path, body);
      // The call ran, and something in it was refused.
      expect(answer.status).toBe(path.includes('/tree/') ? 400 : 200);
      expect(JSON.stringify(answer.body)).toMatch(
        /ALL_OR_NONE_OPERATION_ROLLED_BACK|PROCESSING_HALTED|"success":false|"hasErrors":true|"isSuccessful":false/,
      );
      expect(await readRecords(client, objects)).toEqual(before);
    }),
    { numRuns: 80 },
  );
  expect(calls).toBeGreaterThanOrEqual(80);
  expect(await readRecords(quiet, objects)).toEqual(before);
  // A sign of life: the same rows without the bad one are written, in both orgs alike.
  for (const each of [client, quiet])
    expect((await each.rest('PATCH', '/sobjects/Contact/Ext__c/a', { LastName: 'last' })).status).toBe(200);
  await Promise.all([org.close(), control.close()]);
  const [tried, untouched] = folders.map((folder) => readStoredTables(folder));
  const withoutCall = (rows: readonly unknown[] | undefined): unknown =>
    rows?.map((each) => ({ ...(typeof each === 'object' ? each : {}), call: 0 }));
  expect(Object.keys(tried ?? {})).toContain('_change');
  expect(withoutCall(tried?._change)).toEqual(withoutCall(untouched?._change));
  expect({ ...tried, _change: [] }).toEqual({ ...untouched, _change: [] });
}, 60_000);
