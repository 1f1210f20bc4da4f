import { Connection } from '@jsforce/jsforce-node';
import { expect, test } from 'vitest';
import { startOrg } from '../start-org.ts';

test('jsforce makes a Unique External ID field, grants it, and upserts by it', async () => {
  await using org = await startOrg();
  const { username, password, securityToken } = org.credentials;
  const { clientId, clientSecret } = org.credentials;
  const connection = new Connection({
    loginUrl: org.url,
    oauth2: { loginUrl: org.url, clientId, clientSecret },
    version: '67.0',
  });
  await connection.login(username, password + securityToken);
  const made = await connection.tooling.sobject('CustomField').create({
    FullName: 'Contact.Profile_Id__c',
    Metadata: {
      type: 'Text',
      label: 'Profile Id',
      length: 64,
      externalId: true,
      unique: true,
      caseSensitive: false,
      required: false,
    },
  });
  expect(made.success).toBe(true);
  const upsert = () =>
    connection.sobject('Contact').upsert({ Profile_Id__c: 'p-1', LastName: 'Doe' }, 'Profile_Id__c');
  await expect(upsert()).rejects.toMatchObject({ errorCode: 'NOT_FOUND' });

  const set = await connection
    .sobject('PermissionSet')
    .create({ Name: 'Audience_Export', Label: 'Audience export' });
  const permission = await connection.sobject('FieldPermissions').create({
    ParentId: String(set.id),
    SobjectType: 'Contact',
    Field: 'Contact.Profile_Id__c',
    PermissionsRead: true,
    PermissionsEdit: true,
  });
  expect(permission.success).toBe(true);
  const { user_id: userId } = await connection.identity();
  const assigned = await connection
    .sobject('PermissionSetAssignment')
    .create({ PermissionSetId: String(set.id), AssigneeId: userId });
  expect(assigned.success).toBe(true);

  expect(await upsert()).toMatchObject({ success: true, created: true });
  expect(await upsert()).toMatchObject({ success: true, created: false });
  const described = await connection.sobject('Contact').describe();
  expect(described.fields.find((field) => field.name === 'Profile_Id__c')).toMatchObject({
    externalId: true,
    unique: true,
    updateable: true,
  });

  const found = await connection.tooling.query<{ Id: string; DeveloperName: string }>(
    "SELECT Id, DeveloperName FROM CustomField WHERE DeveloperName = 'Profile_Id'",
  );
  expect(found.records.map((record) => record.Id)).toEqual([made.id]);
  const field = await connection.tooling.sobject('CustomField').retrieve(String(made.id));
  expect(field).toMatchObject({ FullName: 'Contact.Profile_Id__c' });
  const changed = await connection.tooling.sobject('CustomField').update({
    Id: String(made.id),
    Metadata: { ...field.Metadata, label: 'Profile' },
  });
  expect(changed.success).toBe(true);
  expect((await connection.tooling.sobject('CustomField').destroy(String(made.id))).success).toBe(true);
  await expect(upsert()).rejects.toMatchObject({ errorCode: 'NOT_FOUND' });
});
