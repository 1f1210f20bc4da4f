import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OrgDefinitionInput } from '../definition/org-definition.ts';
import { startOrg } from '../start-org.ts';
import { connect } from '../testing/rest-client.ts';

let dataDir = '';
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'emulator-access-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const administrator = 'System Administrator';
const definition: OrgDefinitionInput = {
  customFields: [
    { object: 'Contact', name: 'Kept__c', label: 'Kept' },
    { object: 'Contact', name: 'Gone__c' },
  ],
  fieldSecurity: [{ object: 'Contact', field: 'Title', read: [administrator] }],
};

/** What the first user sees of some fields: `edit`, `read` or nothing. */
async function seenFields(
  change: OrgDefinitionInput,
  act?: (client: Awaited<ReturnType<typeof connect>>) => Promise<void>,
) {
  await using org = await startOrg({ dataDir, definition: { ...definition, ...change } });
  const client = await connect(org);
  await act?.(client);
  const { body } = await client.rest('GET', '/sobjects/Contact/describe');
  const fields = body.fields.map((field: { name: string; label: string; updateable: boolean }) => [
    field.name,
    `${field.updateable ? 'edit' : 'read'} ${field.label}`,
  ]);
  const seen = Object.fromEntries(fields);
  return { Title: seen.Title, Kept__c: seen.Kept__c, Gone__c: seen.Gone__c, New__c: seen.New__c };
}

test('a definition that stays the same undoes nothing; a changed one wins', async () => {
  const first = await seenFields({}, async (client) => {
    const find = async (soql: string) => (await client.query(soql)).body.records[0].Id;
    const tooling = async (name: string) => {
      const soql = encodeURIComponent(`SELECT Id FROM CustomField WHERE DeveloperName = '${name}'`);
      return (await client.rest('GET', `/tooling/query?q=${soql}`)).body.records[0].Id;
    };
    const set = await find(`SELECT Id FROM PermissionSet WHERE Profile.Name = '${administrator}'`);
    const permission = await find(
      `SELECT Id FROM FieldPermissions WHERE ParentId = '${set}' AND Field = 'Contact.Title'`,
    );
    const path = '/tooling/sobjects/CustomField';
    await client.rest('PATCH', `/sobjects/FieldPermissions/${permission}`, { PermissionsEdit: true });
    await client.rest('DELETE', `${path}/${await tooling('Gone')}`);
    const Metadata = { type: 'Text', label: 'Renamed', length: 255 };
    await client.rest('PATCH', `${path}/${await tooling('Kept')}`, { Metadata });
  });
  const changed = { Title: 'edit Title', Kept__c: 'edit Renamed', Gone__c: undefined, New__c: undefined };
  expect(first).toEqual(changed);
  expect(await seenFields({})).toEqual(changed);
  const fieldSecurity = [{ object: 'Contact', field: 'Title' }];
  expect(await seenFields({ fieldSecurity })).toEqual({ ...changed, Title: undefined });
  const customFields = [
    { object: 'Contact', name: 'Kept__c', label: 'Kept' },
    { object: 'Contact', name: 'New__c' },
  ];
  expect(await seenFields({ fieldSecurity, customFields })).toEqual({
    Title: undefined,
    Kept__c: 'edit Kept',
    Gone__c: undefined,
    New__c: 'edit New',
  });
});
