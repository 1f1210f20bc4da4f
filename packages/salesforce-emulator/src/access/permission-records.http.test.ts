import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

let org: Org;
let admin: RestClient;
let setId: string;
beforeAll(async () => {
  org = await startOrg({
    definition: {
      users: [
        { username: 'admin@emulator.example', password: 'Admin-1' },
        { username: 'user@emulator.example', password: 'User-1', profile: 'Standard User' },
      ],
      customFields: [{ object: 'Contact', name: 'Must__c', required: true }],
    },
  });
  admin = await connect(org);
  const made = await admin.rest('POST', '/sobjects/PermissionSet', { Name: 'Mine', Label: 'Mine' });
  setId = made.body.id;
});
afterAll(() => org.close());

const field = (fields: object) =>
  admin.rest('POST', '/sobjects/FieldPermissions', {
    ParentId: setId,
    SobjectType: 'Contact',
    PermissionsRead: true,
    ...fields,
  });

test('each profile owns a permission set with a permission for every field and object', async () => {
  const { body } = await admin.query(
    "SELECT Id, Name, Profile.Name, IsOwnedByProfile FROM PermissionSet WHERE Profile.Name = 'Standard User'",
  );
  expect(body.records).toMatchObject([{ IsOwnedByProfile: true, Profile: { Name: 'Standard User' } }]);
  expect(body.records[0].Id).toMatch(/^0PS/);
  const parent = `ParentId = '${body.records[0].Id}'`;
  const fields = await admin.query(
    `SELECT Field, PermissionsRead, PermissionsEdit FROM FieldPermissions WHERE SobjectType = 'Contact' AND ${parent}`,
  );
  const names = fields.body.records.map((record: { Field: string }) => record.Field);
  expect(names).toEqual(
    expect.arrayContaining(['Contact.Email', 'Contact.MailingAddress', 'Contact.AccountId']),
  );
  for (const name of ['Contact.LastName', 'Contact.FirstName', 'Contact.Id', 'Contact.MailingCity'])
    expect(names).not.toContain(name);
  const objects = await admin.query(
    `SELECT SobjectType, PermissionsDelete, PermissionsModifyAllRecords FROM ObjectPermissions WHERE ${parent} AND SobjectType = 'Lead'`,
  );
  expect(objects.body.records).toMatchObject([
    { PermissionsDelete: true, PermissionsModifyAllRecords: false },
  ]);
});

test.each([
  ['Contact.LastName', 'a name'],
  ['Contact.MailingCity', 'a part of an address'],
  ['Contact.Must__c', 'a required field'],
  ['Contact.Nope__c', 'a field that is not there'],
  ['Account.Phone', 'a field of another object'],
])('%s, %s, cannot be permitted', async (name) => {
  expect(await field({ Field: name })).toMatchObject({
    status: 400,
    body: [
      {
        errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
        message: `Field Name: bad value for restricted picklist field: ${name}`,
        fields: ['Field'],
      },
    ],
  });
});

test('a field permission is one per set and field, needs Read for Edit, and is gone without any', async () => {
  expect(
    await field({ Field: 'Contact.Phone', PermissionsRead: false, PermissionsEdit: true }),
  ).toMatchObject({
    status: 400,
    body: [{ errorCode: 'FIELD_INTEGRITY_EXCEPTION' }],
  });
  const made = await field({ Field: 'contact.phone' });
  expect(made.body.id).toMatch(/^01k/);
  expect(await field({ Field: 'Contact.Phone' })).toMatchObject({
    status: 400,
    body: [
      {
        errorCode: 'DUPLICATE_VALUE',
        message: 'duplicate value found: <unknown> duplicates value on record with id: <unknown>',
      },
    ],
  });
  const path = `/sobjects/FieldPermissions/${made.body.id}`;
  expect((await admin.rest('GET', path)).body).toMatchObject({
    Field: 'Contact.Phone',
    SobjectType: 'Contact',
  });
  expect((await admin.rest('PATCH', path, { PermissionsRead: false })).status).toBe(204);
  expect((await admin.rest('GET', path)).status).toBe(404);
  const account = await field({ Field: 'Contact.Account' });
  expect((await admin.rest('GET', `/sobjects/FieldPermissions/${account.body.id}`)).body.Field).toBe(
    'Contact.AccountId',
  );
});

test('object permissions depend on each other', async () => {
  const grant = (fields: object) =>
    admin.rest('POST', '/sobjects/ObjectPermissions', { ParentId: setId, SobjectType: 'Account', ...fields });
  expect(await grant({ PermissionsCreate: true })).toMatchObject({
    status: 400,
    body: [
      {
        errorCode: 'FIELD_INTEGRITY_EXCEPTION',
        message: 'Permission Create Account depends on permission(s): Read Account',
      },
    ],
  });
  expect((await grant({ PermissionsRead: true, PermissionsCreate: true })).status).toBe(201);
  expect(await grant({ SobjectType: 'User', PermissionsRead: true })).toMatchObject({
    status: 400,
    body: [{ errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST' }],
  });
});

test('names of permission sets are unique identifiers; those of profiles stay', async () => {
  const create = (Name: string) => admin.rest('POST', '/sobjects/PermissionSet', { Name, Label: 'L' });
  expect((await create('two words')).body).toMatchObject([{ errorCode: 'FIELD_INTEGRITY_EXCEPTION' }]);
  expect((await create('Mine')).body).toMatchObject([{ errorCode: 'DUPLICATE_VALUE' }]);
  const owned = await admin.query('SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = true LIMIT 1');
  const path = `/sobjects/PermissionSet/${owned.body.records[0].Id}`;
  expect((await admin.rest('PATCH', path, { Label: 'x' })).status).toBe(403);
  expect((await admin.rest('DELETE', path)).status).toBe(403);
});

test('a permission set is assigned once, and not deleted while it is', async () => {
  const user = await admin.query("SELECT Id FROM User WHERE Username = 'user@emulator.example'");
  const assignment = { PermissionSetId: setId, AssigneeId: user.body.records[0].Id };
  const made = await admin.rest('POST', '/sobjects/PermissionSetAssignment', assignment);
  expect(made.status).toBe(201);
  expect(await admin.rest('POST', '/sobjects/PermissionSetAssignment', assignment)).toMatchObject({
    status: 400,
    body: [
      { errorCode: 'DUPLICATE_VALUE', message: expect.stringMatching(/^Duplicate PermissionSetAssignment/) },
    ],
  });
  expect((await admin.rest('DELETE', `/sobjects/PermissionSet/${setId}`)).body).toMatchObject([
    { errorCode: 'DELETE_FAILED' },
  ]);
  await admin.rest('DELETE', `/sobjects/PermissionSetAssignment/${made.body.id}`);
  expect((await admin.rest('DELETE', `/sobjects/PermissionSet/${setId}`)).status).toBe(204);
  const left = await admin.query(`SELECT Id FROM FieldPermissions WHERE ParentId = '${setId}'`);
  expect(left.body.totalSize).toBe(0);
});

test('who may not manage permissions sees them and changes none', async () => {
  const user = await connect(org, { username: 'user@emulator.example', password: 'User-1' });
  expect((await user.query('SELECT Id FROM PermissionSet')).body.totalSize).toBeGreaterThan(0);
  expect(await user.rest('POST', '/sobjects/PermissionSet', { Name: 'N', Label: 'N' })).toMatchObject({
    status: 400,
    body: [{ errorCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY' }],
  });
});

test('clearing the org leaves permissions as they are', async () => {
  const count = async () => (await admin.query('SELECT COUNT() FROM FieldPermissions')).body.totalSize;
  const before = await count();
  expect((await admin.call('POST', '/emulator/reset')).status).toBe(204);
  expect(await count()).toBe(before);
});
