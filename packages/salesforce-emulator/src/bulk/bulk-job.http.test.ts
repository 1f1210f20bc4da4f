import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleUser } from '../definition/users.ts';
import { type Org, startOrg } from '../start-org.ts';
import { type BulkClient, bulkClient } from '../testing/bulk-client.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

let org: Org;
let client: RestClient;
let bulk: BulkClient;
beforeAll(async () => {
  org = await startOrg({
    definition: {
      customFields: [
        { object: 'Contact', name: 'Ext__c', externalId: true, unique: true },
        { object: 'Account', name: 'Ext__c', externalId: true, unique: true },
      ],
    },
  });
  client = await connect(org);
  bulk = bulkClient(client);
});
afterAll(() => org.close());

const contacts = { object: 'Contact', operation: 'insert' };
const upsert = { object: 'Contact', operation: 'upsert', externalIdFieldName: 'Ext__c' };

test('a job from creation to its results, with the bodies Salesforce sends', async () => {
  const created = await bulk.create({ ...upsert, contentType: 'CSV' });
  const { id } = created.body;
  expect(created).toMatchObject({ status: 200 });
  expect(created.body).toEqual({
    id: expect.stringMatching(/^750\w{15}$/),
    operation: 'upsert',
    object: 'Contact',
    createdById: expect.stringMatching(/^005/),
    createdDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/),
    systemModstamp: expect.any(String),
    state: 'Open',
    externalIdFieldName: 'Ext__c',
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: 67,
    contentUrl: `services/data/v67.0/jobs/ingest/${id}/batches`,
    lineEnding: 'LF',
    columnDelimiter: 'COMMA',
  });
  await client.rest('POST', '/sobjects/Contact', { LastName: 'Old', Ext__c: 'k2' });
  const rows = 'Ext__c,LastName,Email\nk1,Doe,a@x.com\nk2,"Ro, ""e""",\nk3,,bad\n';
  expect(await bulk.upload(id, rows)).toMatchObject({ status: 201, body: '' });
  const closed = await bulk.patch(id, 'UploadComplete');
  expect(closed).toMatchObject({ status: 200, body: { id, state: 'UploadComplete', apiVersion: 67 } });
  expect(closed.body).not.toHaveProperty('contentUrl');
  expect(await bulk.wait(id)).toEqual({
    ...closed.body,
    systemModstamp: expect.any(String),
    state: 'JobComplete',
    jobType: 'V2Ingest',
    lineEnding: 'LF',
    columnDelimiter: 'COMMA',
    numberRecordsProcessed: 3,
    numberRecordsFailed: 1,
    retries: 0,
    totalProcessingTime: expect.any(Number),
    apiActiveProcessingTime: expect.any(Number),
    apexProcessingTime: 0,
  });
  const successes = await bulk.results(id, 'successfulResults');
  expect(successes.headers.get('content-type')).toMatch(/^text\/csv/);
  expect(successes.body).toMatch(
    /^"sf__Id","sf__Created",Ext__c,LastName,Email\n"003\w{15}","true","k1","Doe","a@x.com"\n"003\w{15}","false","k2","Ro, ""e""",""\n$/,
  );
  expect((await bulk.results(id, 'failedResults')).body).toBe(
    '"sf__Id","sf__Error",Ext__c,LastName,Email\n' +
      '"","INVALID_EMAIL_ADDRESS:Email: invalid email address: bad:Email --","k3","","bad"\n',
  );
  for (const spelling of ['unprocessedrecords', 'unprocessedRecords'])
    expect((await bulk.results(id, spelling)).body).toBe('Ext__c,LastName,Email\n');
  expect((await client.query("SELECT LastName FROM Contact WHERE Ext__c = 'k2'")).body.records).toMatchObject(
    [{ LastName: 'Ro, "e"' }],
  );
});

test('empty is ignored, #N/A clears, text is not trimmed by the CSV but by its field', async () => {
  await bulk.run(contacts, 'Ext__c,LastName,FirstName,Title\nn1, Roe ,Jane,Boss\n');
  await bulk.run(upsert, 'Ext__c,FirstName,Title\nn1,,#N/A\n');
  const { body } = await client.query("SELECT LastName, FirstName, Title FROM Contact WHERE Ext__c = 'n1'");
  expect(body.records).toMatchObject([{ LastName: 'Roe', FirstName: 'Jane', Title: null }]);
});

test('insert, update, delete, upsert by Id, and ids where they do not belong', async () => {
  const made = await bulk.run(contacts, 'LastName,Ext__c\nA,o1\nB,o2\n');
  const [first = '', second = ''] = made.successes.map((row) => row[0] ?? '');
  const updated = await bulk.run(
    { ...contacts, operation: 'update' },
    `Id,LastName\n${first},C\n,D\n00Q,E\n`,
  );
  expect(updated.successes).toEqual([[first, 'false', first, 'C']]);
  expect(updated.failures).toEqual([
    ['', 'MISSING_ARGUMENT:Id not specified in an update call:--', '', 'D'],
    ['00Q', expect.stringMatching(/^MALFORMED_ID:/), '00Q', 'E'],
  ]);
  const byId = await bulk.run({ ...upsert, externalIdFieldName: 'Id' }, `Id,LastName\n${second},F\n,G\n`);
  expect(byId.successes.map((row) => row[1])).toEqual(['false', 'true']);
  expect((await bulk.run(contacts, `Id,LastName\n${first},X\n`)).failures[0]?.[1]).toBe(
    'INVALID_FIELD_FOR_INSERT_UPDATE:cannot specify Id in an insert call:Id --',
  );
  expect((await bulk.run(upsert, `Id,Ext__c,LastName\n${first},o1,X\n`)).failures[0]?.[1]).toContain(
    'cannot specify both an external ID reference Ext__c and a salesforce id',
  );
  expect((await bulk.run(upsert, 'LastName\nX\n')).failures[0]?.[1]).toBe(
    'MISSING_ARGUMENT:Ext__c not specified:Ext__c --',
  );
  const deleted = await bulk.run({ ...contacts, operation: 'delete' }, `Id\n${first}\n${first}\n`);
  expect(deleted.successes).toEqual([[first, 'false', first]]);
  expect(deleted.failures).toEqual([[first, 'ENTITY_IS_DELETED:entity is deleted:--', first]]);
  const wide = await bulk.run({ ...contacts, operation: 'delete' }, `Id,LastName\n${second},x\n`);
  expect(wide.job.state).toBe('Failed');
});

test('values of a wrong kind are refused in the words of a file, not of JSON', async () => {
  const { failures, successes } = await bulk.run(
    contacts,
    'LastName,Birthdate,DoNotCall\nA,tomorrow,false\nB,1940-06-07Z,true\nC,,maybe\n',
  );
  expect(failures.map((row) => row[1])).toEqual([
    'INVALID_TYPE_ON_FIELD_IN_RECORD:Birthdate: value not of required type: tomorrow:Birthdate --',
    'INVALID_TYPE_ON_FIELD_IN_RECORD:Do Not Call: value not of required type: maybe:DoNotCall --',
  ]);
  expect(successes).toHaveLength(1);
});

test('parents by their key; headers that lead nowhere fail the job and write nothing', async () => {
  await client.rest('POST', '/sobjects/Account', { Name: 'Acme', Ext__c: 'acme' });
  const { successes, failures } = await bulk.run(
    contacts,
    'LastName,Account.Ext__c\nA,acme\nB,nobody\nC,#N/A\nD,\n',
  );
  expect(successes).toHaveLength(3);
  expect(failures[0]?.[1]).toMatch(
    /^INVALID_FIELD:Foreign key external ID: nobody not found for field Ext__c/,
  );
  const failed = async (header: string, request: object = contacts) => {
    const { job, unprocessed, successes } = await bulk.run(request, `${header}\nx\n`);
    expect([job.state, job.numberRecordsProcessed, job.numberRecordsFailed]).toEqual(['Failed', 0, 0]);
    expect(successes).toEqual([]);
    // A client's text reader drops the mark of byte order.
    expect(unprocessed).toBe(`${header.replace('\ufeff', '')}\nx\n`);
    return job.errorMessage;
  };
  expect(await failed('LastName,Nope__c')).toBe('InvalidBatch : Field name not found : Nope__c');
  expect(await failed('LastName, Email')).toBe('InvalidBatch : Field name not found :  Email');
  expect(await failed('\ufeffLastName')).toBe('InvalidBatch : Field name not found : \ufeffLastName');
  expect(await failed('__proto__')).toBe('InvalidBatch : Field name not found : __proto__');
  expect(await failed('Account:Parent:Ext__c')).toBe(
    'InvalidBatch : Field name not found : Account:Parent:Ext__c',
  );
  expect(await failed('Account:Account.Ext__c')).toBe(
    'InvalidBatch : type is not needed for non polymorphic foreign key references: Account',
  );
  expect(await failed('Account:Nope.Ext__c')).toBe('InvalidBatch : Unable to find relationship: Nope');
  expect(await failed('Account.Nope__c')).toBe('InvalidBatch : Field name not found : Account.Nope__c');
  expect(await failed('LastName,lastname')).toContain('InvalidBatch : ');
  const before = await client.query('SELECT COUNT() FROM Contact');
  const wrongEnding = await bulk.run(contacts, 'LastName\r\nA\r\n');
  expect(wrongEnding.job).toMatchObject({
    state: 'Failed',
    errorMessage: 'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF',
  });
  expect((await client.query('SELECT COUNT() FROM Contact')).body).toEqual(before.body);
});

test('every delimiter and line ending; results are written as the job is', async () => {
  const request = { ...contacts, columnDelimiter: 'SEMICOLON', lineEnding: 'CRLF' };
  const { id } = await bulk.finish(request, '"LastName";Title\r\n"a;b\nc";d,e\r\n');
  expect((await bulk.results(id, 'successfulResults')).body).toMatch(
    /^"sf__Id";"sf__Created";"LastName";Title\r\n"003\w{15}";"true";"a;b\nc";"d,e"\r\n$/,
  );
  for (const [columnDelimiter, delimiter] of [
    ['TAB', '\t'],
    ['PIPE', '|'],
    ['CARET', '^'],
    ['BACKQUOTE', '`'],
  ] as const) {
    const { job } = await bulk.run(
      { ...contacts, columnDelimiter },
      `LastName${delimiter}Title\nx${delimiter}y\n`,
    );
    expect(job).toMatchObject({ state: 'JobComplete', numberRecordsFailed: 0, numberRecordsProcessed: 1 });
  }
});

test('rows that are no rows fail alone', async () => {
  const { job, failures } = await bulk.run(
    contacts,
    `LastName,Title\nA,x,y\nB\n"C" ,x\nD,${'t'.repeat(32_001)}\nE,ok\n`,
  );
  expect(job).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 5, numberRecordsFailed: 4 });
  for (const [, error] of failures) expect(error).toMatch(/^ClientInputError:/);
});

test('within one chunk of 200 a key may come once; a later chunk updates what an earlier one made', async () => {
  const rows = Array.from({ length: 199 }, (_, index) => `f${index},F`);
  const { successes, failures } = await bulk.run(
    upsert,
    ['Ext__c,LastName', 'same,one', ...rows, 'same,two', 'twice,x', 'twice,y', ''].join('\n'),
  );
  expect(failures.map((row) => row[2])).toEqual(['twice', 'twice']);
  expect(successes.filter((row) => row[2] === 'same').map((row) => row[1])).toEqual(['true', 'false']);
});

test('rows come once', async () => {
  const { id } = (await bulk.create(contacts)).body;
  expect(await bulk.upload(id, 'LastName\nOnce\n')).toMatchObject({ status: 201 });
  expect(await bulk.upload(id, 'LastName\nAgain\n')).toMatchObject({
    status: 400,
    body: [{ errorCode: 'BULK_API_ERROR', message: expect.stringContaining(`<${id.slice(0, 15)}>`) }],
  });
  await bulk.patch(id, 'UploadComplete');
  expect(await bulk.wait(id)).toMatchObject({ numberRecordsProcessed: 1, numberRecordsFailed: 0 });
});

test('a job and its rows in one multipart request', async () => {
  const body = [
    '--BOUNDARY',
    'Content-Type: application/json',
    'Content-Disposition: form-data; name="job"',
    '',
    JSON.stringify(contacts),
    '',
    '--BOUNDARY',
    'Content-Type: text/csv',
    'Content-Disposition: form-data; name="content"; filename="content"',
    '',
    'FirstName,LastName\nAstro,Nomical',
    '--BOUNDARY--',
  ].join('\r\n');
  const multipart = { 'content-type': 'multipart/form-data; boundary="BOUNDARY"' };
  const path = '/services/data/v67.0/jobs/ingest/';
  const answer = await client.call('POST', path, body, multipart);
  expect(answer).toMatchObject({ status: 200, body: { state: 'UploadComplete' } });
  expect(await bulk.wait(answer.body.id)).toMatchObject({ state: 'JobComplete', numberRecordsFailed: 0 });
  const long = body.replace('Astro', 'a'.repeat(100_001));
  expect((await client.call('POST', path, long, multipart)).status).toBe(413);
  for (const bad of ['', '--BOUNDARY--', body.replace('name="job"', 'name="x"'), body.slice(0, -20)])
    expect((await client.call('POST', path, bad, multipart)).status).toBe(400);
});

test('what cannot be a job is refused', async () => {
  const refusal = async (request: object) => {
    const { status, body } = await bulk.create(request);
    expect(status).toBe(400);
    return [body[0].errorCode, body[0].message];
  };
  expect(await refusal({ ...contacts, object: 'Nope' })).toEqual([
    'INVALIDJOB',
    'InvalidJob : Unable to find object: Nope',
  ]);
  expect(await refusal({ ...upsert, externalIdFieldName: 'Title' })).toEqual([
    'INVALIDJOB',
    'InvalidJob : Field name provided, Title does not match an External ID for Contact',
  ]);
  expect(await refusal({ object: 'Contact', operation: 'upsert' })).toEqual([
    'INVALIDJOB',
    'InvalidJob : Field name provided,  does not match an External ID for Contact',
  ]);
  expect(await refusal({ ...contacts, operation: '' })).toEqual([
    'API_ERROR',
    "Invalid value: '' supplied for property: 'operation'",
  ]);
  expect((await refusal({ ...contacts, contentType: 'JSON' }))[0]).toBe('API_ERROR');
  expect((await refusal({ ...contacts, lineEnding: 'CR' }))[0]).toBe('API_ERROR');
  expect((await refusal({ ...contacts, columnDelimiter: 'toString' }))[0]).toBe('API_ERROR');
  expect((await refusal({ ...contacts, operation: 'hardDelete' }))[0]).toBe('FEATURENOTENABLED');
  expect((await refusal({ ...contacts, object: 'Organization' }))[0]).toBe('INVALIDENTITY');
  expect((await refusal({ ...contacts, externalIdFieldName: 'Ext__c' }))[0]).toBe('INVALIDJOB');
  expect((await refusal({ ...contacts, colour: 'red' }))[0]).toBe('JSON_PARSER_ERROR');
  expect((await refusal({ ...contacts, object: 1 }))[0]).toBe('JSON_PARSER_ERROR');
});

test('states that cannot follow are refused, and a deleted job is gone', async () => {
  const { job, id } = await bulk.finish(contacts, 'LastName\nA\n');
  expect(job.state).toBe('JobComplete');
  const refused = (message: string) => ({ status: 400, body: [{ errorCode: 'INVALIDJOBSTATE', message }] });
  expect(await bulk.patch(id, 'UploadComplete')).toMatchObject(
    refused('Closing already Completed Job not allowed'),
  );
  expect(await bulk.patch(id, 'Aborted')).toMatchObject(
    refused('Aborting already Completed Job not allowed'),
  );
  expect((await bulk.patch(id, 'InProgress')).body[0].errorCode).toBe('API_ERROR');
  expect((await bulk.upload(id, 'LastName\nB\n')).status).toBe(400);
  expect((await client.rest('DELETE', `/jobs/ingest/${id}`)).status).toBe(204);
  for (const path of ['', '/successfulResults', '/unprocessedrecords'])
    expect(await client.rest('GET', `/jobs/ingest/${id}${path}`)).toMatchObject({
      status: 404,
      body: [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }],
    });
  const open = (await bulk.create(contacts)).body.id;
  expect((await client.rest('DELETE', `/jobs/ingest/${open}`)).status).toBe(400);
  expect((await bulk.results(open, 'successfulResults')).status).toBe(400);
  expect((await client.call('PUT', `/services/data/v67.0/jobs/ingest/${open}/batches`, '{}')).status).toBe(
    415,
  );
  expect(await bulk.upload(open, 'LastName\nA\n')).toMatchObject({ status: 201 });
  expect((await bulk.patch(open, 'Aborted')).body.state).toBe('Aborted');
  expect((await bulk.results(open, 'unprocessedrecords')).body).toBe('LastName\nA\n');
  expect((await client.rest('PUT', '/jobs/ingest')).status).toBe(405);
});

test('only who created a job uploads, closes, aborts or deletes it; anybody sees how it goes', async () => {
  const user = { username: 'rep@emulator.example', password: 'Rep-Pass-1', lastName: 'Rep' };
  await using shared = await startOrg({ definition: { users: [sampleUser, user] } });
  const owner = bulkClient(await connect(shared));
  const { id } = (await owner.create(contacts)).body;
  const credentials = { ...shared.credentials, ...user, securityToken: '' };
  const other = await connect({ ...shared, credentials });
  const theirs = bulkClient(other);
  for (const answer of [
    await theirs.upload(id, 'LastName\nA\n'),
    await theirs.patch(id, 'Aborted'),
    await other.rest('DELETE', `/jobs/ingest/${id}`),
  ])
    expect(answer).toMatchObject({ status: 400, body: [{ errorCode: 'INVALIDUSER' }] });
  expect((await other.rest('GET', `/jobs/ingest/${id}`)).body).toMatchObject({ state: 'Open' });
});

test('a job without rows fails; a header alone completes with nothing', async () => {
  const { id } = (await bulk.create(contacts)).body;
  await bulk.patch(id, 'UploadComplete');
  expect(await bulk.wait(id)).toMatchObject({ state: 'Failed', errorMessage: expect.stringMatching(/^Inv/) });
  expect((await bulk.results(id, 'unprocessedrecords')).body).toBe('');
  expect((await bulk.run(contacts, 'LastName\n')).job).toMatchObject({
    state: 'JobComplete',
    numberRecordsProcessed: 0,
  });
});

test('the list of jobs, newest first and in pages', async () => {
  const first = await client.rest('GET', '/jobs/ingest?jobType=V2Ingest');
  expect(first.body).toMatchObject({ done: true, nextRecordsUrl: null });
  const missing = 1_001 - first.body.records.length;
  for (let made = 0; made < missing; made++) await bulk.create(contacts);
  const page = await client.rest('GET', '/jobs/ingest');
  expect(page.body).toMatchObject({
    done: false,
    nextRecordsUrl: expect.stringContaining('queryLocator=01g'),
  });
  expect(page.body.records).toHaveLength(1_000);
  const rest = await client.call('GET', page.body.nextRecordsUrl);
  expect(rest.body).toMatchObject({ done: true, records: [{ object: 'Contact' }] });
  expect((await client.rest('GET', '/jobs/ingest?queryLocator=x')).status).toBe(400);
  expect((await client.rest('GET', '/jobs/ingest?jobType=Classic')).body.records).toEqual([]);
});
