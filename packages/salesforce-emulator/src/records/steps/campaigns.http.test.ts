import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Org, startOrg } from '../../start-org.ts';
import { connect, type RestClient } from '../../testing/rest-client.ts';

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg({ clock: () => Date.UTC(2026, 8, 22, 10, 15) });
});
beforeEach(async () => {
  await fetch(`${org.url}/emulator/reset`, { method: 'POST' });
  client = await connect(org);
});
afterAll(() => org.close());

async function make(object: string, fields: object): Promise<string> {
  const { status, body } = await client.rest('POST', `/sobjects/${object}`, fields);
  expect({ status, body }).toMatchObject({ status: 201 });
  return body.id;
}
const read = async (object: string, id: string, fields: string) => {
  const { body } = await client.rest('GET', `/sobjects/${object}/${id}?fields=${fields}`);
  const { attributes: _, Id: _id, ...values } = body;
  return values;
};
const rows = async (soql: string) => {
  const { body } = await client.query(soql);
  return body.records.map(({ attributes: _, ...values }: Record<string, unknown>) => values);
};
const refused = (errorCode: string, message: string) => ({ status: 400, body: [{ errorCode, message }] });

test('a campaign starts with its two statuses, its defaults and no members', async () => {
  const id = await make('Campaign', { Name: 'Spring' });
  expect(id).toMatch(/^701/);
  expect(
    await rows(
      `SELECT Label, IsDefault, HasResponded, SortOrder FROM CampaignMemberStatus WHERE CampaignId = '${id}' ORDER BY SortOrder`,
    ),
  ).toEqual([
    { Label: 'Sent', IsDefault: true, HasResponded: false, SortOrder: 1 },
    { Label: 'Responded', IsDefault: false, HasResponded: true, SortOrder: 2 },
  ]);
  expect(await read('Campaign', id, 'Status,IsActive,NumberOfContacts,HierarchyNumberOfLeads')).toEqual({
    Status: 'Planned',
    IsActive: false,
    NumberOfContacts: 0,
    HierarchyNumberOfLeads: 0,
  });
  const again = await client.rest('PATCH', '/sobjects/Campaign/Name/spring', { IsActive: true });
  expect(again).toMatchObject({ status: 200, body: { id, created: false } });
});

test('a member repeats what its person says, and follows it', async () => {
  const campaign = await make('Campaign', { Name: 'Spring' });
  const account = await make('Account', { Name: 'Acme' });
  const contact = await make('Contact', {
    FirstName: 'Ada',
    LastName: 'Roe',
    Email: 'ada@x.com',
    MailingCity: 'Ulm',
    AccountId: account,
    DoNotCall: true,
  });
  const lead = await make('Lead', { LastName: 'Low', Company: 'Low Ltd', City: 'Bonn' });
  const member = await make('CampaignMember', { CampaignId: campaign, ContactId: contact });
  const other = await make('CampaignMember', { CampaignId: campaign, LeadId: lead });
  const fields =
    'Name,FirstName,Email,City,CompanyOrAccount,Type,DoNotCall,LeadOrContactId,Status,HasResponded,FirstRespondedDate';
  expect(member).toMatch(/^00v/);
  expect(await read('CampaignMember', member, fields)).toEqual({
    Name: 'Ada Roe',
    FirstName: 'Ada',
    Email: 'ada@x.com',
    City: 'Ulm',
    CompanyOrAccount: 'Acme',
    Type: 'Contact',
    DoNotCall: true,
    LeadOrContactId: contact,
    Status: 'Sent',
    HasResponded: false,
    FirstRespondedDate: null,
  });
  expect(await read('CampaignMember', other, fields)).toMatchObject({
    Name: 'Low',
    City: 'Bonn',
    CompanyOrAccount: 'Low Ltd',
    Type: 'Lead',
    LeadOrContactId: lead,
  });
  await client.rest('PATCH', `/sobjects/Contact/${contact}`, { LastName: 'Poe', Email: null });
  await client.rest('PATCH', `/sobjects/Account/${account}`, { Name: 'Acme AG' });
  await client.rest('PATCH', `/sobjects/Lead/${lead}`, { Company: 'High Ltd' });
  expect(await read('CampaignMember', member, 'Name,Email,CompanyOrAccount')).toEqual({
    Name: 'Ada Poe',
    Email: null,
    CompanyOrAccount: 'Acme AG',
  });
  expect(await read('CampaignMember', other, 'CompanyOrAccount')).toEqual({ CompanyOrAccount: 'High Ltd' });
});

test('a person is once in a campaign; a member needs one; its ids never change', async () => {
  const campaign = await make('Campaign', { Name: 'Spring' });
  const contact = await make('Contact', { LastName: 'Roe' });
  const lead = await make('Lead', { LastName: 'Low', Company: 'Low Ltd' });
  const post = (fields: object) => client.rest('POST', '/sobjects/CampaignMember', fields);
  const both = await make('CampaignMember', { CampaignId: campaign, ContactId: contact, LeadId: lead });
  expect(await read('CampaignMember', both, 'ContactId,LeadId')).toEqual({
    ContactId: contact,
    LeadId: null,
  });
  expect(await post({ CampaignId: campaign, ContactId: contact })).toMatchObject(
    refused('DUPLICATE_VALUE', 'Already a campaign member.'),
  );
  expect((await post({ CampaignId: campaign, LeadId: lead })).status).toBe(201);
  expect((await post({ CampaignId: campaign })).body).toMatchObject([
    { errorCode: 'REQUIRED_FIELD_MISSING' },
  ]);
  expect((await post({ ContactId: contact })).body).toMatchObject([
    { errorCode: 'REQUIRED_FIELD_MISSING', fields: ['CampaignId'] },
  ]);
  const twice = await client.rest('POST', '/composite/sobjects', {
    records: [1, 2].map(() => ({
      attributes: { type: 'CampaignMember' },
      CampaignId: campaign,
      LeadId: lead,
    })),
  });
  expect(twice.body.map((result: { success: boolean }) => result.success)).toEqual([false, false]);
  expect(
    (await client.rest('PATCH', `/sobjects/CampaignMember/${both}`, { LeadId: lead })).body,
  ).toMatchObject([{ errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: ['LeadId'] }]);
  await client.rest('DELETE', `/sobjects/CampaignMember/${both}`);
  expect((await post({ CampaignId: campaign, ContactId: contact })).status).toBe(201);
});

test('an unknown status becomes the default; responses are dated once and counted', async () => {
  const campaign = await make('Campaign', { Name: 'Spring' });
  const contact = await make('Contact', { LastName: 'Roe' });
  const member = await make('CampaignMember', { CampaignId: campaign, ContactId: contact, Status: 'Maybe' });
  const state = () => read('CampaignMember', member, 'Status,HasResponded,FirstRespondedDate');
  const responses = async () => (await read('Campaign', campaign, 'NumberOfResponses')).NumberOfResponses;
  expect(await state()).toEqual({ Status: 'Sent', HasResponded: false, FirstRespondedDate: null });
  await client.rest('PATCH', `/sobjects/CampaignMember/${member}`, { Status: 'responded' });
  expect(await state()).toEqual({
    Status: 'Responded',
    HasResponded: true,
    FirstRespondedDate: '2026-09-22',
  });
  expect(await responses()).toBe(1);
  await client.rest('PATCH', `/sobjects/CampaignMember/${member}`, { Status: 'Sent' });
  expect(await state()).toEqual({ Status: 'Sent', HasResponded: false, FirstRespondedDate: '2026-09-22' });
  expect(await responses()).toBe(0);
});

test('statuses of a campaign: unique, one default, renamed with their members, kept while used', async () => {
  const campaign = await make('Campaign', { Name: 'Spring' });
  const contact = await make('Contact', { LastName: 'Roe' });
  const add = (fields: object) =>
    client.rest('POST', '/sobjects/CampaignMemberStatus', { CampaignId: campaign, ...fields });
  const attended = await add({ Label: 'Attended', HasResponded: true, IsDefault: true });
  expect(attended.status).toBe(201);
  expect((await add({ Label: 'attended' })).body).toMatchObject([{ errorCode: 'DUPLICATE_VALUE' }]);
  expect((await add({ Label: 'Other', SortOrder: 3 })).body).toMatchObject([
    { errorCode: 'DUPLICATE_VALUE' },
  ]);
  const statuses = () =>
    rows('SELECT Label, IsDefault, SortOrder FROM CampaignMemberStatus ORDER BY SortOrder');
  expect(await statuses()).toEqual([
    { Label: 'Sent', IsDefault: false, SortOrder: 1 },
    { Label: 'Responded', IsDefault: false, SortOrder: 2 },
    { Label: 'Attended', IsDefault: true, SortOrder: 3 },
  ]);
  const member = await make('CampaignMember', { CampaignId: campaign, ContactId: contact });
  const path = `/sobjects/CampaignMemberStatus/${attended.body.id}`;
  expect((await client.rest('PATCH', path, { Label: 'Came', HasResponded: false })).status).toBe(204);
  expect(await read('CampaignMember', member, 'Status,HasResponded')).toEqual({
    Status: 'Came',
    HasResponded: false,
  });
  expect(await read('Campaign', campaign, 'NumberOfResponses')).toEqual({ NumberOfResponses: 0 });
  expect((await client.rest('DELETE', path)).status).toBe(400);
  const [sent] = await rows("SELECT Id FROM CampaignMemberStatus WHERE Label = 'Sent'");
  await client.rest('PATCH', `/sobjects/CampaignMemberStatus/${sent.Id}`, { IsDefault: true });
  expect(await client.rest('DELETE', path)).toMatchObject({
    status: 400,
    body: [{ errorCode: 'DELETE_FAILED' }],
  });
  await client.rest('PATCH', `/sobjects/CampaignMember/${member}`, { Status: 'Sent' });
  expect((await client.rest('DELETE', path)).status).toBe(204);
});

test('totals count over the hierarchy, and follow moves and deletions', async () => {
  const top = await make('Campaign', { Name: 'Top', ActualCost: 5 });
  const middle = await make('Campaign', { Name: 'Middle', ParentId: top, ActualCost: 10 });
  const low = await make('Campaign', { Name: 'Low', ParentId: middle });
  const people = await client.rest('POST', '/composite/sobjects', {
    records: Array.from({ length: 200 }, (_, index) => ({
      attributes: { type: index % 2 === 0 ? 'Contact' : 'Lead' },
      LastName: `P${index}`,
      ...(index % 2 === 0 ? {} : { Company: 'C' }),
    })).sort((left, right) => left.attributes.type.localeCompare(right.attributes.type)),
  });
  const members = people.body.map(({ id }: { id: string }) => ({
    attributes: { type: 'CampaignMember' },
    CampaignId: low,
    [id.startsWith('003') ? 'ContactId' : 'LeadId']: id,
    Status: id.startsWith('003') ? 'Responded' : 'Sent',
  }));
  const added = await client.rest('POST', '/composite/sobjects', { records: members });
  expect(added.body.every((result: { success: boolean }) => result.success)).toBe(true);
  const counts = async (id: string) =>
    Object.values(
      await read(
        'Campaign',
        id,
        'NumberOfContacts,HierarchyNumberOfContacts,HierarchyNumberOfLeads,HierarchyNumberOfResponses,HierarchyActualCost',
      ),
    );
  expect(await counts(low)).toEqual([100, 100, 100, 100, 0]);
  expect(await counts(middle)).toEqual([0, 100, 100, 100, 10]);
  expect(await counts(top)).toEqual([0, 100, 100, 100, 15]);
  await client.rest('PATCH', `/sobjects/Campaign/${low}`, { ParentId: top, ActualCost: 3 });
  expect(await counts(middle)).toEqual([0, 0, 0, 0, 10]);
  expect(await counts(top)).toEqual([0, 100, 100, 100, 18]);
  await client.rest('DELETE', `/sobjects/CampaignMember/${added.body[0].id}`);
  await client.rest('DELETE', `/sobjects/Contact/${people.body[1].id}`);
  expect(await counts(top)).toEqual([0, 98, 100, 98, 18]);
  await client.rest('DELETE', `/sobjects/Campaign/${low}`);
  expect(await counts(top)).toEqual([0, 0, 0, 0, 15]);
  expect(await rows('SELECT COUNT(Id) n FROM CampaignMember')).toEqual([{ n: 0 }]);
  const refusedBatch = await client.rest('POST', '/composite/sobjects', {
    allOrNone: true,
    records: [members[2], { attributes: { type: 'CampaignMember' } }].map((record) => ({
      ...record,
      CampaignId: middle,
    })),
  });
  expect(refusedBatch.body[0].success).toBe(false);
  expect(await counts(middle)).toEqual([0, 0, 0, 0, 10]);
});

test('no record is its own parent', async () => {
  const top = await make('Account', { Name: 'Top' });
  const low = await make('Account', { Name: 'Low', ParentId: top });
  for (const ParentId of [top, low])
    expect((await client.rest('PATCH', `/sobjects/Account/${top}`, { ParentId })).body).toMatchObject([
      { errorCode: 'CIRCULAR_DEPENDENCY', fields: ['ParentId'] },
    ]);
  expect((await client.rest('PATCH', `/sobjects/Account/${low}`, { ParentId: null })).status).toBe(204);
});

test('only marketing users write campaigns', async () => {
  const user = { username: 'sales@x.com', password: 'p', securityToken: 't', marketingUser: false };
  await using other = await startOrg({ definition: { users: [user] } });
  const sales = await connect(other);
  expect(await sales.rest('POST', '/sobjects/Campaign', { Name: 'Spring' })).toMatchObject(
    refused('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'entity type cannot be inserted: Campaign'),
  );
  expect(
    (await sales.query('SELECT UserPermissionsMarketingUser, IsActive FROM User')).body.records,
  ).toMatchObject([{ UserPermissionsMarketingUser: false, IsActive: true }]);
});
