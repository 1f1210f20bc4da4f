import { Connection } from '@jsforce/jsforce-node';
import { expect, test } from 'vitest';
import type { OrgDefinitionInput } from '../definition/org-definition.ts';
import { startOrg } from '../start-org.ts';
import { connect } from '../testing/rest-client.ts';

const standard: OrgDefinitionInput = { standardDuplicateRules: ['Standard_Contact_Duplicate_Rule'] };
const blocking: OrgDefinitionInput = {
  duplicateRules: [
    {
      object: 'Contact',
      name: 'Same_Phone',
      onCreate: 'block',
      onUpdate: 'block',
      alertText: 'This number is taken.',
      matchingRules: [{ name: 'Phone_Match', fields: [{ field: 'Phone', method: 'Exact' }] }],
    },
  ],
};
const jane = { FirstName: 'Jane', LastName: 'Roe', Email: 'jane@x.example' };
const allowSave = { 'sforce-duplicate-rule-header': 'allowSave=true' };

test('an alert refuses a row with the records found; with allowSave it is saved', async () => {
  await using org = await startOrg({ definition: standard });
  const { call, rest } = await connect(org);
  const { id } = (await rest('POST', '/sobjects/Contact', jane)).body;
  const again = { ...jane, FirstName: 'J.' };
  const refused = await rest('POST', '/sobjects/Contact', again);
  expect(refused.status).toBe(400);
  const duplicateResult = {
    allowSave: true,
    duplicateRule: 'Standard_Contact_Duplicate_Rule',
    duplicateRuleEntityType: 'Contact',
    errorMessage: 'Use one of these records?',
    matchResults: [
      {
        entityType: 'Contact',
        errors: [],
        matchEngine: 'FuzzyMatchEngine',
        matchRecords: [
          {
            additionalInformation: [],
            fieldDiffs: [],
            matchConfidence: 100,
            record: {
              attributes: { type: 'Contact', url: `/services/data/v67.0/sobjects/Contact/${id}` },
              Id: id,
            },
          },
        ],
        rule: 'Standard_Contact_Match_Rule_v1_1',
        size: 1,
        success: true,
      },
    ],
  };
  expect(refused.body).toEqual([
    { duplicateResult, errorCode: 'DUPLICATES_DETECTED', message: 'Use one of these records?' },
  ]);
  const older = await call('POST', '/services/data/v56.0/sobjects/Contact', again);
  expect(older.body[0].duplicateResut.matchResults[0].matchRecords[0].record.Id).toBe(id);
  const details = await call('POST', '/services/data/v67.0/sobjects/Contact', again, {
    'sforce-duplicate-rule-header': 'includeRecordDetails=true',
  });
  const { record } = details.body[0].duplicateResult.matchResults[0].matchRecords[0];
  expect(record).toMatchObject({ Id: id, Name: 'Jane Roe', Email: 'jane@x.example', Phone: null });
  expect((await call('POST', '/services/data/v67.0/sobjects/Contact', again, allowSave)).status).toBe(201);
});

test('a blocking rule is never passed; an update runs it only when it changes what is compared', async () => {
  await using org = await startOrg({ definition: blocking });
  const { call, rest } = await connect(org);
  await rest('POST', '/sobjects/Contact', { LastName: 'A', Phone: '123' });
  const refused = await call(
    'POST',
    '/services/data/v67.0/sobjects/Contact',
    { LastName: 'B', Phone: '123' },
    allowSave,
  );
  expect(refused.body[0]).toMatchObject({
    message: 'This number is taken.',
    duplicateResult: { allowSave: false, matchResults: [{ matchEngine: 'ExactMatchEngine' }] },
  });
  await call('PATCH', '/emulator/definition', { duplicateRules: [] });
  const twin = await rest('POST', '/sobjects/Contact', { LastName: 'B', Phone: '123' });
  await call('PATCH', '/emulator/definition', blocking);
  const path = `/sobjects/Contact/${twin.body.id}`;
  expect((await rest('PATCH', path, { LastName: 'C', Phone: '123' })).status).toBe(204);
  expect((await rest('PATCH', path, { Phone: '9' })).status).toBe(204);
  expect((await rest('PATCH', path, { Phone: '123' })).body[0].errorCode).toBe('DUPLICATES_DETECTED');
});

test('Collections tell code and message only, and do not compare records of one call', async () => {
  await using org = await startOrg({ definition: standard });
  const client = await connect(org);
  const record = { attributes: { type: 'Contact' }, ...jane };
  const first = await client.rest('POST', '/composite/sobjects', { records: [record, record] });
  expect(first.body.map((result: { success: boolean }) => result.success)).toEqual([true, true]);
  const error = { statusCode: 'DUPLICATES_DETECTED', message: 'Use one of these records?', fields: [] };
  const second = await client.rest('POST', '/composite/sobjects', { records: [record] });
  expect(second.body).toEqual([{ success: false, errors: [error] }]);
  const connection = new Connection({
    instanceUrl: org.url,
    accessToken: client.token,
    version: '52.0',
  });
  await expect(connection.sobject('Contact').create(jane)).rejects.toMatchObject({
    errorCode: 'DUPLICATES_DETECTED',
  });
  const forced = await connection.sobject('Contact').create(jane, { headers: allowSave });
  expect(forced.success).toBe(true);
  const tooOld = await client.call('POST', '/services/data/v51.0/sobjects/Contact', jane, allowSave);
  expect(tooOld).toMatchObject({ status: 400, body: [{ errorCode: 'DUPLICATES_DETECTED' }] });
});

test('Contacts are compared with Leads, Leads by company with the Account of Contacts', async () => {
  await using org = await startOrg({
    definition: {
      standardDuplicateRules: ['Standard_Contact_Duplicate_Rule', 'Standard_Lead_Duplicate_Rule'],
    },
  });
  const { rest } = await connect(org);
  await rest('POST', '/sobjects/Lead', { ...jane, Company: 'Acme' });
  const contact = await rest('POST', '/sobjects/Contact', jane);
  expect(contact.body[0].duplicateResult.matchResults[0]).toMatchObject({
    entityType: 'Lead',
    rule: 'Standard_Lead_Match_Rule_v1_0',
  });
  const account = await rest('POST', '/sobjects/Account', { Name: 'Bolt Inc.' });
  const person = { FirstName: 'Ann', LastName: 'Doe', Title: 'Vice President' };
  await rest('POST', '/sobjects/Contact', { ...person, AccountId: account.body.id });
  const lead = { ...person, Title: 'VP' };
  expect((await rest('POST', '/sobjects/Lead', { ...lead, Company: 'Other' })).status).toBe(201);
  const refused = await rest('POST', '/sobjects/Lead', { ...lead, Company: 'BOLT' });
  expect(refused.body[0].duplicateResult.matchResults[0].entityType).toBe('Contact');
});

test('a deleted record is no duplicate; blank values match only where the rule says so', async () => {
  const matchingRules = [
    {
      name: 'Match',
      booleanFilter: '1 AND 2',
      fields: [{ field: 'LastName' }, { field: 'Title', blank: 'MatchBlanks' }],
    },
  ] as const;
  await using org = await startOrg({
    definition: { duplicateRules: [{ object: 'Contact', name: 'R', onCreate: 'block', matchingRules }] },
  });
  const { rest } = await connect(org);
  const { id } = (await rest('POST', '/sobjects/Contact', { LastName: 'Roe' })).body;
  expect((await rest('POST', '/sobjects/Contact', { LastName: 'ROE' })).status).toBe(400);
  expect((await rest('POST', '/sobjects/Contact', { LastName: 'Roe', Title: 'Dr' })).status).toBe(201);
  await rest('DELETE', `/sobjects/Contact/${id}`);
  expect((await rest('POST', '/sobjects/Contact', { LastName: 'Roe' })).status).toBe(201);
});

test('rules that do not fit the org are refused by name', async () => {
  const start = (matchingRules: readonly object[]): Promise<unknown> =>
    startOrg({ definition: { duplicateRules: [{ object: 'Contact', name: 'R', matchingRules }] } });
  await expect(start([{ name: 'M', fields: [{ field: 'Nope' }] }])).rejects.toThrow(
    'Duplicate rule R: matching rule M: there is no field Nope on Contact to compare.',
  );
  await expect(start([{ name: 'M', fields: [{ field: 'Account.Name' }] }])).rejects.toThrow('a parent alone');
});
