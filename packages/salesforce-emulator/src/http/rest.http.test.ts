import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg({
    definition: {
      customFields: [
        { object: 'Contact', name: 'Ext__c', externalId: true, unique: true, length: 40 },
        { object: 'Account', name: 'ExternalAcctId__c', externalId: true, unique: true },
        { object: 'Contact', name: 'Points__c', type: 'double', precision: 6, scale: 1 },
      ],
    },
  });
});
beforeEach(async () => {
  await fetch(`${org.url}/emulator/reset`, { method: 'POST' });
  client = await connect(org);
});
afterAll(() => org.close());

const contact = (fields: object): object => ({ attributes: { type: 'Contact' }, ...fields });

test('a row is created, read, updated, deleted; the bin answers 404', async () => {
  const made = await client.rest('POST', '/sobjects/Contact', { lastname: ' Doe ', Email: 'Jane@X.COM' });
  expect(made).toMatchObject({ status: 201, body: { success: true, errors: [] } });
  const path = `/sobjects/Contact/${made.body.id}`;
  expect(made.headers.get('location')).toBe(`/services/data/v67.0${path}`);
  expect((await client.rest('PATCH', path, { FirstName: 'Jane', Email: '' })).status).toBe(204);
  const read = await client.rest('GET', `${path}?fields=Id,Name,Email`);
  expect(read.body).toEqual({
    attributes: { type: 'Contact', url: `/services/data/v67.0${path}` },
    Id: made.body.id,
    Name: 'Jane Doe',
    Email: null,
  });
  expect((await client.rest('DELETE', path)).status).toBe(204);
  const gone = [{ errorCode: 'ENTITY_IS_DELETED', message: 'entity is deleted' }];
  expect(await client.rest('GET', path)).toMatchObject({ status: 404, body: gone });
  expect(await client.rest('PATCH', path, { FirstName: 'J' })).toMatchObject({ status: 404, body: gone });
  const all = await client.rest(
    'GET',
    `/queryAll?q=${encodeURIComponent('SELECT Id, IsDeleted FROM Contact')}`,
  );
  expect(all.body.records).toMatchObject([{ Id: made.body.id, IsDeleted: true }]);
});

test('a row that breaks rules lists every reason', async () => {
  const { status, body } = await client.rest('POST', '/sobjects/Contact', {
    FirstName: 'x'.repeat(41),
    Email: 'no',
  });
  expect(status).toBe(400);
  expect(body.map((error: { errorCode: string }) => error.errorCode).sort()).toEqual([
    'INVALID_EMAIL_ADDRESS',
    'REQUIRED_FIELD_MISSING',
    'STRING_TOO_LONG',
  ]);
  const readOnly = await client.rest('POST', '/sobjects/Contact', {
    LastName: 'x',
    CreatedDate: '2020-01-01T00:00:00Z',
  });
  expect(readOnly.body).toMatchObject([
    { errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: ['CreatedDate'] },
  ]);
});

test('upsert by External ID: 201, 200, and by a shared Email 300', async () => {
  const path = '/sobjects/Contact/Ext__c/A%2F1';
  const first = await client.rest('PATCH', path, { LastName: 'Doe' });
  expect(first).toMatchObject({ status: 201, body: { created: true } });
  expect(await client.rest('PATCH', '/sobjects/Contact/Ext__c/a%2F1', { LastName: 'Roe' })).toMatchObject({
    status: 200,
    body: { id: first.body.id, created: false },
  });
  expect((await client.rest('GET', path)).body).toMatchObject({ Ext__c: 'A/1', LastName: 'Roe' });
  for (const LastName of ['One', 'Two'])
    await client.rest('POST', '/sobjects/Contact', { LastName, Email: 'a@x.com' });
  const several = await client.rest('PATCH', '/sobjects/Contact/Email/a@x.com', { LastName: 'Three' });
  expect(several.status).toBe(300);
  expect(several.body).toHaveLength(2);
  expect(await client.rest('PATCH', '/sobjects/Contact/Title/x', { LastName: 'x' })).toMatchObject({
    status: 404,
    body: [{ message: 'Provided external ID field does not exist or is not accessible: Title' }],
  });
  expect(
    (await client.rest('PATCH', '/sobjects/Contact/Ext__c/new?updateOnly=true', { LastName: 'x' })).status,
  ).toBe(404);
});

test('a parent is named by its External ID', async () => {
  await client.rest('PATCH', '/sobjects/Account/ExternalAcctId__c/ID1', { Name: 'Acme' });
  const made = await client.rest('POST', '/sobjects/Contact', {
    LastName: 'Roe',
    Account: { ExternalAcctId__c: 'id1' },
  });
  expect(made.status).toBe(201);
  const { body } = await client.query(
    "SELECT Account.Name, Account.Owner.Name FROM Contact WHERE Account.ExternalAcctId__c = 'ID1'",
  );
  expect(body.records).toMatchObject([{ Account: { Name: 'Acme', Owner: { Name: 'Integration User' } } }]);
  const missing = await client.rest('POST', '/sobjects/Contact', {
    LastName: 'Roe',
    Account: { ExternalAcctId__c: 'ID2' },
  });
  expect(missing.body).toMatchObject([
    {
      errorCode: 'INVALID_FIELD',
      message: 'Foreign key external ID: ID2 not found for field ExternalAcctId__c in entity Account',
    },
  ]);
});

test('a collection answers in order, one result per record, neighbours unharmed', async () => {
  const records = [
    contact({ Email: 'A@x.com', LastName: 'A' }),
    contact({ Email: 'b@x', LastName: 'B' }),
    contact({ Email: 'c@x.com', LastName: null }),
    contact({ Email: 'd@x.com', LastName: 'D', nope: 1 }),
    contact({ Email: 'same@x.com', LastName: 'E' }),
    contact({ Email: 'SAME@x.com', LastName: 'F' }),
    contact({ LastName: 'G' }),
    contact({ Email: 'h@x.com', LastName: 'H' }),
  ];
  const { status, body } = await client.rest('PATCH', '/composite/sobjects/Contact/Email', { records });
  expect(status).toBe(200);
  const codes = body.map((result: { errors: { statusCode: string }[] }) => result.errors[0]?.statusCode);
  expect(codes).toEqual([
    undefined,
    'INVALID_EMAIL_ADDRESS',
    'REQUIRED_FIELD_MISSING',
    'INVALID_FIELD',
    'DUPLICATE_VALUE',
    'DUPLICATE_VALUE',
    'MISSING_ARGUMENT',
    undefined,
  ]);
  expect(body[0]).toMatchObject({ success: true, created: true, errors: [] });
  expect((await client.query('SELECT COUNT() FROM Contact')).body.totalSize).toBe(2);
});

test('allOrNone leaves no trace and tells the others why', async () => {
  const records = [contact({ LastName: 'A' }), contact({ FirstName: 'B' })];
  const { body } = await client.rest('POST', '/composite/sobjects', { allOrNone: true, records });
  expect(body).toMatchObject([
    { success: false, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
    { success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] },
  ]);
  expect((await client.query('SELECT COUNT() FROM Contact')).body.totalSize).toBe(0);
});

test('several matches and Unique clashes inside a collection', async () => {
  const made = await client.rest('POST', '/composite/sobjects', {
    records: [
      contact({ LastName: 'A', Email: 'a@x.com', Ext__c: 'k' }),
      contact({ LastName: 'B', Email: 'a@x.com' }),
    ],
  });
  const ids = made.body.map((result: { id: string }) => result.id);
  const upsert = await client.rest('PATCH', '/composite/sobjects/Contact/Email', {
    records: [contact({ Email: 'a@x.com', LastName: 'C' })],
  });
  expect(upsert.body[0].errors[0]).toEqual({
    statusCode: 'DUPLICATE_EXTERNAL_ID',
    message: `Email: more than one record found for external id field: [${ids.join(', ')}]`,
    fields: ['Email'],
  });
  const clash = await client.rest('PATCH', '/composite/sobjects', {
    records: [contact({ id: ids[1], Ext__c: 'K' })],
  });
  expect(clash.body[0].errors[0]).toMatchObject({
    statusCode: 'DUPLICATE_VALUE',
    message: `duplicate value found: Ext__c duplicates value on record with id: ${ids[0]?.slice(0, 15)}`,
  });
});

test('collections retrieve and delete; a missing record is null', async () => {
  const made = await client.rest('POST', '/composite/sobjects', {
    records: ['A', 'B'].map((LastName) => contact({ LastName })),
  });
  const [first, second] = made.body.map((result: { id: string }) => result.id);
  const unknown = '0035e00000zzzzz';
  const read = await client.rest('POST', '/composite/sobjects/Contact', {
    ids: [second, unknown, first],
    fields: ['LastName'],
  });
  expect(read.body).toMatchObject([{ LastName: 'B' }, null, { LastName: 'A' }]);
  const gone = await client.rest('DELETE', `/composite/sobjects?ids=${first},${unknown}`);
  expect(gone.body).toMatchObject([
    { id: first, success: true },
    { success: false, errors: [{ statusCode: 'INVALID_CROSS_REFERENCE_KEY' }] },
  ]);
  const byGet = await client.rest(
    'GET',
    `/composite/sobjects/Contact?ids=${first},${second}&fields=Id,LastName`,
  );
  expect(byGet.body).toMatchObject([null, { Id: second }]);
});

test('limits of a collections call', async () => {
  const records = Array.from({ length: 201 }, () => contact({ LastName: 'x' }));
  expect(await client.rest('POST', '/composite/sobjects', { records })).toMatchObject({
    status: 400,
    body: [{ errorCode: 'EXCEEDED_ID_LIMIT' }],
  });
  const mixed = Array.from({ length: 12 }, (_, index) => ({
    attributes: { type: index % 2 ? 'Contact' : 'Account' },
    LastName: 'x',
  }));
  expect((await client.rest('POST', '/composite/sobjects', { records: mixed })).status).toBe(400);
});

test('versions: 46.0 to 67.0 served, live ones before not here, retired ones gone, newer unknown', async () => {
  const { body: list } = await client.call('GET', '/services/data/');
  expect(list.at(-1)).toEqual({ label: "Summer '26", url: '/services/data/v67.0', version: '67.0' });
  expect(list).toHaveLength(22);
  expect((await client.call('GET', '/services/data/v46.0/sobjects/')).status).toBe(200);
  expect((await client.call('GET', '/services/data/v45.0/sobjects')).status).toBe(501);
  expect((await client.call('GET', '/services/data/v30.0/sobjects')).status).toBe(410);
  expect((await client.call('GET', '/services/data/v68.0/sobjects')).status).toBe(404);
});

test('describe states types, lengths, keys and requirements', async () => {
  const { body } = await client.rest('GET', '/sobjects/contact/describe');
  const field = (name: string) => body.fields.find((candidate: { name: string }) => candidate.name === name);
  expect(field('Email')).toMatchObject({
    type: 'email',
    length: 80,
    idLookup: true,
    externalId: false,
    byteLength: 240,
  });
  expect(field('LastName')).toMatchObject({ nillable: false, createable: true, defaultedOnCreate: false });
  expect(field('MailingAddress')).toMatchObject({
    type: 'address',
    createable: false,
    soapType: 'urn:address',
  });
  expect(field('Ext__c')).toMatchObject({
    custom: true,
    externalId: true,
    unique: true,
    idLookup: true,
    length: 40,
  });
  expect((await client.rest('GET', '/sobjects/Nope/describe')).status).toBe(404);
});

test('the rolling 24 hours: counted, shown, refused beyond, free again later', async () => {
  const used = async () => (await client.call('GET', '/emulator/limits')).body.used;
  const before = await used();
  const answer = await client.rest('GET', '/limits');
  expect(answer.headers.get('sforce-limit-info')).toBe(`api-usage=${before + 1}/15000`);
  expect(answer.body.DailyApiRequests).toEqual({ Max: 15_000, Remaining: 15_000 - before - 1 });
  await client.call('PUT', '/emulator/limits', { allowed: before + 2 });
  expect((await client.rest('GET', '/limits')).status).toBe(200);
  expect(await client.rest('GET', '/limits')).toMatchObject({
    status: 403,
    body: [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
  });
  await client.call('POST', '/emulator/clock', { advance_ms: 86_460_000 });
  client = await connect(org);
  expect((await client.rest('GET', '/limits')).status).toBe(200);
});

test('ordered faults strike in turn: a status, a cut before the write, a cut after it', async () => {
  const order = (faults: object) => client.call('PUT', '/emulator/faults', faults);
  await order({ fail: { count: 1, status: 503 } });
  expect((await client.rest('POST', '/sobjects/Contact', { LastName: 'A' })).status).toBe(503);
  expect((await client.rest('POST', '/sobjects/Contact', { LastName: 'B' })).status).toBe(201);
  await order({ cut: { count: 1, when: 'before_write' } });
  await expect(client.rest('POST', '/sobjects/Contact', { LastName: 'C' })).rejects.toThrow();
  await order({ cut: { count: 1, when: 'after_write' } });
  await expect(client.rest('POST', '/sobjects/Contact', { LastName: 'D' })).rejects.toThrow();
  const { body } = await client.query('SELECT LastName FROM Contact ORDER BY LastName');
  expect(body.records.map((record: { LastName: string }) => record.LastName)).toEqual(['B', 'D']);
  expect((await order({ cut: { when: 'never' } })).status).toBe(400);
  await order({ latency_ms: 120 });
  const started = performance.now();
  await client.rest('GET', '/limits');
  expect(performance.now() - started).toBeGreaterThan(110);
  const journal = await client.call('GET', '/emulator/journal?limit=3');
  expect(journal.body.entries[0]).toMatchObject({
    method: 'GET',
    path: '/services/data/v67.0/limits',
    status: 200,
  });
});

test('hostile input is refused, never answered 2xx, never fatal', async () => {
  const cases: [string, string, string | undefined, number][] = [
    ['POST', '/sobjects/Contact', '{"LastName":', 400],
    ['POST', '/sobjects/Contact', '', 400],
    ['POST', '/sobjects/Contact', '[1]', 400],
    ['POST', '/sobjects/Contact', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, 400],
    ['POST', '/sobjects/Contact', '{"__proto__":{"LastName":"x"}}', 400],
    ['POST', '/sobjects/Contact', '{"constructor":"x","LastName":"x"}', 400],
    ['POST', '/composite/sobjects', '{"records":{}}', 400],
    ['POST', '/composite/sobjects', '{"records":[null]}', 400],
    ['POST', '/composite/sobjects', '{"records":[{"attributes":{"type":"__proto__"}},{}]}', 400],
    ['PUT', '/sobjects/Contact', '{}', 405],
    ['DELETE', '/query', undefined, 405],
    ['GET', '/sobjects/Contact/%E0%A4%A', undefined, 400],
    ['GET', '/composite/batch', undefined, 405],
    ['POST', '/jobs/query', '{}', 400],
    ['GET', '/sobjects/Contact/updated', undefined, 501],
    ['GET', '/sobjects/Contact/describe/layouts', undefined, 501],
    ['GET', '/nothing', undefined, 404],
    ['GET', `/query?q=${'x'.repeat(17_000)}`, undefined, 414],
    ['GET', `/query?q=${encodeURIComponent("SELECT Id FROM Contact WHERE (Id = '")}`, undefined, 400],
    [
      'GET',
      `/query?q=${encodeURIComponent(`SELECT Id FROM Contact WHERE ${'('.repeat(300)}Name = 'a'${')'.repeat(300)}`)}`,
      undefined,
      400,
    ],
  ];
  for (const [method, path, body, status] of cases) {
    const answer = await client.rest(method, path, body);
    expect(answer.status, `${method} ${path.slice(0, 60)} ${body?.slice(0, 60)}`).toBe(status);
    expect(answer.body[0], path.slice(0, 60)).toHaveProperty('errorCode');
  }
  const wrongType = await client.call('POST', '/services/data/v67.0/sobjects/Contact', '{}', {
    'content-type': 'text/plain',
  });
  expect(wrongType.status).toBe(415);
  expect((await client.query('SELECT COUNT() FROM Contact')).body.totalSize).toBe(0);
});

test('a row is changed only if unmodified since', async () => {
  const { body } = await client.rest('POST', '/sobjects/Contact', { LastName: 'Doe' });
  const path = `/services/data/v67.0/sobjects/Contact/${body.id}`;
  const at = (offsetMs: number) => new Date(Date.now() + offsetMs).toUTCString();
  const change = (header: Record<string, string>) => client.call('PATCH', path, { FirstName: 'J' }, header);
  expect((await change({ 'if-unmodified-since': at(-60_000) })).status).toBe(412);
  expect((await change({ 'if-unmodified-since': at(60_000) })).status).toBe(204);
  expect((await change({ 'if-match': '"x"' })).status).toBe(501);
  expect((await client.call('GET', path, undefined, { 'if-modified-since': at(60_000) })).status).toBe(304);
});

test('deleting an Account takes its Contacts along', async () => {
  const account = await client.rest('POST', '/sobjects/Account', { Name: 'Acme' });
  await client.rest('POST', '/sobjects/Contact', { LastName: 'Doe', AccountId: account.body.id });
  await client.rest('DELETE', `/sobjects/Account/${account.body.id}`);
  expect((await client.call('GET', '/emulator/counts')).body.Contact).toEqual({ live: 0, deleted: 1 });
  const orphan = await client.rest('POST', '/sobjects/Contact', {
    LastName: 'Roe',
    AccountId: account.body.id,
  });
  expect(orphan.body).toMatchObject([{ errorCode: 'ENTITY_IS_DELETED' }]);
});

test('gzip both ways', async () => {
  const response = await fetch(`${org.url}/services/data/v67.0/sobjects/Contact`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${client.token}`,
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    },
    body: gzipSync('{"LastName":"Zip"}'),
  });
  expect(response.status).toBe(201);
  const describe = await client.call('GET', '/services/data/v67.0/sobjects/Contact/describe', undefined, {
    'accept-encoding': 'gzip',
  });
  expect(describe.headers.get('content-encoding')).toBe('gzip');
  expect(describe.body.name).toBe('Contact');
});

test('a custom field can be added to the running org', async () => {
  const add = (field: object) => client.call('POST', '/emulator/fields', field);
  expect((await add({ object: 'Lead', name: 'Score__c', type: 'int' })).status).toBe(201);
  expect((await add({ object: 'Lead', name: 'Score__c', type: 'int' })).status).toBe(400);
  expect(
    (await client.rest('POST', '/sobjects/Lead', { LastName: 'L', Company: 'C', Score__c: 7 })).status,
  ).toBe(201);
  expect((await client.query('SELECT Score__c, Status FROM Lead')).body.records).toMatchObject([
    { Score__c: 7, Status: 'Open - Not Contacted' },
  ]);
});

test('the pages show records, escaped', async () => {
  const made = await client.rest('POST', '/sobjects/Contact', { LastName: '<b>Doe</b>', Email: 'x@y.zz' });
  const read = async (path: string) => (await fetch(org.url + path)).text();
  const list = await read('/?q=%3Cb%3E');
  expect(list).toContain('<title>Contacts | Salesforce org emulator</title>');
  expect(list).toContain('&lt;b&gt;Doe&lt;/b&gt;');
  expect(list).not.toContain('<b>Doe');
  expect(list).toContain('1 Contact found');
  expect(await read(`/record/${made.body.id}`)).toContain('x@y.zz');
  expect(await read('/journal')).toContain('/services/data/v67.0/sobjects/Contact');
  expect(await read('/list/Lead')).toContain('No leads yet.');
});
