import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { bulkClient } from '../testing/bulk-client.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

const limited = { username: 'limited@emulator.example', password: 'Limited-1' };
let org: Org;
let admin: RestClient;
let user: RestClient;
beforeAll(async () => {
  org = await startOrg({
    definition: {
      users: [
        { username: 'admin@emulator.example', password: 'Admin-1' },
        { ...limited, profile: 'Marketing' },
        { username: 'silent@emulator.example', password: 'Silent-1', profile: 'No API' },
      ],
      profiles: [
        {
          name: 'Marketing',
          objectPermissions: [
            { object: 'Lead' },
            { object: 'Account', read: true },
            { object: 'Contact', create: true, read: true, edit: true },
            { object: 'Campaign', read: true },
          ],
          fieldPermissions: [
            { field: 'Contact.Secret__c' },
            { field: 'Contact.Shown__c', readable: true },
            { field: 'Contact.MailingAddress' },
            { field: 'Account.Phone' },
          ],
        },
        { name: 'No API', userPermissions: [] },
      ],
      fieldSecurity: [{ object: 'Contact', field: 'Birthdate', read: ['System Administrator'] }],
      customFields: [
        { object: 'Contact', name: 'Secret__c', externalId: true, unique: true },
        { object: 'Contact', name: 'Shown__c', externalId: true },
        { object: 'Contact', name: 'Open__c', externalId: true },
      ],
    },
  });
  admin = await connect(org);
  user = await connect(org, limited);
});
afterAll(() => org.close());

const fieldsOf = async (
  client: RestClient,
  object: string,
): Promise<Map<string, { updateable: boolean }>> => {
  const { body } = await client.rest('GET', `/sobjects/${object}/describe`);
  return new Map(body.fields.map((field: { name: string; updateable: boolean }) => [field.name, field]));
};

test('describe shows what may be seen, and what may be changed', async () => {
  const all = await fieldsOf(admin, 'Contact');
  const seen = await fieldsOf(user, 'Contact');
  const hidden = [...all.keys()].filter((name) => !seen.has(name));
  expect(hidden.filter((name) => !name.startsWith('Mailing')).sort()).toEqual(['Birthdate', 'Secret__c']);
  expect(hidden).toEqual(expect.arrayContaining(['MailingAddress', 'MailingStreet', 'MailingCountry']));
  expect(seen.get('Shown__c')?.updateable).toBe(false);
  expect(seen.get('Open__c')?.updateable).toBe(true);
  expect(all.get('Birthdate')?.updateable).toBe(false);
  const { body } = await user.rest('GET', '/sobjects');
  const names = body.sobjects.map((object: { name: string }) => object.name);
  expect(names).toContain('Contact');
  expect(names).not.toContain('Lead');
  expect(names).not.toContain('PermissionSet');
});

test('queries over fields show what the user sees', async () => {
  const soql =
    "SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Contact' AND QualifiedApiName IN ('Secret__c', 'Open__c') ORDER BY QualifiedApiName";
  const names = async (client: RestClient) =>
    (await client.query(soql)).body.records.map(
      (record: { QualifiedApiName: string }) => record.QualifiedApiName,
    );
  expect(await names(admin)).toEqual(['Open__c', 'Secret__c']);
  expect(await names(user)).toEqual(['Open__c']);
  const entities = await user.query(
    "SELECT KeyPrefix FROM EntityDefinition WHERE QualifiedApiName = 'Contact'",
  );
  expect(entities.body.records).toMatchObject([{ KeyPrefix: '003' }]);
});

test('rows and queries hold no hidden field', async () => {
  const made = await admin.rest('POST', '/sobjects/Contact', { LastName: 'Seen', Secret__c: 's-row' });
  const path = `/sobjects/Contact/${made.body.id}`;
  expect((await admin.rest('GET', path)).body.Secret__c).toBe('s-row');
  const row = (await user.rest('GET', path)).body;
  expect(row).toHaveProperty('LastName');
  expect(row).not.toHaveProperty('Secret__c');
  expect(row).not.toHaveProperty('MailingStreet');
  expect(await user.rest('GET', `${path}?fields=Secret__c`)).toMatchObject({
    status: 400,
    body: [{ errorCode: 'INVALID_FIELD' }],
  });
  for (const soql of [
    'SELECT Secret__c FROM Contact',
    "SELECT Id FROM Contact WHERE Secret__c = 's-row'",
    'SELECT Id FROM Contact ORDER BY Birthdate',
    'SELECT Account.Phone FROM Contact',
  ])
    expect(await user.query(soql), soql).toMatchObject({
      status: 400,
      body: [{ errorCode: 'INVALID_FIELD' }],
    });
  expect(await user.query('SELECT Id FROM Lead')).toMatchObject({
    status: 400,
    body: [{ errorCode: 'INVALID_TYPE' }],
  });
  expect((await user.query('SELECT Id, Shown__c, Account.Name FROM Contact')).status).toBe(200);
});

test('hidden fields cannot be written, read-only ones say so, hidden keys find nothing', async () => {
  const create = (fields: object) => user.rest('POST', '/sobjects/Contact', { LastName: 'W', ...fields });
  expect(await create({ Secret__c: 'x' })).toMatchObject({
    status: 400,
    body: [{ errorCode: 'INVALID_FIELD', message: "No such column 'Secret__c' on sobject of type Contact" }],
  });
  expect(await create({ Shown__c: 'x' })).toMatchObject({
    status: 400,
    body: [{ errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: ['Shown__c'] }],
  });
  expect(await user.rest('PATCH', '/sobjects/Contact/Secret__c/s-row', { LastName: 'X' })).toMatchObject({
    status: 404,
    body: [
      {
        errorCode: 'NOT_FOUND',
        message: 'Provided external ID field does not exist or is not accessible: Secret__c',
      },
    ],
  });
  const records = [{ attributes: { type: 'Contact' }, LastName: 'U', Secret__c: 's-row' }];
  expect((await user.rest('PATCH', '/composite/sobjects/Contact/Secret__c', { records })).status).toBe(404);
  const inserted = await user.rest('PATCH', '/sobjects/Contact/Shown__c/new', { LastName: 'X' });
  expect(inserted).toMatchObject({ status: 400, body: [{ errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE' }] });
  expect((await user.rest('PATCH', '/sobjects/Contact/Open__c/new', { LastName: 'X' })).status).toBe(201);
});

test('a Bulk job knows no hidden column and no hidden key, and refuses read-only ones row by row', async () => {
  const bulk = bulkClient(user);
  const contacts = { object: 'Contact', operation: 'insert' };
  const run = async (csv: string) => (await bulk.finish(contacts, csv)).job;
  expect(await run('LastName,Secret__c\nA,x\n')).toMatchObject({
    state: 'Failed',
    errorMessage: 'InvalidBatch : Field name not found : Secret__c',
  });
  expect(await run('LastName,Shown__c\nA,x\n')).toMatchObject({ numberRecordsFailed: 1 });
  expect(await run('LastName,Open__c\nA,bulk\n')).toMatchObject({ numberRecordsFailed: 0 });
  const byHiddenKey = { object: 'Contact', operation: 'upsert', externalIdFieldName: 'Secret__c' };
  expect((await bulk.create(byHiddenKey)).status).toBe(400);
  expect((await bulk.create({ object: 'Lead', operation: 'insert' })).status).toBe(400);
});

test('what an object permission leaves out is refused', async () => {
  expect((await user.rest('GET', '/sobjects/Lead/describe')).status).toBe(404);
  expect((await user.rest('POST', '/sobjects/Lead', { LastName: 'L', Company: 'C' })).status).toBe(404);
  expect(await user.rest('POST', '/sobjects/Account', { Name: 'A' })).toMatchObject({
    status: 400,
    body: [
      {
        errorCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
        message: 'entity type cannot be inserted: Account',
      },
    ],
  });
  const account = (await admin.rest('POST', '/sobjects/Account', { Name: 'A' })).body.id;
  const denied = {
    status: 403,
    body: [
      { errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY', message: 'insufficient access rights on object id' },
    ],
  };
  expect(await user.rest('PATCH', `/sobjects/Account/${account}`, { Name: 'B' })).toMatchObject(denied);
  expect(await user.rest('DELETE', `/sobjects/Account/${account}`)).toMatchObject(denied);
  const records = [{ attributes: { type: 'Account' }, id: account, Name: 'B' }];
  expect((await user.rest('PATCH', '/composite/sobjects', { records })).body).toMatchObject([
    { success: false, errors: [{ statusCode: 'INSUFFICIENT_ACCESS_OR_READONLY' }] },
  ]);
});

test('members of a campaign go by the permission for campaigns', async () => {
  const campaign = (await admin.rest('POST', '/sobjects/Campaign', { Name: 'C' })).body.id;
  const contact = (await admin.rest('POST', '/sobjects/Contact', { LastName: 'M' })).body.id;
  const member = { CampaignId: campaign, ContactId: contact };
  expect((await user.query('SELECT Id, Status FROM CampaignMember')).status).toBe(200);
  expect(await user.rest('POST', '/sobjects/CampaignMember', member)).toMatchObject({
    status: 400,
    body: [{ errorCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY' }],
  });
  expect((await admin.rest('POST', '/sobjects/CampaignMember', member)).status).toBe(201);
});

test('a permission set adds to the profile at once, a deleted assignment takes it away again', async () => {
  const set = await admin.rest('POST', '/sobjects/PermissionSet', { Name: 'Extra', Label: 'Extra' });
  expect(set.status).toBe(201);
  const parent = { ParentId: set.body.id };
  const field = await admin.rest('POST', '/sobjects/FieldPermissions', {
    ...parent,
    SobjectType: 'Contact',
    Field: 'Contact.Secret__c',
    PermissionsRead: true,
    PermissionsEdit: true,
  });
  expect(field.status).toBe(201);
  expect((await fieldsOf(user, 'Contact')).has('Secret__c')).toBe(false);
  const who = await admin.query(`SELECT Id FROM User WHERE Username = '${limited.username}'`);
  const assignment = await admin.rest('POST', '/sobjects/PermissionSetAssignment', {
    PermissionSetId: set.body.id,
    AssigneeId: who.body.records[0].Id,
  });
  expect(assignment.status).toBe(201);
  expect((await user.rest('PATCH', '/sobjects/Contact/Secret__c/k1', { LastName: 'Now' })).status).toBe(201);
  const fieldPath = `/sobjects/FieldPermissions/${field.body.id}`;
  expect((await admin.rest('PATCH', fieldPath, { PermissionsEdit: false })).status).toBe(204);
  expect((await fieldsOf(user, 'Contact')).get('Secret__c')?.updateable).toBe(false);
  expect((await admin.rest('DELETE', `/sobjects/PermissionSetAssignment/${assignment.body.id}`)).status).toBe(
    204,
  );
  expect((await fieldsOf(user, 'Contact')).has('Secret__c')).toBe(false);
});

test('an undone change of permissions changes nobody’s view', async () => {
  const sets = await admin.query("SELECT Id FROM PermissionSet WHERE Profile.Name = 'Marketing'");
  const grant = (field: string): object => ({
    attributes: { type: 'FieldPermissions' },
    ParentId: sets.body.records[0].Id,
    SobjectType: 'Contact',
    Field: `Contact.${field}`,
    PermissionsRead: true,
  });
  const records = [grant('Birthdate'), grant('Nothing__c')];
  const saved = await admin.rest('POST', '/composite/sobjects', { allOrNone: true, records });
  expect(saved.body.map((result: { success: boolean }) => result.success)).toEqual([false, false]);
  expect((await fieldsOf(user, 'Contact')).has('Birthdate')).toBe(false);
});

test('field security can be changed while the org runs; a wrong change changes nothing', async () => {
  await using other = await startOrg();
  const client = await connect(other);
  const change = (fieldSecurity: object[]) => client.call('PATCH', '/emulator/definition', { fieldSecurity });
  expect((await client.query('SELECT Title, Fax FROM Contact')).status).toBe(200);
  expect((await change([{ object: 'Contact', field: 'Title' }])).status).toBe(204);
  expect((await client.query('SELECT Title FROM Contact')).status).toBe(400);
  const wrong = await change([
    { object: 'Contact', field: 'Fax' },
    { object: 'Contact', field: 'Nope' },
  ]);
  expect(wrong.status).toBe(400);
  expect((await client.query('SELECT Fax FROM Contact')).status).toBe(200);
});

test('without API access every call is refused', async () => {
  const silent = await connect(org, { username: 'silent@emulator.example', password: 'Silent-1' });
  expect(await silent.rest('GET', '/limits')).toMatchObject({
    status: 403,
    body: [{ errorCode: 'API_DISABLED_FOR_ORG' }],
  });
});

test('a definition that names no profile or field of the org says so', async () => {
  const users = [{ username: 'a', password: 'b', profile: 'Nope' }];
  await expect(startOrg({ definition: { users } })).rejects.toThrow('there is no profile');
  const fieldSecurity = [{ object: 'Contact', field: 'LastName' }];
  await expect(startOrg({ definition: { fieldSecurity } })).rejects.toThrow('no field-level security');
});
