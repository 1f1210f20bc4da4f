import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../../start-org.ts';
import { connect, type RestClient } from '../../testing/rest-client.ts';

const person = (username: string, active: boolean) => ({
  username,
  password: 'p',
  lastName: username,
  active,
});

let org: Org;
let client: RestClient;
const ids = new Map<string, string>();
beforeAll(async () => {
  org = await startOrg({
    definition: {
      users: [person('me@x.com', true), person('colleague@x.com', true), person('gone@x.com', false)],
      queues: [{ name: 'New Leads' }, { name: 'Accounts', developerName: 'Acc', objects: ['Account'] }],
    },
  });
  client = await connect(org);
  for (const row of (await client.query('SELECT Id, Username FROM User')).body.records)
    ids.set(row.Username, row.Id);
  for (const row of (await client.query('SELECT Id, DeveloperName FROM Group')).body.records)
    ids.set(row.DeveloperName, row.Id);
});
afterAll(() => org.close());

const create = (object: string, fields: object) => client.rest('POST', `/sobjects/${object}`, fields);
const idOf = (name: string): string => ids.get(name) ?? '';
const unread = async (id: string) =>
  (await client.rest('GET', `/sobjects/Lead/${id}?fields=OwnerId,IsUnreadByOwner`)).body;

test('queues are Groups with the objects they serve', async () => {
  expect(idOf('New_Leads')).toMatch(/^00G/);
  const { body } = await client.query(
    'SELECT Queue.Name, SobjectType FROM QueueSobject ORDER BY SobjectType',
  );
  expect(body.records).toMatchObject([
    { Queue: { Name: 'Accounts' }, SobjectType: 'Account' },
    { Queue: { Name: 'New Leads' }, SobjectType: 'Lead' },
  ]);
  expect((await create('Group', { Name: 'x', Type: 'Queue' })).body).toMatchObject([
    { errorCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', message: 'entity type cannot be inserted: Group' },
  ]);
});

test('a Lead may belong to a queue or a colleague, and is unread by them', async () => {
  for (const owner of ['New_Leads', 'colleague@x.com']) {
    const made = await create('Lead', { LastName: 'Roe', Company: 'Roe', OwnerId: idOf(owner) });
    expect(made.status).toBe(201);
    expect(await unread(made.body.id)).toMatchObject({ OwnerId: idOf(owner), IsUnreadByOwner: true });
  }
  const { body } = await client.query(
    "SELECT Owner.Name FROM Lead WHERE Owner.Name IN ('New Leads', 'colleague@x.com') ORDER BY Owner.Name",
  );
  expect(body.records.map((row: { Owner: { Name: string } }) => row.Owner.Name)).toEqual([
    'colleague@x.com',
    'New Leads',
  ]);
  const own = await create('Lead', { LastName: 'Roe', Company: 'Roe' });
  expect(await unread(own.body.id)).toMatchObject({ OwnerId: idOf('me@x.com'), IsUnreadByOwner: false });
});

test('an owner may be named by a key', async () => {
  const Owner = { attributes: { type: 'User' }, Username: 'colleague@x.com' };
  const made = await create('Lead', { LastName: 'Roe', Company: 'Roe', Owner });
  expect(await unread(made.body.id)).toMatchObject({ OwnerId: idOf('colleague@x.com') });
});

test.each([
  ['an inactive user', 'Contact', 'gone@x.com', 'INACTIVE_OWNER_OR_USER'],
  ['a queue for other records', 'Lead', 'Acc', 'INVALID_OPERATION'],
  ['a queue, for an object without', 'Contact', 'New_Leads', 'FIELD_INTEGRITY_EXCEPTION'],
])('%s cannot own a record', async (_name, object, owner, errorCode) => {
  const company = object === 'Lead' ? { Company: 'Roe' } : {};
  expect(await create(object, { LastName: 'Roe', ...company, OwnerId: idOf(owner) })).toMatchObject({
    status: 400,
    body: [{ errorCode, fields: ['OwnerId'] }],
  });
});

test('the message names the inactive user; a record keeps an owner who left', async () => {
  const { body } = await create('Contact', { LastName: 'Roe', OwnerId: idOf('gone@x.com') });
  const id15 = idOf('gone@x.com').slice(0, 15);
  expect(body[0].message).toBe(`operation performed with inactive user [${id15}] as owner of contact`);
  const made = await create('Contact', { LastName: 'Roe', OwnerId: idOf('colleague@x.com') });
  const users = [person('me@x.com', true), person('colleague@x.com', false)];
  expect((await client.call('PATCH', '/emulator/definition', { users })).status).toBe(204);
  expect(
    (await create('Lead', { LastName: 'Roe', Company: 'Roe', OwnerId: idOf('colleague@x.com') })).status,
  ).toBe(400);
  const change = { FirstName: 'Ada', OwnerId: idOf('colleague@x.com') };
  expect((await client.rest('PATCH', `/sobjects/Contact/${made.body.id}`, change)).status).toBe(204);
});
