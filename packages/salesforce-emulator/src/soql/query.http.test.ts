import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg({
    definition: { customFields: [{ object: 'Contact', name: 'Points__c', type: 'double' }] },
  });
  client = await connect(org);
  const people = [
    { LastName: 'Ábel', Email: 'abel@x.com', Points__c: 5, Birthdate: '1990-01-01', DoNotCall: true },
    { LastName: "O'Hara", Email: 'ohara@x.com', Points__c: 10, MailingCity: 'Cork' },
    { LastName: 'under_score', Email: 'us@x.com', MailingCity: 'cork' },
    { LastName: 'zeta', FirstName: '100%' },
  ];
  const records = people.map((fields) => ({ attributes: { type: 'Contact' }, ...fields }));
  await client.rest('POST', '/composite/sobjects', { records });
});
afterAll(() => org.close());

test.each<[string, string[]]>([
  ["LastName = 'ÁBEL'", ['Ábel']],
  ["LastName = 'o\\'hara'", ["O'Hara"]],
  ["MailingCity = 'CORK'", ["O'Hara", 'under_score']],
  ["MailingCity != 'Cork'", ['zeta', 'Ábel']],
  ["NOT (MailingCity = 'Cork')", ['zeta', 'Ábel']],
  ['MailingCity = null', ['zeta', 'Ábel']],
  ["MailingCity != ''", ["O'Hara", 'under_score']],
  ['Points__c > 5', ["O'Hara"]],
  ['Points__c >= 5 AND (DoNotCall = TRUE OR MailingCity = null)', ['Ábel']],
  ['Birthdate < 2000-01-01', ['Ábel']],
  ['CreatedDate > 2000-01-01T00:00:00Z', ["O'Hara", 'under_score', 'zeta', 'Ábel']],
  ["Email IN ('US@x.com', 'abel@x.com', 'nobody@x.com')", ['under_score', 'Ábel']],
  ["Email NOT IN ('us@x.com', 'abel@x.com')", ["O'Hara", 'zeta']],
  ["LastName LIKE 'under\\_%'", ['under_score']],
  ["LastName LIKE 'á%'", ['Ábel']],
  ["FirstName LIKE '%\\%'", ['zeta']],
  ["Name LIKE '100%zeta'", ['zeta']],
  ["Owner.Name = 'integration user' AND LastName = 'zeta'", ['zeta']],
])('WHERE %s', async (where, expected) => {
  const { body } = await client.query(`SELECT LastName FROM Contact WHERE ${where} ORDER BY LastName`);
  expect(body.records.map((record: { LastName: string }) => record.LastName)).toEqual(expected);
});

test('order, limit, offset, count', async () => {
  const names = async (rest: string) =>
    (await client.query(`SELECT LastName FROM Contact ${rest}`)).body.records.map(
      (record: { LastName: string }) => record.LastName,
    );
  expect(await names('ORDER BY Points__c DESC NULLS LAST, LastName LIMIT 2')).toEqual(["O'Hara", 'Ábel']);
  expect(await names('ORDER BY Points__c, LastName DESC')).toEqual(['zeta', 'under_score', 'Ábel', "O'Hara"]);
  expect(await names('ORDER BY Id LIMIT 1 OFFSET 3')).toEqual(['zeta']);
  expect((await client.query('SELECT COUNT() FROM Contact')).body).toEqual({
    totalSize: 4,
    done: true,
    records: [],
  });
  const counted = await client.query('SELECT COUNT(Id) all, COUNT(Points__c) FROM Contact');
  expect(counted.body.records).toEqual([{ attributes: { type: 'AggregateResult' }, all: 4, expr0: 2 }]);
});

test.each<[string, number, string, string]>([
  [
    'SELECT Nope FROM Contact',
    400,
    'INVALID_FIELD',
    "\nSELECT Nope FROM Contact\n       ^\nERROR at Row:1:Column:8\nNo such column 'Nope' on entity 'Contact'.",
  ],
  ['SELECT Id FROM Nope', 400, 'INVALID_TYPE', "sObject type 'Nope' is not supported."],
  ['SELECT Id FORM Contact', 400, 'MALFORMED_QUERY', "unexpected token: 'Contact'"],
  ['SELECT Id FROM Contact WHERE', 400, 'MALFORMED_QUERY', 'unexpected token'],
  [
    "SELECT Id FROM Contact WHERE Email = 'a' AND Name = 'b' OR Name = 'c'",
    400,
    'MALFORMED_QUERY',
    "unexpected token: 'OR'",
  ],
  [
    "SELECT Id FROM Contact WHERE Points__c = '5'",
    400,
    'INVALID_FIELD',
    'must be of type double and should not be enclosed in quotes',
  ],
  [
    'SELECT Id FROM Contact WHERE Email = 5',
    400,
    'INVALID_FIELD',
    'must be of type string and should be enclosed in quotes',
  ],
  ["SELECT Id FROM Contact WHERE Id = 'abc'", 400, 'INVALID_QUERY_FILTER_OPERATOR', 'invalid ID field: abc'],
  [
    'SELECT Id FROM Contact LIMIT 1 OFFSET 2001',
    400,
    'NUMBER_OUTSIDE_VALID_RANGE',
    'Maximum SOQL offset allowed is 2000',
  ],
  ['SELECT Name FROM Contact GROUP BY ROLLUP(Name)', 501, 'NOT_IMPLEMENTED_BY_EMULATOR', 'ROLLUP'],
])('%s', async (soql, status, errorCode, message) => {
  const answer = await client.query(soql);
  expect(answer.status).toBe(status);
  expect(answer.body[0].errorCode).toBe(errorCode);
  expect(answer.body[0].message).toContain(message);
});
