import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg();
  client = await connect(org);
});
afterAll(() => org.close());

const notThere = [
  { errorCode: 'NOT_IMPLEMENTED_BY_EMULATOR', message: expect.stringContaining('Nothing was') },
];

test.each([
  ['POST', '/services/async/67.0/job'],
  ['POST', '/services/Soap/u/60.0'],
  ['POST', '/services/apexrest/mine'],
  ...[
    'actions',
    'analytics/reports',
    'async-queries',
    'chatter/feeds',
    'connect/users',
    'metadata/deployRequest',
    'parameterizedSearch?q=a',
    'query?explain=SELECT+Id+FROM+Contact',
    'recent',
    'search?q=FIND+{a}',
    'sobjects/Contact/deleted',
    'sobjects/Contact/describe/layouts',
    'sobjects/Contact/listviews',
    'sobjects/Contact/quickActions',
    'sobjects/Contact/updated',
    'tooling/executeAnonymous?anonymousBody=x',
    'tooling/query?q=SELECT+Id+FROM+ApexClass',
    'tooling/sobjects/ValidationRule',
    'ui-api/records',
    'wave',
  ].map((path) => ['GET', `/services/data/v67.0/${path}`]),
])('501: %s %s', async (method, path) => {
  const answer = await client.call(method, path, method === 'POST' ? {} : undefined);
  expect(answer).toMatchObject({ status: 501, body: notThere });
});

test.each([
  'SELECT convertCurrency(AnnualRevenue) FROM Account',
  "SELECT Id FROM Contact WHERE DISTANCE(MailingAddress, GEOLOCATION(1, 2), 'km') < 20",
  'SELECT COUNT(Id) FROM Contact GROUP BY ROLLUP(LastName)',
])('501: %s', async (soql) => {
  expect(await client.query(soql)).toMatchObject({ status: 501, body: notThere });
});

test('a condition on an entity tag is not taken for true', async () => {
  const { body } = await client.rest('POST', '/sobjects/Contact', { LastName: 'Doe' });
  const path = `/services/data/v67.0/sobjects/Contact/${body.id}`;
  for (const header of ['if-match', 'if-none-match'])
    expect((await client.call('GET', path, undefined, { [header]: '"tag"' })).status).toBe(501);
});

test.each(['Opportunity', 'Case', 'Task'])(
  '%s is answered as an object this org does not have',
  async (name) => {
    expect(await client.rest('GET', `/sobjects/${name}/describe`)).toMatchObject({
      status: 404,
      body: [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }],
    });
    expect(await client.query(`SELECT Id FROM ${name}`)).toMatchObject({
      status: 400,
      body: [{ errorCode: 'INVALID_TYPE' }],
    });
  },
);
