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

const record = (type: string, referenceId: string, fields: object): object => ({
  attributes: { type, referenceId },
  ...fields,
});
const create = (object: string, ...records: readonly object[]) =>
  client.rest('POST', `/composite/tree/${object}`, { records });
const count = async (object: string): Promise<number> =>
  (await client.query(`SELECT COUNT() FROM ${object}`)).body.totalSize;

test('creates Accounts with their Contacts, roots first', async () => {
  const answer = await create(
    'Account',
    record('Account', 'ref1', {
      name: 'SampleAccount',
      phone: '1234567890',
      numberOfEmployees: '100',
      Contacts: {
        records: [
          record('Contact', 'ref2', { lastname: 'Smith', email: 'Sample@example.com' }),
          record('Contact', 'ref3', { lastname: 'Evans' }),
        ],
      },
    }),
    record('Account', 'ref4', {
      name: 'SampleAccount2',
      ChildAccounts: { records: [record('account', 'ref5', { Name: 'Child' })] },
    }),
  );
  expect(answer).toMatchObject({
    status: 201,
    body: {
      hasErrors: false,
      results: ['ref1', 'ref4', 'ref2', 'ref3', 'ref5'].map((referenceId) => ({
        referenceId,
        id: expect.stringMatching(/^00[13]\w{15}$/),
      })),
    },
  });
  const { body } = await client.query('SELECT LastName, Email, Account.Name FROM Contact ORDER BY LastName');
  expect(body.records).toMatchObject([
    { LastName: 'Evans', Email: null, Account: { Name: 'SampleAccount' } },
    { LastName: 'Smith', Email: 'sample@example.com', Account: { Name: 'SampleAccount' } },
  ]);
  const children = await client.query("SELECT Parent.Name FROM Account WHERE Name = 'Child'");
  expect(children.body.records).toMatchObject([{ Parent: { Name: 'SampleAccount2' } }]);
});

test('a tree of any objects that belong to each other', async () => {
  const contact = (await client.rest('POST', '/sobjects/Contact', { LastName: 'Doe' })).body.id;
  const members = { records: [record('CampaignMember', 'm', { ContactId: contact })] };
  const answer = await create(
    'Campaign',
    record('Campaign', 'c', { Name: 'Spring', CampaignMembers: members }),
  );
  expect(answer.status).toBe(201);
  const { body } = await client.query('SELECT Campaign.Name, Contact.Name FROM CampaignMember');
  expect(body.records).toMatchObject([{ Campaign: { Name: 'Spring' }, Contact: { Name: 'Doe' } }]);
});

test('one bad record undoes all, and is the only one named', async () => {
  const answer = await create(
    'Account',
    record('Account', 'ref1', {
      Name: 'SampleAccount',
      Contacts: {
        records: [
          record('Contact', 'ref2', { LastName: 'Smith', Email: '123' }),
          record('Contact', 'ref3', { LastName: 'Evans' }),
        ],
      },
    }),
  );
  expect(answer).toMatchObject({ status: 400 });
  expect(answer.body).toEqual({
    hasErrors: true,
    results: [
      {
        referenceId: 'ref2',
        errors: [
          {
            statusCode: 'INVALID_EMAIL_ADDRESS',
            message: 'Email: invalid email address: 123',
            fields: ['Email'],
          },
        ],
      },
    ],
  });
  expect([await count('Account'), await count('Contact')]).toEqual([0, 0]);
});

test('a reference id twice is named for each of its records', async () => {
  const answer = await create(
    'Lead',
    ...['a', 'b', 'a'].map((id) => record('Lead', id, { LastName: 'L', Company: 'C' })),
  );
  const error = {
    statusCode: 'INVALID_INPUT',
    message: 'Duplicate ReferenceId provided in the request.',
    fields: [],
  };
  expect(answer.status).toBe(400);
  expect(answer.body).toEqual({
    hasErrors: true,
    results: [
      { referenceId: 'a', errors: [error] },
      { referenceId: 'a', errors: [error] },
    ],
  });
});

test('what a tree cannot hold', async () => {
  const lead = (index: number): object => record('Lead', `r${index}`, { LastName: 'L', Company: 'C' });
  const leads = Array.from({ length: 201 }, (_, index) => lead(index));
  expect((await create('Lead', ...leads)).status).toBe(400);
  expect((await create('Lead', ...leads.slice(1))).status).toBe(201);
  expect(await count('Lead')).toBe(200);
  const chain = (levels: number): object =>
    record('Account', `l${levels}`, {
      Name: 'A',
      ...(levels > 1 ? { ChildAccounts: { records: [chain(levels - 1)] } } : {}),
    });
  expect((await create('Account', chain(6))).status).toBe(400);
  expect((await create('Account', chain(5))).status).toBe(201);
  const refused: readonly (readonly [string, object])[] = [
    ['Account', record('Contact', 'a', { LastName: 'x' })],
    ['Account', record('Account', '', { Name: 'x' })],
    ['Account', { Name: 'x' }],
    ['Account', record('Account', 'a', { Name: 'x', Id: '001000000000001' })],
    ['Account', record('Account', 'a', { Name: 'x', Nothings: { records: [] } })],
    ['Account', record('Account', 'a', { Name: 'x', Contacts: { records: [7] } })],
    ['Account', record('Account', 'a', { Name: 'x', Contacts: { records: [record('Lead', 'b', {})] } })],
  ];
  for (const [object, each] of refused)
    expect((await create(object, each)).status, JSON.stringify(each)).toBe(400);
  expect((await create('Nothing', lead(1))).status).toBe(404);
  expect((await create('Lead')).status).toBe(400);
  expect(await count('Account')).toBe(5);
});
