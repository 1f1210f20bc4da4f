import { afterAll, expect, test } from 'vitest';
import { parseOrgDefinition } from '../definition/org-definition.ts';
import { ApiError } from '../errors/api-error.ts';
import { openOrg } from '../org/open-org.ts';
import { createRecordId } from '../org/record-id.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { ensureTable, insertRecord, recordValues } from '../store/record-table.ts';
import { type QueryContext, runQuery } from './run-query.ts';

const org = openOrg({
  definition: parseOrgDefinition({}),
  dataDir: undefined,
  clock: Date.now,
  seed: 'seed',
});
afterAll(() => org.database.close());

const context: QueryContext = {
  org,
  catalog: org.catalog,
  cursors: new Map(),
  userId: '0055e0000000001AAA',
  version: '67.0',
  batchSize: 2_000,
};

/** The outcome of a query: `200`, or status and code of its refusal; other errors are thrown on. */
function outcomeOf(soql: string): string {
  try {
    runQuery(context, soql, false);
    return '200';
  } catch (error) {
    if (error instanceof ApiError) return `${error.status} ${error.errorCode}`;
    throw error;
  }
}

test('queries of every shape are answered or refused', () => {
  const many = (count: number, make: (index: number) => string, separator: string): string =>
    Array.from({ length: count }, (_, index) => make(index)).join(separator);
  const soqls = [
    `SELECT Id FROM Contact WHERE ${'('.repeat(5_000)}Name = 'a'${')'.repeat(5_000)}`,
    `SELECT Id FROM Contact WHERE ${'NOT '.repeat(3_000)}Name = 'a'`,
    `SELECT Id FROM Contact WHERE ${many(400, (index) => `Name = 'a${index}'`, ' OR ')}`,
    `SELECT Id FROM Contact WHERE LastName LIKE '${'%a'.repeat(1_900)}'`,
    `SELECT Id FROM Contact WHERE LastName LIKE '${'%a'.repeat(2_100)}'`,
    `SELECT ${many(700, () => 'Account.Name', ', ')} FROM Contact`,
    'SELECT Id FROM Contact LIMIT 99999999999999999999999',
    'SELECT Id FROM Contact LIMIT 0',
    'SELECT Id FROM Contact WHERE CreatedDate > LAST_N_DAYS:99999999',
    'SELECT Id FROM Contact WHERE Birthdate < NEXT_N_YEARS:9999',
    "SELECT Id FROM Contact WHERE MailingAddress = 'x'",
    "SELECT __proto__, constructor FROM Contact WHERE toString = 'x'",
    'SELECT COUNT(), Id FROM Contact',
    'SELECT COUNT() FROM Contact GROUP BY Name',
    'SELECT Id, (SELECT COUNT(Id) FROM Contacts) FROM Account',
    "SELECT Id FROM Contact WHERE LastName = 'a\\",
    'SELECT Id FROM Contact; DELETE FROM Contact',
    'SELECT Id FROM sqlite_master',
    '{}',
    '\u0000',
  ];
  for (const soql of soqls) expect(outcomeOf(soql), soql.slice(0, 80)).toMatch(/^(200|400 [A-Z_]+|501 .*)$/);
});

test('long lists and long chains of conditions are answered', () => {
  const list = (count: number, make: (index: number) => string, separator: string): string =>
    Array.from({ length: count }, (_, index) => make(index)).join(separator);
  expect(
    outcomeOf(`SELECT Id FROM Contact WHERE Email IN (${list(4_000, (n) => `'a${n}@x.com'`, ',')})`),
  ).toBe('200');
  expect(outcomeOf(`SELECT Id FROM Contact WHERE ${list(3_000, (n) => `Name = 'a${n}'`, ' OR ')}`)).toBe(
    '200',
  );
  expect(outcomeOf(`SELECT Id FROM Contact WHERE Name = '${'a'.repeat(4_001)}'`)).toBe('400 MALFORMED_QUERY');
  expect(outcomeOf(`SELECT Id FROM Contact WHERE Name = '${'a'.repeat(100_000)}'`)).toBe(
    '400 MALFORMED_QUERY',
  );
});

test('a catalog without a field or an object has no such column, relationship or type', () => {
  const contact = org.catalog.get('contact');
  if (contact === undefined) throw new Error('There is no Contact.');
  const without = new Map([...contact.fieldByName].filter(([, field]) => field.name !== 'Title'));
  const hidden = {
    ...contact,
    fields: contact.fields.filter((field) => field.name !== 'Title'),
    fieldByName: without,
  };
  const view = { ...context, catalog: new Map([['contact', hidden]]) };
  expect(() => runQuery(view, 'SELECT Title FROM Contact', false)).toThrow("No such column 'Title'");
  expect(() => runQuery(view, "SELECT Id FROM Contact WHERE Title = 'x'", false)).toThrow(
    "No such column 'Title'",
  );
  expect(() => runQuery(view, 'SELECT Account.Name FROM Contact', false)).toThrow("relationship 'Account'");
  expect(() => runQuery(view, 'SELECT Id FROM Account', false)).toThrow(
    "sObject type 'Account' is not supported",
  );
  expect(runQuery(view, 'SELECT FIELDS(STANDARD) FROM Contact', false)).toMatchObject({ totalSize: 0 });
});

const objectNamed = (name: string): ObjectType => {
  const object = org.catalog.get(name);
  if (object === undefined) throw new Error(`There is no ${name}.`);
  return object;
};

test('an owner that may be a user or a group is a Name', () => {
  const group: ObjectType = { ...objectNamed('account'), name: 'TestGroup', keyPrefix: '00G' };
  const lead = objectNamed('lead');
  const owned = lead.fields.map((field) =>
    field.name === 'OwnerId' ? { ...field, referenceTo: ['TestGroup', 'User'] } : field,
  );
  const byRelationship = owned.flatMap((field) =>
    field.relationshipName === null ? [] : [[field.relationshipName.toLowerCase(), field] as const],
  );
  const leadOfMany: ObjectType = {
    ...lead,
    fields: owned,
    fieldByName: new Map(owned.map((field) => [field.name.toLowerCase(), field])),
    fieldByRelationship: new Map(byRelationship),
  };
  const user = objectNamed('user');
  const catalog = new Map([
    ['lead', leadOfMany],
    ['testgroup', group],
    ['user', user],
  ]);
  ensureTable(org.database, group);
  insertRecord(org.database, group, 1, recordValues({ Name: 'Inbound', Type: 'Queue', IsDeleted: 0 }));
  const ownerIds = [createRecordId('00G', 1), createRecordId('005', 1)];
  for (const [index, OwnerId] of ownerIds.entries())
    insertRecord(
      org.database,
      lead,
      index + 1,
      recordValues({ LastName: `L${index}`, OwnerId, IsDeleted: 0 }),
    );
  const query = (soql: string) =>
    JSON.parse(JSON.stringify(runQuery({ ...context, catalog }, soql, false))).records;
  const [queued, personal] = query(
    'SELECT LastName, Owner.Name, Owner.Type, Owner.Email FROM Lead ORDER BY Owner.Type',
  );
  expect(queued.Owner).toEqual({
    attributes: { type: 'Name', url: `/services/data/v67.0/sobjects/TestGroup/${ownerIds[0]}` },
    Name: 'Inbound',
    Type: 'Queue',
    Email: null,
  });
  expect(personal.Owner).toMatchObject({
    attributes: { url: `/services/data/v67.0/sobjects/User/${ownerIds[1]}` },
    Type: 'User',
  });
  expect(query("SELECT LastName FROM Lead WHERE Owner.Name = 'inbound'")).toMatchObject([{ LastName: 'L0' }]);
  expect(query(`SELECT LastName FROM Lead WHERE Owner.Id = '${ownerIds[1]}'`)).toMatchObject([
    { LastName: 'L1' },
  ]);
  expect(() => query('SELECT Owner.Department FROM Lead')).toThrow(
    "No such column 'Department' on entity 'Name'",
  );
});

test('more than 2,000 groups cannot be answered, as an aggregate has no further pages', () => {
  const contact = objectNamed('contact');
  org.database.transaction(() => {
    for (let rid = 1; rid <= 2_001; rid++)
      insertRecord(org.database, contact, rid, recordValues({ LastName: `N${rid}`, IsDeleted: 0 }));
  });
  expect(outcomeOf('SELECT LastName, COUNT(Id) FROM Contact GROUP BY LastName')).toBe(
    '400 EXCEEDED_ID_LIMIT',
  );
  expect(outcomeOf('SELECT LastName, COUNT(Id) FROM Contact GROUP BY LastName LIMIT 2000')).toBe('200');
});

test.each([
  `Id IN ('${createRecordId('003', 1)}', '${createRecordId('003', 2)}')`,
  "Email IN ('a@x.com', 'b@x.com')",
  "(Email = 'a@x.com' OR Email = 'b@x.com') AND IsDeleted = false",
  "Account.Parent.Id = '0015e0000000001AAA'",
  "AccountId IN (SELECT Id FROM Account WHERE ParentId = '0015e0000000001AAA')",
])('an index finds %s', (where) => {
  const statements: [sql: string, parameters: (string | number | null)[]][] = [];
  const database = {
    ...org.database,
    prepare: (sql: string) => {
      const parameters = Array.from(sql.matchAll(/\?/g), () => null);
      if (/^select "t".rid as rid from/.test(sql)) statements.push([sql, parameters]);
      return org.database.prepare(sql);
    },
  };
  runQuery({ ...context, org: { ...org, database } }, `SELECT Name FROM Contact WHERE ${where}`, false);
  expect(statements).toHaveLength(1);
  for (const [sql, parameters] of statements) {
    const plan = org.database.prepare(`explain query plan ${sql}`).all(...parameters);
    expect(plan.map((step) => step.detail).join('\n')).not.toMatch(/SCAN t/);
  }
});
