import { Connection } from '@jsforce/jsforce-node';
import { expect, test } from 'vitest';
import { startOrg } from '../../start-org.ts';

test('jsforce finds a campaign, adds people to it, moves their status and takes them out again', async () => {
  await using org = await startOrg();
  const { username, password, securityToken, clientId, clientSecret } = org.credentials;
  const oauth2 = { loginUrl: org.url, clientId, clientSecret };
  const connection = new Connection({ loginUrl: org.url, oauth2, version: '67.0' });
  await connection.login(username, password + securityToken);
  const described = await connection.describe('CampaignMember');
  expect(described.fields.find(({ name }) => name === 'ContactId')).toMatchObject({
    createable: true,
    updateable: false,
    referenceTo: ['Contact'],
  });
  const campaign = await connection.sobject('Campaign').create({ Name: 'Spring', IsActive: true });
  const people = await connection.sobject('Contact').create([{ LastName: 'A' }, { LastName: 'B' }]);
  const members = connection.sobject('CampaignMember');
  const wanted = [...people, ...people].map(({ id }) => ({ CampaignId: campaign.id, ContactId: id }));
  const added = await members.create(wanted);
  expect(added.map(({ success }) => success)).toEqual([true, true, false, false]);
  expect(added[2]?.errors).toMatchObject([
    { statusCode: 'DUPLICATE_VALUE', message: 'Already a campaign member.' },
  ]);
  const id = String(added[0]?.id);
  expect((await members.update({ Id: id, Status: 'Responded' })).success).toBe(true);
  const found = await connection.query(
    `SELECT Id, Contact.LastName, Campaign.NumberOfResponses, HasResponded FROM CampaignMember
     WHERE CampaignId = '${campaign.id}' AND HasResponded = TRUE`,
  );
  expect(found.records).toMatchObject([
    { Id: id, Contact: { LastName: 'A' }, Campaign: { NumberOfResponses: 1 }, HasResponded: true },
  ]);
  expect((await members.destroy(id)).success).toBe(true);
  expect(await connection.sobject('Campaign').retrieve(String(campaign.id))).toMatchObject({
    NumberOfContacts: 1,
    NumberOfResponses: 0,
  });
});
