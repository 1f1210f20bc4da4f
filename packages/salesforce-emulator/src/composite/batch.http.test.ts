import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg();
});
beforeEach(async () => {
  await fetch(`${org.url}/emulator/reset`, { method: 'POST' });
  client = await connect(org);
});
afterAll(() => org.close());

const batch = (batchRequests: readonly object[], rest: object = {}) =>
  client.rest('POST', '/composite/batch', { ...rest, batchRequests });
const codes = (answer: { body: { results: { statusCode: number }[] } }): number[] =>
  answer.body.results.map(({ statusCode }) => statusCode);
const create = (fields: object): object => ({
  method: 'POST',
  url: 'v67.0/sobjects/Contact',
  richInput: fields,
});

test('updates a record and reads it in one call', async () => {
  const { body } = await client.rest('POST', '/sobjects/Account', { Name: 'Acme' });
  const url = `v60.0/sobjects/account/${body.id}`;
  const answer = await batch([
    { method: 'PATCH', url, richInput: { Name: 'NewName' } },
    { method: 'Get', url: `/services/data/${url}?fields=Name,BillingPostalCode` },
    { method: 'GET', url: 'v67.0/limits' },
    { method: 'GET', url: "v67.0/query?q=SELECT Id FROM Account WHERE Name = 'NewName'" },
  ]);
  expect(answer).toMatchObject({
    status: 200,
    body: {
      hasErrors: false,
      results: [
        { statusCode: 204, result: null },
        {
          statusCode: 200,
          result: {
            attributes: { type: 'Account', url: `/services/data/v60.0/sobjects/Account/${body.id}` },
            Name: 'NewName',
            BillingPostalCode: null,
          },
        },
        { statusCode: 200, result: { DailyApiRequests: { Max: 15_000 } } },
        { statusCode: 200, result: { totalSize: 1 } },
      ],
    },
  });
});

test('a failure stops nothing, unless it is to halt the rest', async () => {
  const requests = [create({ LastName: 'A' }), create({}), create({ LastName: 'B' })];
  const onward = await batch(requests);
  expect(onward.body.hasErrors).toBe(true);
  expect(codes(onward)).toEqual([201, 400, 201]);
  expect(onward.body.results[1].result).toMatchObject([{ errorCode: 'REQUIRED_FIELD_MISSING' }]);
  const halted = await batch(requests, { haltOnError: true });
  expect(codes(halted)).toEqual([201, 400, 412]);
  expect(halted.body.results[2].result).toMatchObject([{ errorCode: 'BATCH_PROCESSING_HALTED' }]);
  expect((await client.query('SELECT COUNT() FROM Contact')).body.totalSize).toBe(3);
});

test('each request counts as a call, up to the limit', async () => {
  const limit = (order: object) => client.call('PUT', '/emulator/limits', order);
  const used = async (): Promise<number> => (await client.call('GET', '/emulator/limits')).body.used;
  const before = await used();
  await batch([create({ LastName: 'A' }), create({ LastName: 'B' }), create({})]);
  expect(await used()).toBe(before + 3);
  await limit({ allowed: before + 5 });
  const cut = await batch([create({ LastName: 'A' }), create({ LastName: 'B' }), create({ LastName: 'C' })]);
  expect(codes(cut)).toEqual([201, 201, 403]);
  await client.call('DELETE', '/emulator/limits');
});

test('what a batch cannot hold', async () => {
  expect((await batch(Array.from({ length: 26 }, () => create({ LastName: 'A' })))).status).toBe(400);
  expect((await batch([])).status).toBe(400);
  expect((await batch([{ url: 'v67.0/limits' }])).status).toBe(400);
  expect((await batch([{ method: 'FETCH', url: 'v67.0/limits' }])).status).toBe(400);
  expect((await batch([{ ...create({}), binaryPartName: 'x' }])).status).toBe(501);
  const answer = await client.call('POST', '/services/data/v60.0/composite/batch', {
    batchRequests: [
      { method: 'GET', url: 'v61.0/limits' },
      { method: 'POST', url: 'v60.0/composite', richInput: {} },
      { method: 'GET', url: 'v60.0/search?q=x' },
      { method: 'GET', url: 'v30.0/limits' },
      { method: 'GET', url: '../../emulator/counts' },
      { method: 'POST', url: 'v60.0/jobs/ingest', richInput: { object: 'Contact', operation: 'insert' } },
      { method: 'GET', url: 'v60.0/tooling/sobjects' },
    ],
  });
  expect(codes(answer)).toEqual([404, 404, 501, 410, 404, 404, 404]);
  expect((await client.rest('GET', '/jobs/ingest')).body.records).toEqual([]);
  expect((await client.query('SELECT COUNT() FROM Contact')).body.totalSize).toBe(0);
});
