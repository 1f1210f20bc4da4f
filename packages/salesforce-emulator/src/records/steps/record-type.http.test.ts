import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../../start-org.ts';
import { connect, type RestClient } from '../../testing/rest-client.ts';

const tier = { object: 'Contact', name: 'Tier__c', type: 'picklist' as const };
const color = { object: 'Contact', name: 'Color__c', type: 'multipicklist' as const };

let org: Org;
let client: RestClient;
const ids = new Map<string, string>();
beforeAll(async () => {
  org = await startOrg({
    definition: {
      customFields: [
        { ...tier, values: ['Gold', 'Silver', 'Bronze'] },
        { ...tier, name: 'Mood__c', values: ['Good'], restricted: false },
        { ...color, values: ['Red', 'Green'] },
      ],
      recordTypes: [
        {
          object: 'Contact',
          developerName: 'Partner',
          label: 'Partner Contact',
          default: true,
          picklists: { Tier__c: ['Gold'], Color__c: ['Red'] },
        },
        { object: 'Contact', developerName: 'Guest' },
        { object: 'Contact', developerName: 'Old', active: false },
        { object: 'Account', developerName: 'Customer' },
      ],
    },
  });
  client = await connect(org);
  const { body } = await client.query('SELECT Id, DeveloperName, SobjectType, IsActive FROM RecordType');
  for (const row of body.records) ids.set(row.DeveloperName, row.Id);
});
afterAll(() => org.close());

const create = (fields: object) => client.rest('POST', '/sobjects/Contact', { LastName: 'Roe', ...fields });
const badChoice = (label: string, value: string, field: string) => ({
  status: 400,
  body: [
    {
      errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      message: `${label}: bad value for restricted picklist field: ${value}`,
      fields: [field],
    },
  ],
});

test('record types are rows, and describe lists them with Master', async () => {
  expect(ids.get('Partner')).toMatch(/^012/);
  const { body } = await client.rest('GET', '/sobjects/Contact/describe');
  expect(
    body.recordTypeInfos.map((info: Record<string, unknown>) => [
      info.developerName,
      info.name,
      info.active,
      info.available,
      info.defaultRecordTypeMapping,
      info.master,
      info.recordTypeId,
    ]),
  ).toEqual([
    ['Partner', 'Partner Contact', true, true, true, false, ids.get('Partner')],
    ['Guest', 'Guest', true, true, false, false, ids.get('Guest')],
    ['Old', 'Old', false, false, false, false, ids.get('Old')],
    ['Master', 'Master', true, true, false, true, '012000000000000AAA'],
  ]);
  const lead = (await client.rest('GET', '/sobjects/Lead/describe')).body;
  expect(lead.recordTypeInfos).toMatchObject([{ master: true, defaultRecordTypeMapping: true }]);
  expect(JSON.stringify(lead.fields)).not.toContain('RecordTypeId');
});

test('a record gets the default type, and queries name it', async () => {
  const made = await create({});
  const { body } = await client.query(
    "SELECT Id, RecordType.Name FROM Contact WHERE RecordType.DeveloperName = 'Partner'",
  );
  expect(body.records).toMatchObject([{ Id: made.body.id, RecordType: { Name: 'Partner Contact' } }]);
  const guest = await create({ RecordTypeId: ids.get('Guest') });
  const read = await client.rest('GET', `/sobjects/Contact/${guest.body.id}?fields=RecordTypeId`);
  expect(read.body.RecordTypeId).toBe(ids.get('Guest'));
});

test.each(['Old', 'Customer'])('%s is no type for a Contact', async (name) => {
  expect(await create({ RecordTypeId: ids.get(name) })).toMatchObject({
    status: 400,
    body: [
      {
        errorCode: 'INVALID_CROSS_REFERENCE_KEY',
        message: `Record Type ID: this ID value isn't valid for the user: ${ids.get(name)}`,
        fields: ['RecordTypeId'],
      },
    ],
  });
});

test('the type limits restricted picklists; others take any value', async () => {
  expect(await create({ Tier__c: 'Silver' })).toMatchObject(badChoice('Tier', 'Silver', 'Tier__c'));
  expect(await create({ Color__c: 'Red;Green' })).toMatchObject(badChoice('Color', 'Green', 'Color__c'));
  expect(await create({ Tier__c: 'Lead' })).toMatchObject(badChoice('Tier', 'Lead', 'Tier__c'));
  const made = await create({ Tier__c: 'gold', Mood__c: 'Splendid', LeadSource: 'Fair' });
  const path = `/sobjects/Contact/${made.body.id}`;
  expect((await client.rest('GET', `${path}?fields=Tier__c,Mood__c,LeadSource`)).body).toMatchObject({
    Tier__c: 'Gold',
    Mood__c: 'Splendid',
    LeadSource: 'Fair',
  });
  expect(await client.rest('PATCH', path, { Tier__c: 'Silver' })).toMatchObject(
    badChoice('Tier', 'Silver', 'Tier__c'),
  );
  const guest = { RecordTypeId: ids.get('Guest'), Tier__c: 'Silver' };
  expect((await client.rest('PATCH', path, guest)).status).toBe(204);
});

test('a running org gets record types too; a wrong one leaves everything as it was', async () => {
  const define = (recordTypes: object[]) => client.call('PATCH', '/emulator/definition', { recordTypes });
  const wrong = await define([{ object: 'Contact', developerName: 'X', picklists: { Tier__c: ['Iron'] } }]);
  expect(wrong.status).toBe(400);
  expect(JSON.stringify(wrong.body)).toContain('Record type Contact.X: Tier__c has no value Iron.');
  expect((await create({ Tier__c: 'Silver' })).status).toBe(400);
  expect((await define([{ object: 'Lead', developerName: 'Hot' }])).status).toBe(204);
  const { body } = await client.rest('GET', '/sobjects/Lead/describe');
  expect(body.recordTypeInfos).toMatchObject([{ developerName: 'Hot' }, { developerName: 'Master' }]);
});
