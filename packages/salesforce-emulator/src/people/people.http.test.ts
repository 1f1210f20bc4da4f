import { expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

const rep = {
  username: 'rep@emulator.example',
  password: 'x',
  lastName: 'Rep',
  firstName: 'Ruth',
} as const;

async function open(org: Org) {
  const client = await connect(org);
  const emulator: RestClient['rest'] = (method, path, body) => client.call(method, `/emulator${path}`, body);
  const create = async (object: string, fields: object): Promise<string> =>
    (await client.rest('POST', `/sobjects/${object}`, fields)).body.id;
  const all = async (soql: string, resource = 'query') =>
    (await client.rest('GET', `/${resource}?q=${encodeURIComponent(soql)}`)).body.records;
  return { ...client, emulator, create, all };
}

test('a person edits under his name, and the API call counter stands still', async () => {
  const validationRules = [
    { object: 'Contact', name: 'R', formula: 'Title = "No"', message: 'No such title.' },
  ];
  await using org = await startOrg({ definition: { validationRules } });
  const { emulator, rest, all, call } = await open(org);
  await call('PATCH', '/emulator/definition', { users: [rep] });
  const used = (await emulator('GET', '/limits')).body.used;
  const made = await emulator('POST', '/records/Contact', { as: rep.username, fields: { LastName: 'Roe' } });
  expect(made).toMatchObject({ status: 201, body: { success: true } });
  const path = `/records/Contact/${made.body.id}`;
  const refused = await emulator('PATCH', path, { as: rep.username, fields: { Title: 'No' } });
  expect(refused.body).toEqual([
    { message: 'No such title.', errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', fields: [] },
  ]);
  expect((await emulator('PATCH', path, { as: rep.username, fields: { Title: 'Yes' } })).status).toBe(200);
  expect((await emulator('GET', '/limits')).body.used).toBe(used);
  const [record] = await all('SELECT Title, LastModifiedBy.Username, Owner.Username FROM Contact');
  expect(record).toMatchObject({
    Title: 'Yes',
    LastModifiedBy: { Username: rep.username },
    Owner: { Username: rep.username },
  });
  expect((await emulator('POST', '/records/Contact', { as: 'nobody', fields: {} })).status).toBe(400);
  expect((await emulator('POST', '/records/Nothing', { fields: {} })).status).toBe(404);
  expect((await emulator('DELETE', path, {})).status).toBe(200);
  expect((await rest('GET', `/sobjects/Contact/${made.body.id}`)).status).toBe(404);
});

test('a conversion makes an Account and a Contact; the Lead is read-only afterwards', async () => {
  await using org = await startOrg();
  const { emulator, rest, create, all } = await open(org);
  const lead = { FirstName: 'Jane', LastName: 'Roe', Company: 'Acme', Email: 'jane@x.example', City: 'Rome' };
  const id = await create('Lead', { ...lead, AnnualRevenue: 5, HasOptedOutOfEmail: true });
  const campaign = await create('Campaign', { Name: 'Spring' });
  const member = await create('CampaignMember', { CampaignId: campaign, LeadId: id, Status: 'Responded' });
  const statuses = await all('SELECT MasterLabel FROM LeadStatus WHERE IsConverted = true');
  expect(statuses.map((row: { MasterLabel: string }) => row.MasterLabel)).toEqual(['Closed - Converted']);
  const wrong = await emulator('POST', `/leads/${id}/convert`, { converted_status: 'Open' });
  expect(wrong.body[0]).toMatchObject({
    errorCode: 'INVALID_STATUS',
    message: 'invalid convertedStatus: Open',
  });
  const { body } = await emulator('POST', `/leads/${id}/convert`, { converted_status: 'Closed - Converted' });
  expect(body).toEqual({
    lead_id: id,
    account_id: expect.stringMatching(/^001/),
    contact_id: expect.stringMatching(/^003/),
    opportunity_id: null,
    success: true,
  });
  expect((await rest('GET', `/sobjects/Account/${body.account_id}`)).body).toMatchObject({
    Name: 'Acme',
    BillingCity: 'Rome',
    AnnualRevenue: 5,
  });
  expect((await rest('GET', `/sobjects/Contact/${body.contact_id}`)).body).toMatchObject({
    Name: 'Jane Roe',
    Email: 'jane@x.example',
    AccountId: body.account_id,
    MailingCity: 'Rome',
    HasOptedOutOfEmail: true,
  });
  const converted = (await rest('GET', `/sobjects/Lead/${id}`)).body;
  expect(converted).toMatchObject({
    IsConverted: true,
    Status: 'Closed - Converted',
    ConvertedAccountId: body.account_id,
    ConvertedContactId: body.contact_id,
  });
  expect(converted.ConvertedDate).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect((await rest('GET', `/sobjects/CampaignMember/${member}`)).body).toMatchObject({
    ContactId: body.contact_id,
    LeadId: id,
    Status: 'Responded',
    Type: 'Contact',
  });
  const [totals] = await all('SELECT NumberOfConvertedLeads, NumberOfContacts FROM Campaign');
  expect(totals).toMatchObject({ NumberOfConvertedLeads: 1, NumberOfContacts: 1 });
  const error = {
    message: 'cannot reference converted lead',
    errorCode: 'CANNOT_UPDATE_CONVERTED_LEAD',
    fields: [],
  };
  expect((await rest('PATCH', `/sobjects/Lead/${id}`, { City: 'Oslo' })).body).toEqual([error]);
  expect((await emulator('POST', `/leads/${id}/convert`)).body).toEqual([error]);
  const other = await create('Campaign', { Name: 'Other' });
  const late = await rest('POST', '/sobjects/CampaignMember', { CampaignId: other, LeadId: id });
  expect(late.body).toEqual([error]);
});

test('a conversion into records there are fills their empty fields, and leaves no trace when refused', async () => {
  const validationRules = [
    { object: 'Contact', name: 'R', formula: 'MailingCity = "Nowhere"', message: 'No such city.' },
  ];
  await using org = await startOrg({ definition: { validationRules } });
  const { emulator, rest, create, all } = await open(org);
  const accountId = await create('Account', { Name: 'Old', Phone: '1' });
  const contactId = await create('Contact', { LastName: 'Old', AccountId: accountId, LeadSource: 'Other' });
  const campaign = await create('Campaign', { Name: 'Spring' });
  const lead = { LastName: 'Roe', Company: 'New', Phone: '2', Email: 'r@x.example', LeadSource: 'Web' };
  const id = await create('Lead', lead);
  await create('CampaignMember', { CampaignId: campaign, LeadId: id });
  await create('CampaignMember', { CampaignId: campaign, ContactId: contactId });
  const lonely = await emulator('POST', `/leads/${id}/convert`, { contact_id: contactId });
  expect(lonely.body[0].errorCode).toBe('REQUIRED_FIELD_MISSING');
  const target = { account_id: accountId, contact_id: contactId };
  expect((await emulator('POST', `/leads/${id}/convert`, target)).status).toBe(200);
  expect((await rest('GET', `/sobjects/Account/${accountId}`)).body).toMatchObject({
    Name: 'Old',
    Phone: '1',
  });
  expect((await rest('GET', `/sobjects/Contact/${contactId}`)).body).toMatchObject({
    LastName: 'Old',
    Email: 'r@x.example',
    LeadSource: 'Other',
  });
  expect(await all('SELECT ContactId FROM CampaignMember')).toHaveLength(1);
  const bad = await create('Lead', { LastName: 'B', Company: 'Trace', City: 'Nowhere' });
  expect((await emulator('POST', `/leads/${bad}/convert`)).body[0].message).toBe('No such city.');
  expect(await all("SELECT Id FROM Account WHERE Name = 'Trace'")).toEqual([]);
  expect((await emulator('POST', `/leads/${bad}/convert`, { opportunity: true })).status).toBe(501);
});

test('a merge moves children to the winner, doubles nothing, and leaves losers with MasterRecordId', async () => {
  await using org = await startOrg({
    definition: { customFields: [{ object: 'Contact', name: 'Ext__c', unique: true, externalId: true }] },
  });
  const { emulator, rest, create, all } = await open(org);
  const winner = await create('Contact', { LastName: 'A', Email: 'a@x.example' });
  const loser = await create('Contact', { LastName: 'B', Ext__c: 'E1', ReportsToId: winner });
  const report = await create('Contact', { LastName: 'C', ReportsToId: loser });
  const [spring, autumn] = [await create('Campaign', { Name: 'S' }), await create('Campaign', { Name: 'A' })];
  await create('CampaignMember', { CampaignId: spring, ContactId: winner });
  const double = await create('CampaignMember', { CampaignId: spring, ContactId: loser });
  const moved = await create('CampaignMember', { CampaignId: autumn, ContactId: loser });
  const order = { object: 'Contact', master_id: winner, ids: [loser], fields: { Ext__c: 'E1' } };
  const merged = await emulator('POST', '/merge', order);
  expect(merged.body).toMatchObject({ id: winner, merged_record_ids: [loser], success: true });
  expect([...merged.body.updated_related_ids].sort()).toEqual([report, double, moved].sort());
  expect((await rest('GET', `/sobjects/Contact/${winner}`)).body).toMatchObject({
    Ext__c: 'E1',
    LastName: 'A',
  });
  expect((await rest('GET', `/sobjects/Contact/${report}`)).body.ReportsToId).toBe(winner);
  const members = await all(`SELECT CampaignId FROM CampaignMember WHERE ContactId = '${winner}'`);
  expect(members).toHaveLength(2);
  const gone = await rest('PATCH', `/sobjects/Contact/${loser}`, { LastName: 'X' });
  expect(gone).toMatchObject({ status: 404, body: [{ errorCode: 'ENTITY_IS_DELETED' }] });
  const [row] = await all('SELECT Id, MasterRecordId FROM Contact WHERE IsDeleted = true', 'queryAll');
  expect(row).toMatchObject({ Id: loser, MasterRecordId: winner });
  expect((await emulator('POST', '/merge', { ...order, ids: [winner] })).status).toBe(400);
  expect((await emulator('POST', '/merge', { ...order, ids: [] })).status).toBe(400);
});

test('a deleted record comes back with what went with it, and not with what went before', async () => {
  await using org = await startOrg({
    definition: { customFields: [{ object: 'Contact', name: 'Ext__c', unique: true }] },
  });
  const { emulator, rest, create, all } = await open(org);
  const account = await create('Account', { Name: 'Acme' });
  const early = await create('Contact', { LastName: 'Early', AccountId: account });
  const contact = await create('Contact', { LastName: 'Roe', AccountId: account, Ext__c: 'E1' });
  const campaign = await create('Campaign', { Name: 'S' });
  await create('CampaignMember', { CampaignId: campaign, ContactId: contact });
  await rest('DELETE', `/sobjects/Contact/${early}`);
  await rest('DELETE', `/sobjects/Account/${account}`);
  expect(await all('SELECT Id FROM CampaignMember')).toEqual([]);
  const undelete = async (...ids: string[]) => (await emulator('POST', '/undelete', { ids })).body;
  const notInBin = {
    success: false,
    errors: [{ statusCode: 'UNDELETE_FAILED', message: 'Entity is not in the recycle bin', fields: [] }],
  };
  expect(await undelete(contact, campaign)).toEqual([notInBin, notInBin]);
  const taken = await create('Contact', { LastName: 'New', Ext__c: 'E1' });
  expect((await undelete(account))[0].errors[0].statusCode).toBe('DUPLICATE_VALUE');
  await rest('PATCH', `/sobjects/Contact/${taken}`, { Ext__c: null });
  expect(await undelete(account)).toEqual([{ id: account, success: true, errors: [] }]);
  const back = await all('SELECT LastName FROM Contact WHERE AccountId <> null');
  expect(back.map((row: { LastName: string }) => row.LastName)).toEqual(['Roe']);
  expect(await all('SELECT Id FROM CampaignMember')).toHaveLength(1);
  const [totals] = await all('SELECT NumberOfContacts FROM Campaign');
  expect(totals.NumberOfContacts).toBe(1);
  expect(await undelete(early)).toEqual([{ id: early, success: true, errors: [] }]);
});

test('the bin empties by order, and by itself after fifteen days of the org', async () => {
  await using org = await startOrg();
  const { emulator, rest, create } = await open(org);
  const ids = [await create('Contact', { LastName: 'A' }), await create('Contact', { LastName: 'B' })];
  const third = await create('Contact', { LastName: 'C' });
  for (const id of [...ids, third]) await rest('DELETE', `/sobjects/Contact/${id}`);
  expect((await emulator('POST', '/recycle-bin/empty', { ids: [third] })).body).toEqual({ removed: 1 });
  expect((await emulator('POST', '/recycle-bin/empty', { ids: [third] })).status).toBe(400);
  const day = 24 * 60 * 60 * 1000;
  await emulator('POST', '/clock', { advance_ms: 14 * day });
  expect(await (await open(org)).all('SELECT Id FROM Contact', 'queryAll')).toHaveLength(2);
  await emulator('POST', '/clock', { advance_ms: 2 * day });
  const undeleted = (await emulator('POST', '/undelete', { ids })).body;
  expect(undeleted.map((result: { success: boolean }) => result.success)).toEqual([false, false]);
  const { body } = await emulator('GET', '/counts');
  expect(body.Contact).toEqual({ live: 0, deleted: 0 });
  const again = await open(org);
  const last = await again.create('Contact', { LastName: 'D' });
  await again.rest('DELETE', `/sobjects/Contact/${last}`);
  expect((await emulator('POST', '/recycle-bin/empty')).body).toEqual({ removed: 1 });
});
