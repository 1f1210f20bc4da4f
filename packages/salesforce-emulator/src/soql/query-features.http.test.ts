import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

let org: Org;
let client: RestClient;
let accountId: string;

beforeAll(async () => {
  org = await startOrg({
    clock: () => Date.UTC(2026, 4, 13, 10, 15),
    definition: {
      customFields: [
        { object: 'Account', name: 'Ext__c', type: 'string', length: 20, externalId: true, unique: true },
        { object: 'Contact', name: 'Points__c', type: 'double' },
        { object: 'Contact', name: 'Seen__c', type: 'datetime' },
        { object: 'Contact', name: 'Notes__c', type: 'textarea', length: 32_000 },
        { object: 'Contact', name: 'Tags__c', type: 'multipicklist', values: ['a', 'b', 'c', 'a b'] },
        { object: 'Contact', name: 'Partner__c', type: 'reference', referenceTo: 'Account' },
        { object: 'Contact', name: 'Broker__c', type: 'reference', referenceTo: 'Account' },
        {
          object: 'Contact',
          name: 'Agent__c',
          type: 'reference',
          referenceTo: 'Account',
          relationshipName: 'Clients',
        },
      ],
    },
  });
  client = await connect(org);
  const create = async (records: object[]): Promise<string[]> => {
    const { body } = await client.rest('POST', '/composite/sobjects', { allOrNone: true, records });
    return body.map((result: { id: string }) => result.id);
  };
  const account = (fields: object) => ({ attributes: { type: 'Account' }, ...fields });
  const contact = (fields: object) => ({ attributes: { type: 'Contact' }, ...fields });
  const [acme = '', globex = ''] = await create([
    account({ Name: 'Acme', Ext__c: 'E1', Industry: 'Banking', AnnualRevenue: 100 }),
    account({ Name: 'Globex', Ext__c: 'E2', Industry: 'Banking', AnnualRevenue: 300 }),
    account({ Name: 'Empty' }),
  ]);
  accountId = acme;
  await client.rest('PATCH', `/sobjects/Account/${globex}`, { ParentId: acme });
  await create([
    contact({ LastName: 'A', AccountId: acme, Points__c: 1, Birthdate: '2026-05-13', Tags__c: 'a;b' }),
    contact({ LastName: 'B', AccountId: acme, Points__c: 2, Birthdate: '2026-05-10', Tags__c: 'c' }),
    contact({ LastName: 'C', AccountId: globex, Points__c: 3, Birthdate: '2026-05-09', Tags__c: 'a b' }),
    contact({ LastName: 'D', Seen__c: '2026-05-12T23:59:59Z', Partner__c: globex }),
    contact({ LastName: 'd', Seen__c: '2025-12-31T23:59:59Z', Birthdate: '2025-02-28' }),
  ]);
});
afterAll(() => org.close());

const names = async (where: string): Promise<string> => {
  const { body } = await client.query(`SELECT LastName FROM Contact WHERE ${where} ORDER BY LastName, Id`);
  if (!('records' in body)) throw new Error(JSON.stringify(body));
  return body.records.map((record: { LastName: string }) => record.LastName).join('');
};
const rows = async (soql: string): Promise<object[]> => {
  const { body } = await client.query(soql);
  if (!('records' in body)) throw new Error(JSON.stringify(body));
  return body.records.map(({ attributes, ...fields }: { attributes: object }) => fields);
};

test.each([
  ['Birthdate = TODAY', 'A'],
  ['Birthdate = THIS_WEEK', 'AB'],
  ['Birthdate = LAST_WEEK', 'C'],
  ['Birthdate = LAST_N_DAYS:3', 'AB'],
  ['Birthdate < THIS_WEEK', 'Cd'],
  ['Birthdate > LAST_YEAR', 'ABC'],
  ['Birthdate >= LAST_YEAR', 'ABCd'],
  ['Birthdate <= LAST_YEAR', 'd'],
  ['Birthdate != THIS_YEAR', 'Dd'],
  ['Birthdate IN (TODAY, N_DAYS_AGO:4)', 'AC'],
  ['Seen__c = YESTERDAY', 'D'],
  ['Seen__c = LAST_FISCAL_YEAR', 'd'],
  ['Seen__c < N_QUARTERS_AGO:1', 'd'],
  ["CreatedDate = TODAY AND LastName = 'A'", 'A'],
  ['CALENDAR_YEAR(Seen__c) = 2026', 'D'],
  ['HOUR_IN_DAY(Seen__c) = 23 AND DAY_IN_WEEK(Seen__c) = 3', 'D'],
  ['DAY_ONLY(Seen__c) = 2025-12-31', 'd'],
  ['CALENDAR_MONTH(convertTimezone(Seen__c)) IN (5)', 'D'],
])('dates: %s', async (where, expected) => {
  expect(await names(where)).toBe(expected);
});

test.each([
  ["Account.Ext__c IN ('E1', 'nobody')", 'AB'],
  ["Account.Ext__c != 'E1'", 'CDd'],
  ['Account.Ext__c = null', 'Dd'],
  ["Account.Name LIKE 'Gl%'", 'C'],
  ["Account.Parent.Ext__c = 'e1'", 'C'],
  ["Partner__r.Name = 'Globex'", 'D'],
  ['Account.IsDeleted = false', 'ABCDd'],
  ['Account.AnnualRevenue > 100', 'C'],
  ['NOT (Account.AnnualRevenue > 100)', 'ABDd'],
  ["AccountId IN (SELECT Id FROM Account WHERE Industry = 'Banking' AND Parent.Name = 'Acme')", 'C'],
  ["AccountId NOT IN (SELECT Id FROM Account WHERE Name = 'Acme')", 'CDd'],
  ["Tags__c INCLUDES ('a;b', 'c')", 'AB'],
  ["Tags__c INCLUDES ('a')", 'A'],
  ["Tags__c EXCLUDES ('a', 'c')", 'CDd'],
  ["Tags__c = 'a;b'", 'A'],
  ["toLabel(Tags__c) = 'c'", 'B'],
])('conditions: %s', async (where, expected) => {
  expect(await names(where)).toBe(expected);
});

test('semi-joins on the id, and anti-joins', async () => {
  const accounts = async (where: string) => rows(`SELECT Name FROM Account WHERE ${where} ORDER BY Name`);
  expect(await accounts('Id IN (SELECT AccountId FROM Contact WHERE Points__c >= 2)')).toEqual([
    { Name: 'Acme' },
    { Name: 'Globex' },
  ]);
  expect(await accounts('Id NOT IN (SELECT AccountId FROM Contact)')).toEqual([{ Name: 'Empty' }]);
});

test('GROUP BY, HAVING and aggregates', async () => {
  expect(
    await rows(
      'SELECT Account.Name, COUNT(Id) n, SUM(Points__c), AVG(Points__c), MAX(LastName) FROM Contact GROUP BY Account.Name ORDER BY COUNT(Id) DESC, Account.Name NULLS LAST',
    ),
  ).toEqual([
    { Name: 'Acme', n: 2, expr0: 3, expr1: 1.5, expr2: 'B' },
    { Name: null, n: 2, expr0: null, expr1: null, expr2: 'D' },
    { Name: 'Globex', n: 1, expr0: 3, expr1: 3, expr2: 'C' },
  ]);
  expect(
    await rows(
      'SELECT AccountId FROM Contact GROUP BY AccountId HAVING COUNT(Id) > 1 AND (AccountId != null OR MIN(Points__c) = 7)',
    ),
  ).toEqual([{ AccountId: accountId }]);
  expect(
    await rows('SELECT LastName, COUNT(Id) FROM Contact GROUP BY LastName ORDER BY LastName DESC'),
  ).toHaveLength(4);
  expect(
    await rows('SELECT COUNT_DISTINCT(LastName) a, MIN(CreatedDate) b, COUNT(Seen__c) c FROM Contact'),
  ).toEqual([{ a: 4, b: '2026-05-13T10:15:00.000+0000', c: 2 }]);
  expect(
    await rows(
      'SELECT CALENDAR_YEAR(Birthdate) y, CALENDAR_QUARTER(Birthdate), COUNT(Id) FROM Contact WHERE Birthdate != null GROUP BY CALENDAR_YEAR(Birthdate), CALENDAR_QUARTER(Birthdate) ORDER BY CALENDAR_YEAR(Birthdate)',
    ),
  ).toEqual([
    { y: 2025, expr0: 1, expr1: 1 },
    { y: 2026, expr0: 2, expr1: 3 },
  ]);
  const { body } = await client.query('SELECT IsDeleted FROM Contact GROUP BY IsDeleted');
  expect(body).toEqual({
    totalSize: 1,
    done: true,
    records: [{ attributes: { type: 'AggregateResult' }, IsDeleted: false }],
  });
});

test('child records', async () => {
  const { body } = await client.query(
    'SELECT Name, (SELECT LastName, Account.Name FROM Contacts WHERE Points__c > 1 ORDER BY Points__c DESC), (SELECT Name, (SELECT LastName FROM Contacts) FROM ChildAccounts) FROM Account ORDER BY Name',
  );
  const [acme, empty, globex] = body.records;
  expect(Object.keys(acme)).toEqual(['attributes', 'Name', 'Contacts', 'ChildAccounts']);
  expect(acme.Contacts).toEqual({
    totalSize: 1,
    done: true,
    records: [
      {
        attributes: { type: 'Contact', url: expect.stringContaining('/sobjects/Contact/003') },
        LastName: 'B',
        Account: { attributes: expect.objectContaining({ type: 'Account' }), Name: 'Acme' },
      },
    ],
  });
  expect(acme.ChildAccounts.records[0].Contacts.records[0].LastName).toBe('C');
  expect(empty.Contacts).toBeNull();
  expect(globex.ChildAccounts).toBeNull();
  const partners = await rows(
    "SELECT Name, (SELECT LastName FROM Contacts__r) FROM Account WHERE Name = 'Globex'",
  );
  expect(partners).toMatchObject([{ Contacts__r: { totalSize: 1, records: [{ LastName: 'D' }] } }]);
  expect(
    await rows(
      "SELECT (SELECT Id FROM Contacts1__r), (SELECT Id FROM Clients__r) FROM Account WHERE Name = 'Globex'",
    ),
  ).toEqual([{ Contacts1__r: null, Clients__r: null }]);
  const described = await client.rest('GET', '/sobjects/Account/describe');
  expect(described.body.childRelationships).toContainEqual(
    expect.objectContaining({ childSObject: 'Contact', field: 'AccountId', relationshipName: 'Contacts' }),
  );
});

test('clauses that change nothing here', async () => {
  for (const clause of [
    'WITH SECURITY_ENFORCED',
    'WITH USER_MODE',
    'FOR VIEW',
    'FOR REFERENCE',
    'FOR VIEW FOR REFERENCE',
    'FOR UPDATE',
  ])
    expect(await rows(`SELECT Id FROM Contact ${clause}`)).toHaveLength(5);
  expect(await rows('SELECT Id FROM Contact USING SCOPE everything')).toHaveLength(5);
  expect(await rows('SELECT Id FROM Contact USING SCOPE mine')).toHaveLength(5);
  expect(
    await rows(
      "SELECT c.LastName, toLabel(c.Tags__c) FROM Contact c WHERE c.Account.Name = 'Acme' AND c.Points__c = 1",
    ),
  ).toEqual([{ LastName: 'A', Tags__c: 'a;b' }]);
});

test('columns=true describes the result', async () => {
  const columns = async (soql: string) =>
    (await client.rest('GET', `/query?columns=true&q=${encodeURIComponent(soql)}`)).body;
  const simple = await columns('SELECT Id, Name, Owner.Name, (SELECT LastName FROM Contacts) FROM Account');
  expect(simple).toMatchObject({ entityName: 'Account', groupBy: false, idSelected: true, keyPrefix: '001' });
  expect(simple.columnMetadata[1]).toEqual({
    aggregate: false,
    apexType: 'String',
    booleanType: false,
    columnName: 'Name',
    custom: false,
    displayName: 'Name',
    foreignKeyName: null,
    insertable: true,
    joinColumns: [],
    numberType: false,
    textType: true,
    updatable: true,
  });
  expect(simple.columnMetadata[2]).toMatchObject({
    columnName: 'Owner',
    foreignKeyName: 'OwnerId',
    joinColumns: [{ columnName: 'Name' }],
  });
  expect(simple.columnMetadata[3]).toMatchObject({
    aggregate: true,
    columnName: 'Contacts',
    joinColumns: [{ columnName: 'LastName', insertable: true }],
  });
  const grouped = await columns('SELECT Industry, AVG(AnnualRevenue) FROM Account GROUP BY Industry');
  expect(grouped).toMatchObject({ groupBy: true, idSelected: false });
  expect(grouped.columnMetadata[1]).toMatchObject({
    aggregate: true,
    apexType: null,
    columnName: 'expr0',
    displayName: 'avg(AnnualRevenue)',
    numberType: true,
  });
});

const at = (column: number, message: string) => `ERROR at Row:1:Column:${column}\n${message}`;
test.each<[string, string, string]>([
  [
    'SELECT Name, COUNT(Id) FROM Account',
    'MALFORMED_QUERY',
    at(8, 'Field must be grouped or aggregated: Name'),
  ],
  [
    'SELECT Name FROM Account GROUP BY Name ORDER BY Industry',
    'MALFORMED_QUERY',
    at(49, 'Ordered field must be grouped or aggregated: Industry'),
  ],
  [
    'SELECT Name FROM Account GROUP BY Name HAVING Industry = null',
    'MALFORMED_QUERY',
    'Field must be grouped or aggregated: Industry',
  ],
  [
    'SELECT Name, COUNT(Id) c FROM Account GROUP BY Name HAVING c > 1',
    'INVALID_FIELD',
    "No such column 'c' on entity 'Account'",
  ],
  ['SELECT Name n FROM Account', 'MALFORMED_QUERY', 'only aggregate expressions use field aliasing'],
  ['SELECT SUM(Name) FROM Account', 'MALFORMED_QUERY', 'field Name does not support aggregate operator SUM'],
  [
    'SELECT COUNT(Notes__c) FROM Contact',
    'MALFORMED_QUERY',
    'field Notes__c does not support aggregate operator COUNT',
  ],
  [
    'SELECT COUNT(Id) FROM Account LIMIT 1',
    'MALFORMED_QUERY',
    'Non-grouped query that uses overall aggregate functions cannot also use LIMIT',
  ],
  [
    'SELECT Seen__c FROM Contact GROUP BY Seen__c',
    'INVALID_FIELD',
    "field 'Seen__c' can not be grouped in a query call",
  ],
  [
    "SELECT Id FROM Contact WHERE Notes__c LIKE 'a%'",
    'INVALID_FIELD',
    "field 'Notes__c' can not be filtered in a query call",
  ],
  [
    'SELECT Id FROM Contact ORDER BY Notes__c',
    'INVALID_FIELD',
    "field 'Notes__c' can not be sorted in a query call",
  ],
  [
    "SELECT Id FROM Contact WHERE AccountId LIKE '001%'",
    'INVALID_QUERY_FILTER_OPERATOR',
    at(30, 'invalid operator on id field'),
  ],
  [
    'SELECT Id FROM Contact WHERE DoNotCall > TRUE',
    'INVALID_QUERY_FILTER_OPERATOR',
    'invalid operator on boolean field',
  ],
  [
    "SELECT Id FROM Contact WHERE LastName = 'No' AND Account.Nope = 'x'",
    'INVALID_FIELD',
    at(50, "No such column 'Nope' on entity 'Account'"),
  ],
  [
    'SELECT Nope.Name FROM Contact',
    'INVALID_FIELD',
    at(8, "Didn't understand relationship 'Nope' in field path."),
  ],
  [
    'SELECT Id, (SELECT Id FROM Contact) FROM Account',
    'INVALID_TYPE',
    "Didn't understand relationship 'Contact' in FROM part of query call.",
  ],
  [
    "SELECT Id FROM Account WHERE Name = 'a' OR Id IN (SELECT AccountId FROM Contact)",
    'MALFORMED_QUERY',
    "Semi join sub-selects are not allowed with the 'OR' operator",
  ],
  [
    'SELECT Id FROM Account WHERE Id IN (SELECT LastName FROM Contact)',
    'MALFORMED_QUERY',
    "Semi join sub-selects can only query id fields, cannot use: 'LastName'",
  ],
  [
    'SELECT Id FROM Account WHERE Id IN (SELECT OwnerId FROM Contact)',
    'MALFORMED_QUERY',
    "The selected field 'OwnerId' in the subquery and the left operand field in the where expression in the outer query 'Id' should point to the same object type",
  ],
  [
    'SELECT Id FROM Account WHERE Id IN (SELECT ParentId FROM Account)',
    'MALFORMED_QUERY',
    'The inner and outer selects should not be on the same object type',
  ],
  [
    'SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Id IN (SELECT Id FROM Lead))',
    'MALFORMED_QUERY',
    'Nesting of semi join sub-selects is not supported',
  ],
  [
    'SELECT Id FROM Contact WHERE LastName = :name',
    'MALFORMED_QUERY',
    'Bind variables only allowed in Apex code',
  ],
  ['SELECT Id FROM Contact ALL ROWS', 'MALFORMED_QUERY', at(24, 'ALL ROWS not allowed in this context')],
  [
    'SELECT FIELDS(ALL) FROM Contact',
    'MALFORMED_QUERY',
    'The SOQL FIELDS function must have a LIMIT of at most 200',
  ],
  ['SELECT Id, id FROM Contact', 'INVALID_FIELD', 'duplicate field selected: id'],
  [
    "SELECT Id FROM Contact WHERE LastName = 'O'Hara'",
    'MALFORMED_QUERY',
    "mismatched character '<EOF>' expecting '''",
  ],
  ['SELECT Id, FROM Contact', 'MALFORMED_QUERY', at(12, "unexpected token: 'FROM'")],
  ['SELECT Id FROM Contact WHERE', 'MALFORMED_QUERY', at(29, "unexpected token: '<EOF>'")],
  ["SELECT Id FROM Contact WHERE FROM = 'FROM'", 'MALFORMED_QUERY', at(30, "unexpected token: 'FROM'")],
  [
    'SELECT Id FROM Contact WHERE CreatedDate > 2020-01-01',
    'INVALID_FIELD',
    'must be of type dateTime and should not',
  ],
])('%s', async (soql, errorCode, message) => {
  const answer = await client.query(soql);
  expect(answer.body).toEqual([{ errorCode, message: expect.stringContaining(message) }]);
  expect(answer.status).toBe(400);
});

test.each([
  'SELECT FORMAT(CreatedDate) FROM Contact',
  'SELECT TYPEOF Owner WHEN User THEN Id END FROM Contact',
  'SELECT Id FROM Contact USING SCOPE team',
  'SELECT Name FROM Contact GROUP BY CUBE(Name)',
  'SELECT c.Id FROM Contact c, c.Account a',
  "SELECT Id FROM Contact WHERE NOT NOT NOT LastName = 'A'",
])('501: %s', async (soql) => {
  const answer = await client.query(soql);
  expect(answer.status).toBe(501);
  expect(answer.body[0].errorCode).toBe('NOT_IMPLEMENTED_BY_EMULATOR');
});
