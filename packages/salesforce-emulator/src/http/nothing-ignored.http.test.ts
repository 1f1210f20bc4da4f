import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg({
    definition: { customFields: [{ object: 'Contact', name: 'Ext__c', externalId: true, unique: true }] },
  });
  client = await connect(org);
});
afterAll(() => org.close());

const contacts = async (): Promise<number> =>
  (await client.query('SELECT COUNT() FROM Contact')).body.totalSize;
const before = { 'if-unmodified-since': new Date(0).toUTCString() };
const base = '/services/data/v67.0';
const record = { attributes: { type: 'Contact' }, LastName: 'Doe' };

test.each([
  ['POST', '/composite/sobjects?allOrNone=true', { records: [record] }],
  ['POST', '/sobjects/Contact?updateOnly=true', { LastName: 'Doe' }],
  ['PATCH', '/sobjects/Contact/Ext__c/p1?allOrNone=true', { LastName: 'Doe' }],
  ['GET', '/query?q=SELECT+Id+FROM+Contact&explain=SELECT+Id+FROM+Contact', undefined],
  ['GET', '/sobjects/Contact/describe?fields=Id', undefined],
  ['GET', '/limits?format=xml', undefined],
  ['GET', '/jobs/ingest?concurrencyMode=serial', undefined],
  ['GET', '/tooling/query?q=SELECT+Id+FROM+CustomField&columns=true', undefined],
])('%s %s: a parameter that would be left out of account is refused', async (method, path, body) => {
  expect(await client.rest(method, path, body)).toMatchObject({
    status: 501,
    body: [{ errorCode: 'NOT_IMPLEMENTED_BY_EMULATOR', message: expect.stringContaining('The parameter ') }],
  });
  expect(await contacts()).toBe(0);
});

test('inside a composite as well', async () => {
  const url = `${base}/sobjects/Contact?updateOnly=true`;
  const answer = await client.rest('POST', '/composite', {
    compositeRequest: [{ method: 'POST', url, referenceId: 'a', body: { LastName: 'Doe' } }],
  });
  expect(answer.body.compositeResponse[0].httpStatusCode).toBe(501);
});

test('a flag is true or false in any case, and nothing else', async () => {
  const path = '/sobjects/Contact/Ext__c/f1?updateOnly=';
  expect((await client.rest('PATCH', `${path}TRUE`, { LastName: 'Doe' })).status).toBe(404);
  expect((await client.rest('PATCH', `${path}1`, { LastName: 'Doe' })).status).toBe(400);
  expect(
    (await client.rest('DELETE', '/composite/sobjects?ids=0035e0000000001AAA&allOrNone=yes')).status,
  ).toBe(400);
  expect(await contacts()).toBe(0);
});

test('members a body does not have are refused', async () => {
  const unknown = { status: 400, body: [{ errorCode: 'JSON_PARSER_ERROR' }] };
  expect(
    await client.rest('POST', '/composite/sobjects', { records: [record], haltOnError: true }),
  ).toMatchObject(unknown);
  expect(
    await client.rest('POST', '/composite/sobjects/Contact', { ids: [], fields: ['Id'], limit: 1 }),
  ).toMatchObject(unknown);
  const job = await client.rest('POST', '/jobs/ingest', { object: 'Contact', operation: 'insert' });
  expect(
    await client.rest('PATCH', `/jobs/ingest/${job.body.id}`, { state: 'Aborted', priority: 1 }),
  ).toMatchObject(unknown);
  expect(await contacts()).toBe(0);
});

test('XML is neither read nor written', async () => {
  const refused = { status: 501, body: [{ errorCode: 'NOT_IMPLEMENTED_BY_EMULATOR' }] };
  const path = `${base}/sobjects/Contact`;
  expect(await client.call('GET', path, undefined, { accept: 'application/xml' })).toMatchObject(refused);
  const body = '<Contact><LastName>Doe</LastName></Contact>';
  expect(await client.call('POST', path, body, { 'content-type': 'application/xml' })).toMatchObject(refused);
  const any = { accept: 'application/xml;q=0.9, */*;q=0.8' };
  expect((await client.call('GET', path, undefined, any)).status).toBe(200);
});

test('conditions hold for rows named by a key; deleting knows none', async () => {
  const made = await client.rest('PATCH', '/sobjects/Contact/Ext__c/c1', { LastName: 'Doe' });
  const byId = `${base}/sobjects/Contact/${made.body.id}`;
  const byKey = `${base}/sobjects/Contact/Ext__c/c1`;
  const failed = { status: 412, body: [{ errorCode: 'PRECONDITION_FAILED' }] };
  expect((await client.call('DELETE', byId, undefined, before)).status).toBe(501);
  expect((await client.call('DELETE', byKey, undefined, before)).status).toBe(501);
  const noDate = { 'if-unmodified-since': 'yesterday' };
  expect((await client.call('PATCH', byKey, { LastName: 'Roe' }, noDate)).status).toBe(400);
  expect((await client.call('PATCH', byId, { LastName: 'Roe' }, noDate)).status).toBe(400);
  expect(await client.call('PATCH', byKey, { LastName: 'Roe' }, before)).toMatchObject(failed);
  const tagged = { 'if-match': '"1"' };
  expect((await client.call('PATCH', byKey, { LastName: 'Roe' }, tagged)).status).toBe(501);
  expect((await client.call('GET', byKey)).body.LastName).toBe('Doe');
  const later = { 'if-unmodified-since': new Date(Date.now() + 60_000).toUTCString() };
  expect((await client.call('PATCH', byKey, { LastName: 'Roe' }, later)).status).toBe(200);
  expect((await client.call('DELETE', byKey)).status).toBe(204);
  expect((await client.call('PATCH', byKey, { LastName: 'New' }, before)).status).toBe(201);
});

test('an upsert keeps its key where the body has it, or the id, as null', async () => {
  const made = await client.rest('PATCH', '/sobjects/Contact/Ext__c/n1', {
    Id: null,
    Ext__c: null,
    LastName: 'N',
  });
  expect(made.status).toBe(201);
  expect((await client.rest('GET', `/sobjects/Contact/${made.body.id}`)).body.Ext__c).toBe('n1');
  expect((await client.rest('PATCH', '/sobjects/Contact/Ext__c/n1', { Ext__c: null })).status).toBe(200);
  expect((await client.rest('GET', `/sobjects/Contact/${made.body.id}`)).body.Ext__c).toBe('n1');
});

test('what is no id is a key that does not exist; a path along a relationship is not there', async () => {
  const missing = {
    status: 404,
    body: [{ message: 'Provided external ID field does not exist or is not accessible: nope' }],
  };
  expect(await client.rest('PATCH', '/sobjects/Contact/nope', { LastName: 'x' })).toMatchObject(missing);
  expect(await client.rest('DELETE', '/sobjects/Contact/nope')).toMatchObject(missing);
  const account = await client.rest('POST', '/sobjects/Account', { Name: 'Acme' });
  expect((await client.rest('DELETE', `/sobjects/Contact/${account.body.id}`)).body).toEqual([
    { errorCode: 'MALFORMED_ID', message: `malformed id ${account.body.id}`, fields: [] },
  ]);
  expect(await client.rest('PATCH', `/sobjects/Contact/${account.body.id}`, { LastName: 'x' })).toMatchObject(
    {
      status: 400,
      body: [{ errorCode: 'MALFORMED_ID', fields: ['Id'] }],
    },
  );
  expect((await client.rest('GET', `/sobjects/Account/${account.body.id}/Contacts`)).status).toBe(501);
});

test('a key that ends like the name of a file is not found, as by Salesforce', async () => {
  expect((await client.rest('PATCH', '/sobjects/Contact/Email/a@b.inc', { LastName: 'x' })).status).toBe(404);
  expect((await client.rest('PATCH', '/sobjects/Contact/Email/a@b.com', { LastName: 'x' })).status).toBe(201);
});

test('what stops the reading of a record is told alone, without fields', async () => {
  const answer = await client.rest('POST', '/sobjects/Contact', { Nope__c: 1, Email: 'no' });
  expect(answer.body).toEqual([
    { message: "No such column 'Nope__c' on sobject of type Contact", errorCode: 'INVALID_FIELD' },
  ]);
  const wrong = await client.rest('POST', '/sobjects/Contact', { LastName: 'x', Birthdate: 'soon' });
  expect(wrong.body).toEqual([
    { message: expect.stringContaining('VALUE_STRING value soon'), errorCode: 'JSON_PARSER_ERROR' },
  ]);
  const many = await client.rest('POST', '/composite/sobjects', { records: [{ ...record, Nope__c: 1 }] });
  expect(many.body[0].errors).toEqual([
    { statusCode: 'INVALID_FIELD', message: expect.any(String), fields: [] },
  ]);
});

test('a row needs a body, and one record in it', async () => {
  const refusal = (message: string): object => ({
    status: 400,
    body: [{ errorCode: 'JSON_PARSER_ERROR', message }],
  });
  const empty = 'The HTTP entity body is required, but this request has no entity body.';
  expect(await client.rest('POST', '/sobjects/Contact')).toMatchObject(refusal(empty));
  const list = 'Can not deserialize SObject out of START_ARRAY token at [line:1, column:1]';
  expect(await client.rest('POST', '/sobjects/Contact', [record])).toMatchObject(refusal(list));
});

test('the URI and the headers are limited together', async () => {
  const headers = { 'x-filler': 'x'.repeat(16_384) };
  expect((await client.call('GET', `${base}/limits`, undefined, headers)).status).toBe(431);
  expect((await client.rest('GET', `/query?q=${'x'.repeat(16_384)}`)).status).toBe(414);
});

test('setup objects are not saved together with others', async () => {
  const set = { attributes: { type: 'PermissionSet' }, Name: 'P1', Label: 'P1' };
  const before = await contacts();
  expect(await client.rest('POST', '/composite/sobjects', { records: [record, set] })).toMatchObject({
    status: 400,
    body: [{ errorCode: 'MIXED_DML_OPERATION' }],
  });
  expect(await contacts()).toBe(before);
  const alone = await client.rest('POST', '/composite/sobjects', { records: [set] });
  expect(alone.body).toMatchObject([{ success: true }]);
  const made = await client.rest('POST', '/sobjects/Contact', { LastName: 'Doe' });
  const ids = `${made.body.id},${alone.body[0].id}`;
  expect((await client.rest('DELETE', `/composite/sobjects?ids=${ids}`)).status).toBe(400);
});

test('a list of jobs has the types it can have', async () => {
  const statuses = async (path: string, types: readonly string[]): Promise<number[]> =>
    Promise.all(types.map(async (type) => (await client.rest('GET', `${path}?jobType=${type}`)).status));
  const types = ['V2Ingest', 'V2Query', 'Classic', 'Nothing'];
  expect(await statuses('/jobs/ingest', types)).toEqual([200, 501, 200, 400]);
  expect(await statuses('/jobs/query', types)).toEqual([501, 200, 200, 400]);
});

test('versions before 48.0 know no collateSubrequests', async () => {
  const url = '/services/data/v47.0/query?q=SELECT+Id+FROM+Contact';
  const body = { collateSubrequests: true, compositeRequest: [{ method: 'GET', url, referenceId: 'q' }] };
  expect((await client.call('POST', '/services/data/v47.0/composite', body)).status).toBe(400);
  expect((await client.call('POST', '/services/data/v48.0/composite', body)).status).toBe(200);
});

test('what came with a later version is missing in older ones', async () => {
  const fields = 'query?q=SELECT+FIELDS(STANDARD)+FROM+Contact';
  expect((await client.call('GET', `/services/data/v50.0/${fields}`)).status).toBe(400);
  expect((await client.call('GET', `/services/data/v51.0/${fields}`)).status).toBe(200);
  expect((await client.call('GET', '/services/data/v46.0/jobs/query')).status).toBe(404);
  expect((await client.call('GET', '/services/data/v47.0/jobs/query')).status).toBe(200);
});

test('sign-in answers JSON or says that it cannot', async () => {
  const xml = { accept: 'application/xml,application/json' };
  const token = '/services/oauth2/token?grant_type=password';
  const { body: user } = await client.call('GET', '/services/oauth2/userinfo');
  const identity = new URL(user.sub).pathname;
  expect((await client.call('POST', token, undefined, xml)).status).toBe(501);
  expect((await client.call('GET', '/services/oauth2/userinfo', undefined, xml)).status).toBe(501);
  expect((await client.call('GET', `${identity}?format=xml`)).status).toBe(501);
  const latest = await client.call('GET', `${identity}?format=json&version=latest`);
  expect(latest.body.urls.rest).toBe(`${org.url}/services/data/v67.0/`);
});

test('a row has its id, asked for or not', async () => {
  const { id } = (await client.rest('POST', '/sobjects/Contact', { LastName: 'Doe' })).body;
  const read = await client.rest('GET', `/sobjects/Contact/${id}?fields=LastName`);
  expect(Object.keys(read.body)).toEqual(['attributes', 'LastName', 'Id']);
});
