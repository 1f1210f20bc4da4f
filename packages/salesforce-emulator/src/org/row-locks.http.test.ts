import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg();
  client = await connect(org);
});
afterEach(() => org.reset());
afterAll(() => org.close());

const account = async (name: string): Promise<string> =>
  (await client.rest('POST', '/sobjects/Account', { Name: name })).body.id;
const contactsOf = (accountIds: readonly string[]) =>
  client.rest('POST', '/composite/sobjects', {
    records: accountIds.map((id) => ({ attributes: { type: 'Contact' }, LastName: 'C', AccountId: id })),
  });
const used = async () => (await client.call('GET', '/emulator/limits')).body.used;

test('writers of one parent wait for each other; each call is counted and noted once', async () => {
  const id = await account('A');
  const before = await used();
  org.faults({ locks: { transaction_ms: 60 } });
  const started = performance.now();
  const answers = await Promise.all([contactsOf([id]), contactsOf([id]), contactsOf([id])]);
  expect(performance.now() - started).toBeGreaterThan(175);
  for (const { body } of answers) expect(body[0].success).toBe(true);
  expect(await used()).toBe(before + 3);
  expect(org.journal({ path: '/services/data/v67.0/composite/' })).toHaveLength(3);
  expect(org.changes({ object: 'Contact' })).toHaveLength(3);
});

test('writers of different parents do not wait', async () => {
  const ids = [await account('A'), await account('B'), await account('C')];
  org.faults({ locks: { transaction_ms: 400, timeout_ms: 100 } });
  for (const { body } of await Promise.all(ids.map((id) => contactsOf([id]))))
    expect(body[0].success).toBe(true);
});

test('who waits too long has the records refused that need the parent, and no others', async () => {
  const [held, free] = [await account('Held'), await account('Free')];
  org.faults({ locks: { transaction_ms: 500, timeout_ms: 80 } });
  const first = contactsOf([held]);
  await new Promise((resolve) => setTimeout(resolve, 30));
  const second = await contactsOf([held, free]);
  expect(second.body).toMatchObject([
    {
      success: false,
      errors: [
        {
          statusCode: 'UNABLE_TO_LOCK_ROW',
          message: `unable to obtain exclusive access to this record or 1 records: ${held}`,
          fields: [],
        },
      ],
    },
    { success: true },
  ]);
  expect((await first).body[0].success).toBe(true);
});

test('moving a Contact takes its old Account and its new one; deleting an Account takes itself', async () => {
  const [from, to] = [await account('From'), await account('To')];
  const contact = (await contactsOf([from])).body[0].id;
  org.faults({ locks: { transaction_ms: 500, timeout_ms: 60 } });
  const moving = client.rest('PATCH', `/sobjects/Contact/${contact}`, { AccountId: to });
  await new Promise((resolve) => setTimeout(resolve, 30));
  const locked = { status: 400, body: [{ errorCode: 'UNABLE_TO_LOCK_ROW' }] };
  const attempts = [
    client.rest('PATCH', `/sobjects/Account/${from}`, { Name: 'F' }),
    client.rest('DELETE', `/sobjects/Account/${to}`),
    client.rest('PATCH', `/sobjects/Contact/${contact}`, { LastName: 'X' }),
  ];
  for (const answer of await Promise.all(attempts)) expect(answer).toMatchObject(locked);
  expect((await moving).status).toBe(204);
});

test('a call that waits after writing something leaves it undone until it goes on', async () => {
  const id = await account('A');
  org.faults({ locks: { transaction_ms: 100 } });
  const first = contactsOf([id]);
  const second = contactsOf([await account('B'), id]);
  await Promise.all([first, second]);
  const { body } = await client.query('SELECT COUNT() FROM Contact');
  expect(body.totalSize).toBe(3);
});

test('a campaign member takes its Campaign and its person', async () => {
  const create = async (object: string, fields: object): Promise<string> =>
    (await client.rest('POST', `/sobjects/${object}`, fields)).body.id;
  const campaign = await create('Campaign', { Name: 'Spring' });
  const lead = await create('Lead', { LastName: 'L', Company: 'C' });
  org.faults({ locks: { transaction_ms: 400, timeout_ms: 60 } });
  const joining = create('CampaignMember', { CampaignId: campaign, LeadId: lead });
  await new Promise((resolve) => setTimeout(resolve, 30));
  const answers = await Promise.all([
    client.rest('PATCH', `/sobjects/Campaign/${campaign}`, { Name: 'Summer' }),
    client.rest('PATCH', `/sobjects/Lead/${lead}`, { LastName: 'M' }),
  ]);
  for (const { status, body } of answers)
    expect([status, body[0]?.errorCode]).toEqual([400, 'UNABLE_TO_LOCK_ROW']);
  expect(await joining).toMatch(/^00v/);
});
