import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

let org: Org;
let admin: RestClient;
beforeAll(async () => {
  org = await startOrg({
    definition: {
      users: [
        { username: 'admin@emulator.example', password: 'Admin-1' },
        { username: 'user@emulator.example', password: 'User-1', profile: 'Standard User' },
      ],
      customFields: [{ object: 'Contact', name: 'Tier__c', type: 'picklist', values: ['Gold', 'Silver'] }],
    },
  });
  admin = await connect(org);
});
afterAll(() => org.close());

const path = '/tooling/sobjects/CustomField';
const create = (FullName: string, Metadata: object) => admin.rest('POST', path, { FullName, Metadata });
const toolingQuery = (soql: string) => admin.rest('GET', `/tooling/query?q=${encodeURIComponent(soql)}`);
const setId = async (profile: string): Promise<string> =>
  (await admin.query(`SELECT Id FROM PermissionSet WHERE Profile.Name = '${profile}'`)).body.records[0].Id;
const grant = async (field: string, edit = true) =>
  admin.rest('POST', '/sobjects/FieldPermissions', {
    ParentId: await setId('System Administrator'),
    SobjectType: field.split('.')[0],
    Field: field,
    PermissionsRead: true,
    PermissionsEdit: edit,
  });
const describe = async (name: string) => {
  const { body } = await admin.rest('GET', '/sobjects/Contact/describe');
  return body.fields.find((field: { name: string }) => field.name === name);
};

test.each([
  [
    'Text',
    { length: 40, externalId: true, unique: true, caseSensitive: true },
    { type: 'string', length: 40 },
  ],
  ['Email', { externalId: true }, { type: 'email', length: 80, externalId: true, idLookup: true }],
  ['Phone', {}, { type: 'phone' }],
  ['Url', {}, { type: 'url' }],
  [
    'Number',
    { precision: 10, scale: 2, unique: true },
    { type: 'double', precision: 10, scale: 2, unique: true },
  ],
  ['Currency', { precision: 18, scale: 2 }, { type: 'currency' }],
  ['Percent', { precision: 5, scale: 1 }, { type: 'percent', scale: 1 }],
  ['Checkbox', { defaultValue: 'true' }, { type: 'boolean', defaultValue: true }],
  ['Date', {}, { type: 'date' }],
  ['DateTime', {}, { type: 'datetime' }],
  [
    'Picklist',
    { valueSet: { restricted: true, valueSetDefinition: { sorted: false, value: [{ valueName: 'A' }] } } },
    { type: 'picklist', restrictedPicklist: true },
  ],
  [
    'MultiselectPicklist',
    { visibleLines: 4, valueSet: { valueSetDefinition: { value: [{ fullName: 'A', default: false }] } } },
    { type: 'multipicklist', restrictedPicklist: false },
  ],
  ['TextArea', {}, { type: 'textarea', length: 255 }],
  ['LongTextArea', { length: 1000, visibleLines: 3 }, { type: 'textarea', length: 1000 }],
  [
    'Lookup',
    { referenceTo: 'Account', relationshipName: 'Others' },
    { type: 'reference', referenceTo: ['Account'] },
  ],
])(
  'a field of type %s is made, hidden until granted, and reads back as it was made',
  async (type, more, seen) => {
    const name = `Made_${type}__c`;
    const metadata = { type, label: `My ${type}`, ...more };
    const made = await create(`Contact.${name}`, metadata);
    expect(made).toMatchObject({ status: 201, body: { success: true, errors: [] } });
    expect(made.body.id).toMatch(/^00N\w{15}$/);
    expect(await describe(name)).toBeUndefined();
    expect((await admin.query(`SELECT ${name} FROM Contact`)).status).toBe(400);
    expect((await grant(`Contact.${name}`)).status).toBe(201);
    expect(await describe(name)).toMatchObject({ ...seen, label: `My ${type}`, custom: true });
    const row = await admin.rest('GET', `${path}/${made.body.id}`);
    expect(row.body).toMatchObject({
      FullName: `Contact.${name}`,
      TableEnumOrId: 'Contact',
      DeveloperName: `Made_${type}`,
      Metadata: { type, label: `My ${type}` },
    });
    const again = { ...row.body.Metadata, label: 'Again' };
    expect((await admin.rest('PATCH', `${path}/${made.body.id}`, { Metadata: again })).status).toBe(204);
    expect(await describe(name)).toMatchObject({ ...seen, label: 'Again' });
  },
);

test.each([
  [
    'Contact.Tier__c',
    { type: 'Text', label: 'T', length: 4 },
    'DUPLICATE_DEVELOPER_NAME',
    'There is already a field named Tier on Contact.',
  ],
  [
    'Contact.tier__c',
    { type: 'Text', label: 'T', length: 4 },
    'DUPLICATE_DEVELOPER_NAME',
    'There is already a field named tier on Contact.',
  ],
  [
    'Contact.New__c',
    { type: 'Text', label: 'T' },
    'FIELD_INTEGRITY_EXCEPTION',
    "Must specify 'length' for a CustomField of type Text",
  ],
  [
    'Contact.New__c',
    { type: 'Checkbox', label: 'T' },
    'FIELD_INTEGRITY_EXCEPTION',
    "Must specify 'defaultValue' for a CustomField of type Checkbox",
  ],
  [
    'Contact.New__c',
    { type: 'TextArea', label: 'T', length: 255 },
    'FIELD_INTEGRITY_EXCEPTION',
    "Can not specify 'length' for a CustomField of type TextArea",
  ],
  [
    'Contact.New__c',
    { type: 'Date', label: 'T', externalId: true },
    'FIELD_INTEGRITY_EXCEPTION',
    "Can not specify 'externalId' for a CustomField of type Date",
  ],
  [
    'Contact.New__c',
    { type: 'Text', length: 4 },
    'FIELD_INTEGRITY_EXCEPTION',
    'Must specify a non-empty label for the CustomField',
  ],
  ['Contact.New__c', { type: 'Text', length: 256, label: 'T' }, 'FIELD_INTEGRITY_EXCEPTION', 'from 1 to 255'],
  [
    'Contact.New',
    { type: 'Text', length: 4, label: 'T' },
    'FIELD_INTEGRITY_EXCEPTION',
    'must end in a custom suffix',
  ],
  [
    'Contact.a__b__c',
    { type: 'Text', length: 4, label: 'T' },
    'FIELD_INTEGRITY_EXCEPTION',
    'single underscores',
  ],
  [
    'Nope.New__c',
    { type: 'Text', length: 4, label: 'T' },
    'INVALID_CROSS_REFERENCE_KEY',
    'no CustomObject named Nope found',
  ],
  [
    'Contact.New__c',
    { type: 'Lookup', label: 'T', referenceTo: 'Nope' },
    'FIELD_INTEGRITY_EXCEPTION',
    'Nope',
  ],
  ['Contact.New__c', { label: 'T' }, 'REQUIRED_FIELD_MISSING', 'type'],
  ['Contact.New__c', { type: 'Text', length: '4x', label: 'T' }, 'JSON_PARSER_ERROR', 'length'],
])('%s %j is refused', async (fullName, metadata, errorCode, message) => {
  expect(await create(fullName, metadata)).toMatchObject({
    status: 400,
    body: [{ errorCode, message: expect.stringContaining(message) }],
  });
});

test.each([
  [{ type: 'AutoNumber', label: 'N' }],
  [{ type: 'Text', label: 'N', length: 9, formula: '1' }],
  [{ type: 'Lookup', label: 'N', referenceTo: 'Account', deleteConstraint: 'Restrict' }],
  [{ type: 'Picklist', label: 'N', valueSet: { valueSetName: 'Global' } }],
  [{ type: 'Text', label: 'N', length: 9, encryptionScheme: 'None' }],
])('what is not there yet says so: %j', async (metadata) => {
  expect((await create('Contact.Later__c', metadata)).status).toBe(501);
});

test('a field keeps its values when it changes, and refuses what would lose some', async () => {
  const { id } = (await create('Contact.Code__c', { type: 'Text', label: 'Code', length: 20 })).body;
  await grant('Contact.Code__c');
  const patch = (more: object) =>
    admin.rest('PATCH', `${path}/${id}`, { Metadata: { type: 'Text', label: 'Code', length: 20, ...more } });
  const contacts = ['Long value one', 'Long value one'].map((Code__c) => ({
    attributes: { type: 'Contact' },
    LastName: 'C',
    Code__c,
  }));
  const made = await admin.rest('POST', '/composite/sobjects', { records: contacts });
  expect((await patch({ length: 5 })).body).toMatchObject([{ errorCode: 'FIELD_INTEGRITY_EXCEPTION' }]);
  expect((await patch({ unique: true })).body).toMatchObject([{ errorCode: 'DUPLICATE_VALUE' }]);
  const second = `/sobjects/Contact/${made.body[1].id}`;
  expect((await admin.rest('PATCH', second, { Code__c: 'Other' })).status).toBe(204);
  expect((await patch({ unique: true, externalId: true })).status).toBe(204);
  expect((await admin.rest('GET', '/sobjects/Contact/Code__c/LONG%20VALUE%20ONE')).body.Id).toBe(
    made.body[0].id,
  );
  expect((await admin.rest('PATCH', second, { Code__c: 'long VALUE one' })).body).toMatchObject([
    { errorCode: 'DUPLICATE_VALUE' },
  ]);
  expect((await admin.rest('DELETE', `${path}/${id}`)).status).toBe(204);
  expect((await admin.rest('GET', `${path}/${id}`)).status).toBe(404);
  expect(await describe('Code__c')).toBeUndefined();
  expect(
    (await admin.query("SELECT Id FROM FieldPermissions WHERE Field = 'Contact.Code__c'")).body.totalSize,
  ).toBe(0);
  const anew = await create('Contact.Code__c', { type: 'Text', label: 'Code', length: 9 });
  expect(anew.status).toBe(201);
  expect(anew.body.id).not.toBe(id);
  expect(await describe('Code__c')).toBeUndefined();
  await grant('Contact.Code__c');
  expect((await admin.query('SELECT Code__c FROM Contact WHERE Code__c != null')).body.totalSize).toBe(0);
});

test('Tooling queries answer custom fields, objects and fields', async () => {
  const fields = await toolingQuery(
    "SELECT Id, DeveloperName FROM CustomField WHERE TableEnumOrId = 'Contact' AND DeveloperName = 'Tier'",
  );
  expect(fields.body).toMatchObject({
    size: 1,
    totalSize: 1,
    done: true,
    queryLocator: null,
    entityTypeName: 'CustomField',
  });
  const [record] = fields.body.records;
  expect(record.attributes.url).toBe(`/services/data/v67.0/tooling/sobjects/CustomField/${record.Id}`);
  const one = await toolingQuery(`SELECT Metadata, FullName FROM CustomField WHERE Id = '${record.Id}'`);
  expect(one.body.records[0]).toMatchObject({
    FullName: 'Contact.Tier__c',
    Metadata: { type: 'Picklist', valueSet: { valueSetDefinition: { value: [{ valueName: 'Gold' }, {}] } } },
  });
  await create('Contact.Second__c', { type: 'Date', label: 'Second' });
  expect(await toolingQuery('SELECT Metadata FROM CustomField')).toMatchObject({
    status: 400,
    body: [{ errorCode: 'MALFORMED_QUERY', message: expect.stringContaining('no more than one row') }],
  });
  const byEntity = await toolingQuery(
    "SELECT DeveloperName, EntityDefinition.QualifiedApiName FROM CustomField WHERE EntityDefinition.QualifiedApiName = 'Contact' AND DeveloperName LIKE 'Sec%'",
  );
  expect(byEntity.body.records).toMatchObject([
    { DeveloperName: 'Second', EntityDefinition: { QualifiedApiName: 'Contact' } },
  ]);
  const definitions = await toolingQuery(
    "SELECT QualifiedApiName, DataType, Length FROM FieldDefinition WHERE EntityDefinitionId = 'Contact' AND QualifiedApiName IN ('AssistantName', 'AccountId')",
  );
  expect(definitions.body.records).toMatchObject([
    { QualifiedApiName: 'AccountId', DataType: 'Lookup(Account)' },
    { QualifiedApiName: 'AssistantName', DataType: 'Text(40)', Length: 40 },
  ]);
  const entities = await toolingQuery(
    "SELECT DurableId, KeyPrefix FROM EntityDefinition WHERE QualifiedApiName = 'Lead'",
  );
  expect(entities.body.records).toMatchObject([{ DurableId: 'Lead', KeyPrefix: '00Q' }]);
  expect((await toolingQuery('SELECT Id FROM ApexClass')).status).toBe(501);
  expect((await toolingQuery('SELECT Nope FROM CustomField')).body).toMatchObject([
    { errorCode: 'INVALID_FIELD' },
  ]);
  expect((await admin.rest('POST', '/tooling/sobjects/ApexClass', {})).status).toBe(501);
  expect((await admin.rest('GET', '/tooling/sobjects/CustomField/describe')).body).toMatchObject({
    createable: true,
  });
});

test('who may not customise the org changes no fields', async () => {
  const user = await connect(org, { username: 'user@emulator.example', password: 'User-1' });
  const body = { FullName: 'Contact.X__c', Metadata: { type: 'Date', label: 'X' } };
  expect(await user.rest('POST', path, body)).toMatchObject({
    status: 403,
    body: [{ errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY' }],
  });
});

test('fields made by API and what was granted outlive the process', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'emulator-fields-'));
  try {
    const first = await startOrg({ dataDir });
    const before = await connect(first);
    for (const name of ['Kept__c', 'Unseen__c'])
      await before.rest('POST', path, {
        FullName: `Lead.${name}`,
        Metadata: { type: 'Text', label: 'Kept', length: 9, externalId: true },
      });
    const [set] = (
      await before.query("SELECT Id FROM PermissionSet WHERE Profile.Name = 'System Administrator'")
    ).body.records;
    const permission = {
      ParentId: set.Id,
      SobjectType: 'Lead',
      Field: 'Lead.Kept__c',
      PermissionsRead: true,
      PermissionsEdit: true,
    };
    expect((await before.rest('POST', '/sobjects/FieldPermissions', permission)).status).toBe(201);
    const [phone] = (
      await before.query(
        `SELECT Id FROM FieldPermissions WHERE ParentId = '${set.Id}' AND Field = 'Lead.Phone'`,
      )
    ).body.records;
    await before.rest('DELETE', `/sobjects/FieldPermissions/${phone.Id}`);
    await first.close();
    await using second = await startOrg({ dataDir });
    const after = await connect(second);
    expect((await after.query('SELECT Kept__c FROM Lead')).status).toBe(200);
    expect((await after.query('SELECT Unseen__c FROM Lead')).status).toBe(400);
    expect((await after.query('SELECT Phone FROM Lead')).status).toBe(400);
    expect(
      (await after.rest('PATCH', '/sobjects/Lead/Kept__c/k', { LastName: 'L', Company: 'C' })).status,
    ).toBe(201);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
