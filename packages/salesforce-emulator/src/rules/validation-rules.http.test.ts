import { Connection } from '@jsforce/jsforce-node';
import { expect, test } from 'vitest';
import { startOrg } from '../start-org.ts';
import { connect } from '../testing/rest-client.ts';

const validationRules = [
  {
    object: 'Contact',
    name: 'Title_for_Directors',
    formula: 'AND(ISPICKVAL(LeadSource, "Web"), ISBLANK(Title))',
    message: 'Contacts from the web need a title.',
    field: 'title',
  },
  {
    object: 'Contact',
    name: 'Phone_stays',
    formula: 'AND(NOT(ISNEW()), ISCHANGED(Phone), NOT(ISBLANK(PRIORVALUE(Phone))))',
    message: 'The phone number may be set once.',
  },
  {
    object: 'Contact',
    name: 'No_closed_accounts',
    formula: `Account.Name = "Closed" && $User.Username = "integration@emulator.example"
      && $Profile.Name = "System Administrator" && Account.Owner.Profile.Name = $Profile.Name`,
    message: 'This account is closed.',
    field: 'AccountId',
  },
  { object: 'Account', name: 'Ratio', formula: '1 / NumberOfEmployees > 1', message: 'Too few.' },
  { object: 'Account', name: 'Off', active: false, formula: 'TRUE', message: 'Never.' },
];

test('every rule that fails is told, with its field, and nothing is written', async () => {
  await using org = await startOrg({
    definition: {
      validationRules: [
        ...validationRules,
        { object: 'Contact', name: 'Second', formula: 'ISBLANK(Title)', message: 'Second.' },
      ],
    },
  });
  const { rest } = await connect(org);
  const refused = await rest('POST', '/sobjects/Contact', { LastName: 'Roe', LeadSource: 'Web' });
  expect(refused.status).toBe(400);
  expect(refused.body).toEqual([
    {
      message: 'Contacts from the web need a title.',
      errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
      fields: ['Title'],
    },
    { message: 'Second.', errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', fields: [] },
  ]);
  expect((await rest('GET', '/query?q=SELECT+COUNT()+FROM+Contact')).body.totalSize).toBe(0);
});

test('rules know what was before, parents and the user; a formula without a value refuses', async () => {
  await using org = await startOrg({ definition: { validationRules } });
  const { rest } = await connect(org);
  const contact = await rest('POST', '/sobjects/Contact', { LastName: 'Roe' });
  const path = `/sobjects/Contact/${contact.body.id}`;
  expect((await rest('PATCH', path, { Phone: '1' })).status).toBe(204);
  expect((await rest('PATCH', path, { Phone: '1', Title: 'Dr' })).status).toBe(204);
  expect((await rest('PATCH', path, { Phone: '2' })).body[0].message).toBe(
    'The phone number may be set once.',
  );
  const account = await rest('POST', '/sobjects/Account', { Name: 'Closed' });
  const moved = await rest('PATCH', path, { AccountId: account.body.id });
  expect(moved.body).toEqual([
    {
      message: 'This account is closed.',
      errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
      fields: ['AccountId'],
    },
  ]);
  const divided = await rest('POST', '/sobjects/Account', { Name: 'None', NumberOfEmployees: 0 });
  expect(divided.body[0].message).toMatch(/^Validation Formula "Ratio" Invalid \(.+\)$/);
});

test('the same records are refused through rows, upserts, Collections and jsforce', async () => {
  await using org = await startOrg({ definition: { validationRules } });
  const client = await connect(org);
  const records = [
    { LastName: 'A', LeadSource: 'Web', Email: 'a@x.example' },
    { LastName: 'B', LeadSource: 'Web', Title: 'Dr', Email: 'b@x.example' },
  ];
  const error = {
    statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    message: 'Contacts from the web need a title.',
    fields: ['Title'],
  };
  const collection = await client.rest('PATCH', '/composite/sobjects/Contact/Email', {
    records: records.map((record) => ({ attributes: { type: 'Contact' }, ...record })),
  });
  expect(collection.body).toEqual([
    { success: false, errors: [error] },
    { id: expect.any(String), success: true, errors: [], created: true },
  ]);
  const row = await client.rest('PATCH', '/sobjects/Contact/Email/a@x.example', {
    LastName: 'A',
    LeadSource: 'Web',
  });
  expect(row.body).toEqual([{ message: error.message, errorCode: error.statusCode, fields: ['Title'] }]);
  const connection = new Connection({ instanceUrl: org.url, accessToken: client.token });
  await expect(connection.sobject('Contact').create(records[0] ?? {})).rejects.toMatchObject({
    errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
  });
});

test('a rule that cannot be is refused at the start and when the definition changes', async () => {
  const wrong = [{ object: 'Contact', name: 'Wrong', formula: 'Tier__c = 1', message: 'No.' }];
  await expect(startOrg({ definition: { validationRules: wrong } })).rejects.toThrow(
    'Validation rule Wrong: at character 1: Field Tier__c does not exist. Check spelling.',
  );
  await using org = await startOrg();
  const { call, rest } = await connect(org);
  const refused = await call('PATCH', '/emulator/definition', { validationRules: wrong });
  expect(refused.status).toBe(400);
  expect(refused.body[0].message).toContain('Field Tier__c does not exist');
  const always = [{ object: 'Lead', name: 'Always', formula: 'TRUE', message: 'No leads today.' }];
  expect((await call('PATCH', '/emulator/definition', { validationRules: always })).status).toBe(204);
  expect((await rest('POST', '/sobjects/Lead', { LastName: 'A', Company: 'B' })).status).toBe(400);
  await call('PATCH', '/emulator/definition', { validationRules: [] });
  expect((await rest('POST', '/sobjects/Lead', { LastName: 'A', Company: 'B' })).status).toBe(201);
});
