import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg({
    definition: {
      customFields: [
        { object: 'Account', name: 'ExternalAcctId__c', externalId: true, unique: true },
        { object: 'Contact', name: 'Ext__c', externalId: true, unique: true },
      ],
    },
  });
});
beforeEach(async () => {
  await fetch(`${org.url}/emulator/reset`, { method: 'POST' });
  client = await connect(org);
});
afterAll(() => org.close());

const base = '/services/data/v67.0';
interface Sent {
  readonly method: string;
  readonly url: string;
  readonly referenceId: string;
  readonly body?: unknown;
  readonly httpHeaders?: unknown;
}
const send = (method: string, path: string, referenceId: string, body?: unknown): Sent => ({
  method,
  url: base + path,
  referenceId,
  ...(body === undefined ? {} : { body }),
});
const composite = (compositeRequest: readonly Sent[], rest: object = {}) =>
  client.rest('POST', '/composite', { ...rest, compositeRequest });
const count = async (object: string): Promise<number> =>
  (await client.query(`SELECT COUNT() FROM ${object}`)).body.totalSize;
const undone = (referenceId: string) => ({
  body: [
    {
      errorCode: 'PROCESSING_HALTED',
      message: 'The transaction was rolled back since another operation in the same transaction failed.',
    },
  ],
  httpHeaders: {},
  httpStatusCode: 400,
  referenceId,
});
const unresolved = (referenceId: string, name: string, subrequest: string) => ({
  body: [
    {
      errorCode: 'PROCESSING_HALTED',
      message: `Invalid reference specified. No value for ${name} found in ${subrequest}. Provided referenceId ('${name}') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').`,
    },
  ],
  httpHeaders: {},
  httpStatusCode: 400,
  referenceId,
});

test('upserts an Account and creates its Contact in one call', async () => {
  const usedBefore = (await client.call('GET', '/emulator/limits')).body.used;
  const requests = [
    send('PATCH', '/sobjects/Account/ExternalAcctId__c/ID12345', 'NewAccount', { Name: 'Acme' }),
    send('POST', '/sobjects/Contact', 'newContact', { LastName: 'Harrison', AccountId: '@{NewAccount.id}' }),
  ];
  const answer = await composite(requests, { allOrNone: true });
  const [account, contact] = answer.body.compositeResponse;
  expect(answer).toMatchObject({
    status: 200,
    body: {
      compositeResponse: [
        {
          body: { id: expect.stringMatching(/^001\w{15}$/), success: true, errors: [], created: true },
          httpHeaders: { Location: `${base}/sobjects/Account/${account.body.id}` },
          httpStatusCode: 201,
          referenceId: 'NewAccount',
        },
        {
          body: { id: expect.stringMatching(/^003\w{15}$/), success: true, errors: [] },
          httpHeaders: { Location: `${base}/sobjects/Contact/${contact.body.id}` },
          httpStatusCode: 201,
          referenceId: 'newContact',
        },
      ],
    },
  });
  const { body } = await client.query(
    'SELECT LastName, Account.ExternalAcctId__c, Account.Name FROM Contact',
  );
  expect(body.records).toMatchObject([
    { LastName: 'Harrison', Account: { ExternalAcctId__c: 'ID12345', Name: 'Acme' } },
  ]);
  // One API call for the composite, one for the query, and one entry each in the journal.
  expect((await client.call('GET', '/emulator/limits')).body.used).toBe(usedBefore + 2);
  const again = await composite(requests, { allOrNone: true });
  expect(again.body.compositeResponse[0]).toMatchObject({
    httpStatusCode: 200,
    body: { id: account.body.id, created: false },
    httpHeaders: {},
  });
  const journal = (await client.call('GET', '/emulator/journal?limit=1')).body;
  expect(journal.entries[0]).toMatchObject({ path: `${base}/composite`, records: 2 });
});

test('creates a record', async () => {
  const answer = await composite([send('POST', '/sobjects/Contact', 'c', { LastName: 'Doe' })]);
  expect(answer.body.compositeResponse).toMatchObject([{ httpStatusCode: 201, body: { success: true } }]);
  expect(await count('Contact')).toBe(1);
});

test('references reach into rows, queries and collections; 204 answers no body', async () => {
  const contact = (fields: object) => ({ attributes: { type: 'Contact' }, ...fields });
  const answer = await composite([
    send('POST', '/composite/sobjects', 'Many', {
      records: [contact({ LastName: 'A' }), contact({ FirstName: 'no last name' })],
    }),
    send('PATCH', '/sobjects/Contact/@{Many[0].id}', 'Change', { FirstName: 'Ann', NumberOfEmployees: null }),
    send('PATCH', '/sobjects/Contact/@{Many[0].id}', 'Changed', { FirstName: 'Ann' }),
    send('GET', '/sobjects/Contact/@{Many[0].id}?fields=Name,Email', 'Read'),
    send('GET', `/query?q=SELECT Id, Name FROM Contact WHERE Name = '@{Read.Name}'`, 'Query'),
    send('POST', '/sobjects/Contact', 'Copy', {
      LastName: 'Copy of @{Query.records[0].Name} (@{Query.totalSize})',
      Email: '@{Read.Email}',
      ReportsToId: '@{Query.records[0].Id}',
    }),
    send('DELETE', '/sobjects/Contact/@{Copy.id}', 'Delete'),
    send('POST', '/sobjects/Contact', 'Halted', { LastName: '@{Many[1].id}' }),
    send('POST', '/sobjects/Contact', 'Halted2', { LastName: 'x', AccountId: '@{Halted.id}' }),
    send('POST', '/sobjects/Contact', 'Future', { LastName: '@{Last.id}' }),
    send('POST', '/sobjects/Contact', 'Last', { LastName: 'Last' }),
  ]);
  const results = answer.body.compositeResponse;
  expect(results.map((result: { httpStatusCode: number }) => result.httpStatusCode)).toEqual([
    200, 400, 204, 200, 200, 201, 204, 400, 400, 400, 201,
  ]);
  expect(results[2]).toEqual({ body: null, httpHeaders: {}, httpStatusCode: 204, referenceId: 'Changed' });
  expect(results[7]).toEqual(unresolved('Halted', 'Many[1].id', 'Many'));
  expect(results[8]).toEqual(unresolved('Halted2', 'Halted.id', 'Halted'));
  expect(results[9]).toEqual(unresolved('Future', 'Last.id', 'Last'));
  const { body } = await client.rest(
    'GET',
    `/queryAll?q=${encodeURIComponent('SELECT Name, IsDeleted, ReportsTo.Name FROM Contact ORDER BY Name')}`,
  );
  expect(body.records).toMatchObject([
    { Name: 'Ann A', IsDeleted: false },
    { Name: 'Copy of Ann A (1)', IsDeleted: true, ReportsTo: { Name: 'Ann A' } },
    { Name: 'Last', IsDeleted: false },
  ]);
});

test('allOrNone undoes everything, also what a collection says it wrote', async () => {
  const account = (fields: object) => ({ attributes: { type: 'Account' }, ...fields });
  const records = [account({ Name: 'Northern' }), account({ Site: 'no name' })];
  const run = (outer: boolean, inner: boolean) =>
    composite(
      [
        send('POST', '/sobjects/Contact', 'first', { LastName: 'First' }),
        send('POST', '/composite/sobjects', 'newAccounts', { allOrNone: inner, records }),
        send('POST', '/sobjects/Contact', 'newContact', { LastName: 'Smith' }),
      ],
      { allOrNone: outer, collateSubrequests: false },
    );
  const missing = { statusCode: 'REQUIRED_FIELD_MISSING' };
  const rolledBack = { statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' };
  // Case 4 of Salesforce's table: the collection still says success for a record that is gone.
  const outerOnly = (await run(true, false)).body.compositeResponse;
  expect(outerOnly[0]).toEqual(undone('first'));
  expect(outerOnly[1]).toMatchObject({
    body: [{ success: true }, { success: false, errors: [missing] }],
    httpStatusCode: 200,
  });
  expect(outerOnly[2]).toEqual(undone('newContact'));
  const both = (await run(true, true)).body.compositeResponse;
  expect(both[1].body).toMatchObject([{ errors: [rolledBack] }, { errors: [missing] }]);
  expect([await count('Account'), await count('Contact')]).toEqual([0, 0]);
  expect((await client.query('SELECT Id FROM Account')).body.records).toEqual([]);
  await run(false, true);
  expect([await count('Account'), await count('Contact')]).toEqual([0, 2]);
  await run(false, false);
  expect([await count('Account'), await count('Contact')]).toEqual([1, 4]);
});

test('one failure is named, its siblings are halted', async () => {
  const answer = await composite(
    [send('POST', '/sobjects/Contact', 'b', { LastName: 'B' }), send('POST', '/sobjects/Contact', 'c', {})],
    { allOrNone: true },
  );
  expect(answer.body.compositeResponse).toEqual([
    undone('b'),
    {
      body: [
        {
          message: 'Required fields are missing: [LastName]',
          errorCode: 'REQUIRED_FIELD_MISSING',
          fields: ['LastName'],
        },
      ],
      httpHeaders: {},
      httpStatusCode: 400,
      referenceId: 'c',
    },
  ]);
  expect(await count('Contact')).toBe(0);
});

test('five collections of 200 are 1,000 writes in one call; a sixth is too many', async () => {
  const collection = (index: number): Sent =>
    send('PATCH', '/composite/sobjects/Contact/Ext__c', `c${index}`, {
      records: Array.from({ length: 200 }, (_, row) => ({
        attributes: { type: 'Contact' },
        Ext__c: `k${index}-${row}`,
        LastName: `L${row}`,
        AccountId: '@{acc.id}',
      })),
    });
  const account = send('POST', '/sobjects/Account', 'acc', { Name: 'Acme' });
  const five = [0, 1, 2, 3, 4].map(collection);
  const answer = await composite([account, ...five], { allOrNone: true });
  expect(answer.body.compositeResponse.flatMap(({ body }: { body: unknown }) => body)).toHaveLength(1_001);
  expect((await client.query("SELECT COUNT() FROM Contact WHERE Account.Name = 'Acme'")).body.totalSize).toBe(
    1_000,
  );
  const six = await composite([account, ...five, send('GET', '/query?q=SELECT Id FROM Account', 'q')]);
  expect(six).toMatchObject({
    status: 200,
    body: { compositeResponse: [{ referenceId: null, httpStatusCode: 400 }] },
  });
  const rows = Array.from({ length: 26 }, (_, row) =>
    send('POST', '/sobjects/Contact', `r${row}`, { LastName: 'x' }),
  );
  expect((await composite(rows)).body).toEqual({
    compositeResponse: [
      {
        body: [
          { errorCode: 'LIMIT_EXCEEDED', message: 'The request can’t contain more than 25 operations.' },
        ],
        httpHeaders: {},
        httpStatusCode: 400,
        referenceId: null,
      },
    ],
  });
  expect((await composite(rows.slice(1))).body.compositeResponse).toHaveLength(25);
  expect(await count('Contact')).toBe(1_025);
});

test('governor limits are shared by all records of a composite', async () => {
  const collection = (referenceId: string): Sent =>
    send('POST', '/composite/sobjects', referenceId, {
      records: Array.from({ length: 60 }, () => ({ attributes: { type: 'Contact' }, LastName: 'L' })),
    });
  org.faults({ rules: [{ fault: { kind: 'governor', above: 100, scope: 'call' } }] });
  const apart = await composite([collection('a'), collection('b')]);
  expect(apart.body.compositeResponse).toMatchObject([
    { httpStatusCode: 200 },
    { httpStatusCode: 400, body: [{ errorCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY' }] },
  ]);
  expect(await count('Contact')).toBe(60);
  const together = await composite([collection('a'), collection('b')], { allOrNone: true });
  expect(together.body.compositeResponse[0]).toEqual(undone('a'));
  expect(await count('Contact')).toBe(60);
  await client.call('DELETE', '/emulator/faults');
});

test('a malformed composite is refused whole', async () => {
  const row = send('POST', '/sobjects/Contact', 'a', { LastName: 'x' });
  const { referenceId: _referenceId, ...nameless } = row;
  const parserError = (message: string) => [{ message, errorCode: 'JSON_PARSER_ERROR' }];
  const cases: [object, unknown][] = [
    [{ compositeRequest: [row, nameless] }, parserError("'referenceId' is a required field.")],
    [{ compositeRequest: [row, row] }, parserError('Duplicate ReferenceId found: a')],
    [
      { compositeRequest: [row, { ...row, referenceId: 'a[1]' }] },
      parserError(
        "Provided referenceId ('a[1]') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').",
      ),
    ],
    [{ compositeRequest: [] }, [{ errorCode: 'JSON_PARSER_ERROR' }]],
    [{}, [{ errorCode: 'JSON_PARSER_ERROR' }]],
    [{ compositeRequest: [row], allOrNone: 'true' }, [{ errorCode: 'JSON_PARSER_ERROR' }]],
    [{ compositeRequest: [row], allOrNune: true }, [{ errorCode: 'JSON_PARSER_ERROR' }]],
    [{ compositeRequest: [row, null] }, [{ errorCode: 'JSON_PARSER_ERROR' }]],
    [
      { compositeRequest: [row, { ...row, referenceId: 'b', method: 'post' }] },
      [{ errorCode: 'JSON_PARSER_ERROR' }],
    ],
    [{ compositeRequest: [row, { ...row, referenceId: 'b', url: 7 }] }, [{ errorCode: 'JSON_PARSER_ERROR' }]],
    [
      { compositeRequest: [{ ...row, httpHeaders: { 'If-Match': 1 } }] },
      [{ errorCode: 'JSON_PARSER_ERROR' }],
    ],
    ...['Accept', 'authorization', 'Content-Type'].map((name): [object, unknown] => [
      { compositeRequest: [row, { ...row, referenceId: 'b', httpHeaders: { [name]: 'x' } }] },
      [{ errorCode: 'INVALID_INPUT' }],
    ]),
  ];
  for (const [body, expected] of cases) {
    const answer = await client.rest('POST', '/composite', body);
    expect(answer, JSON.stringify(body).slice(0, 200)).toMatchObject({ status: 400, body: expected });
  }
  expect(await count('Contact')).toBe(0);
  const old = await client.call('POST', '/services/data/v51.0/composite', {
    compositeRequest: [
      { ...row, referenceId: 'a[1]' },
      { ...row, referenceId: 'b', body: { LastName: '@{a[1].id}' } },
    ],
  });
  expect(old.body.compositeResponse).toMatchObject([{ httpStatusCode: 201 }, { httpStatusCode: 400 }]);
});

test('only rows, queries and collections go into a composite, in any served version', async () => {
  const answer = await composite([
    {
      method: 'POST',
      url: '/services/data/v50.0/sobjects/Contact',
      referenceId: 'older',
      body: { LastName: 'O' },
    },
    { method: 'GET', url: '/services/data/v30.0/sobjects/Contact', referenceId: 'retired' },
    { method: 'GET', url: '/services/data/v99.0/sobjects/Contact', referenceId: 'unborn' },
    { method: 'POST', url: `${base}/composite`, referenceId: 'itself', body: { compositeRequest: [] } },
    { method: 'GET', url: `${base}/limits`, referenceId: 'limits' },
    { method: 'GET', url: 'v67.0/sobjects', referenceId: 'relative' },
    { method: 'GET', url: '/emulator/counts', referenceId: 'emulator' },
    { method: 'GET', url: `${base}/sobjects/Contact/listviews`, referenceId: 'later' },
    { method: 'PUT', url: `${base}/sobjects/Contact`, referenceId: 'verb', body: {} },
    { method: 'POST', url: `${base}/sobjects/Contact`, referenceId: 'empty' },
    { method: 'POST', url: `${base}/sobjects/Nothing__c`, referenceId: 'object', body: {} },
  ]);
  const results: { httpStatusCode: number; body: { errorCode: string }[] }[] = answer.body.compositeResponse;
  expect(results[0]).toMatchObject({ httpHeaders: { Location: expect.stringContaining('/v50.0/') } });
  expect(results.map(({ httpStatusCode }) => httpStatusCode)).toEqual([
    201, 410, 404, 404, 404, 404, 404, 501, 405, 400, 404,
  ]);
  expect(results.slice(1).every(({ body }) => typeof body[0]?.errorCode === 'string')).toBe(true);
});

test('a subrequest has headers of its own; conditions of the outer call are not its', async () => {
  const made = await client.rest('POST', '/sobjects/Contact', { LastName: 'Doe' });
  const path = `/sobjects/Contact/${made.body.id}`;
  const past = new Date(Date.now() - 60_000).toUTCString();
  const change = send('PATCH', path, 'change', { FirstName: 'J' });
  const guarded = await composite([{ ...change, httpHeaders: { 'If-Unmodified-Since': past } }]);
  expect(guarded.body.compositeResponse).toMatchObject([
    { httpStatusCode: 412, body: [{ errorCode: 'PRECONDITION_FAILED' }] },
  ]);
  const outer = await client.call(
    'POST',
    `${base}/composite`,
    { compositeRequest: [change] },
    {
      'if-unmodified-since': past,
    },
  );
  expect(outer.body.compositeResponse).toMatchObject([{ httpStatusCode: 204 }]);
});

test('options of the outer call hold for its subrequests, and each may set its own', async () => {
  await using strict = await startOrg({
    definition: { standardDuplicateRules: ['Standard_Contact_Duplicate_Rule'] },
  });
  const { call } = await connect(strict);
  const jane = { FirstName: 'Jane', LastName: 'Roe', Email: 'jane@x.example' };
  const create = send('POST', '/sobjects/Contact', 'c', jane);
  const allowSave = { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' };
  const statusOf = async (request: Sent, headers: Record<string, string>): Promise<number> =>
    (await call('POST', `${base}/composite`, { compositeRequest: [request] }, headers)).body
      .compositeResponse[0].httpStatusCode;
  expect(await statusOf(create, {})).toBe(201);
  expect(await statusOf(create, {})).toBe(400);
  expect(await statusOf(create, allowSave)).toBe(201);
  expect(await statusOf({ ...create, httpHeaders: allowSave }, {})).toBe(201);
});

test('lists its resources', async () => {
  const { body } = await client.rest('GET', '/composite');
  expect(body).toEqual({
    tree: `${base}/composite/tree`,
    batch: `${base}/composite/batch`,
    sobjects: `${base}/composite/sobjects`,
    graph: `${base}/composite/graph`,
  });
});
