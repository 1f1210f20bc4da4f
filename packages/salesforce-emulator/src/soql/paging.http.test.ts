import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestAnswer, type RestClient } from '../testing/rest-client.ts';

const contacts = 450;
const ofAcme = 250;

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg({
    definition: {
      customFields: [{ object: 'Contact', name: 'Notes__c', type: 'textarea', length: 32_000 }],
    },
  });
  client = await connect(org);
  const acme = await client.rest('POST', '/sobjects/Account', { Name: 'Acme' });
  await client.rest('POST', '/sobjects/Account', { Name: 'Zero' });
  const records = Array.from({ length: contacts }, (_, index) => ({
    attributes: { type: 'Contact' },
    LastName: `N${index}`,
    ...(index < ofAcme ? { AccountId: acme.body.id } : {}),
  }));
  for (let start = 0; start < contacts; start += 200)
    await client.rest('POST', '/composite/sobjects', { records: records.slice(start, start + 200) });
});
afterAll(() => org.close());

const inPages = (path: string): Promise<RestAnswer> =>
  client.call('GET', path, undefined, { 'sforce-query-options': 'batchSize=200' });
const query = (soql: string): Promise<RestAnswer> =>
  inPages(`/services/data/v67.0/query?q=${encodeURIComponent(soql)}`);

async function readAll(first: RestAnswer): Promise<{ sizes: number[]; records: { LastName: string }[] }> {
  const sizes = [first.body.records.length];
  const records = [...first.body.records];
  for (let { body } = first; !body.done; ) {
    ({ body } = await inPages(body.nextRecordsUrl));
    sizes.push(body.records.length);
    records.push(...body.records);
  }
  return { sizes, records };
}

test('pages hold what the header asks for, in order, each record once', async () => {
  const first = await query('SELECT LastName FROM Contact ORDER BY LastName DESC');
  expect(first.body).toMatchObject({
    totalSize: contacts,
    done: false,
    nextRecordsUrl: expect.stringMatching(/^\/services\/data\/v67\.0\/query\/01g\w{15}-200$/),
  });
  const { sizes, records } = await readAll(first);
  expect(sizes).toEqual([200, 200, 50]);
  const names = records.map((record) => record.LastName);
  expect(new Set(names).size).toBe(contacts);
  expect(names[0]).toBe('N99');
});

test('two long text areas make pages of 200', async () => {
  const { body } = await client.query('SELECT Description, Notes__c FROM Contact');
  expect(body.records).toHaveLength(200);
  expect((await client.query('SELECT Description FROM Contact')).body.records).toHaveLength(contacts);
});

test('a long list of children has pages of its own and ends the page of its parent', async () => {
  const first = await query('SELECT Name, (SELECT LastName FROM Contacts) FROM Account ORDER BY Name');
  expect(first.body).toMatchObject({ totalSize: 2, done: false });
  expect(first.body.records).toHaveLength(1);
  const { Contacts } = first.body.records[0];
  expect(Contacts).toMatchObject({ totalSize: ofAcme, done: false });
  const children = await readAll({ ...first, body: Contacts });
  expect(children.sizes).toEqual([200, 50]);
  const second = await inPages(first.body.nextRecordsUrl);
  expect(second.body).toMatchObject({ done: true, records: [{ Name: 'Zero', Contacts: null }] });
});

test('locators that are unknown, cut or past the end are refused', async () => {
  const first = await query('SELECT Id FROM Contact');
  const locator = first.body.nextRecordsUrl.split('/').at(-1).split('-')[0];
  for (const name of ['01g5e0000000001AAA-200', `${locator}-450`, locator, `${locator}-x`, '__proto__-1']) {
    const answer = await client.rest('GET', `/query/${name}`);
    expect([answer.status, answer.body]).toEqual([
      400,
      [{ errorCode: 'INVALID_QUERY_LOCATOR', message: 'invalid query locator' }],
    ]);
  }
});

test('the oldest locators are forgotten', async () => {
  const first = await query('SELECT Id FROM Contact');
  for (let index = 0; index < 10; index++) await query('SELECT Id FROM Contact');
  const late = await inPages(first.body.nextRecordsUrl);
  expect(late.body[0].errorCode).toBe('INVALID_QUERY_LOCATOR');
});
