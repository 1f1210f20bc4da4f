import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startOrg } from '../../start-org.ts';
import { connect } from '../../testing/rest-client.ts';

const store = { name: 'Store__c', label: 'Store' };
const fields = [
  { object: 'Store__c', name: 'Code__c', externalId: true, unique: true },
  { object: 'Contact', name: 'Store__c', type: 'reference' as const, referenceTo: 'Store__c' },
  { object: 'Store__c', name: 'Open__c', type: 'boolean' as const },
];

test('a custom object is written, keyed, referred to and described like any other', async () => {
  await using org = await startOrg({ definition: { customObjects: [store], customFields: fields } });
  const client = await connect(org);
  const made = await client.rest('PATCH', '/sobjects/Store__c/Code__c/S1', { Name: 'Ulm' });
  expect(made).toMatchObject({ status: 201, body: { id: expect.stringMatching(/^a00/) } });
  const contact = await client.rest('POST', '/sobjects/Contact', {
    LastName: 'Roe',
    Store__r: { Code__c: 'S1' },
  });
  expect(contact.status).toBe(201);
  const { body } = await client.query(
    "SELECT Store__r.Name, Store__r.Open__c FROM Contact WHERE Store__r.Code__c = 'S1'",
  );
  expect(body.records).toMatchObject([{ Store__r: { Name: 'Ulm', Open__c: false } }]);
  const nameless = await client.rest('POST', '/sobjects/Store__c', {});
  const read = await client.rest('GET', `/sobjects/Store__c/${nameless.body.id}?fields=Name`);
  expect(read.body.Name).toBe(nameless.body.id);
  const describe = (await client.rest('GET', '/sobjects/Store__c/describe')).body;
  expect(describe).toMatchObject({ custom: true, keyPrefix: 'a00', labelPlural: 'Stores', createable: true });
});

test('an object keeps its key prefix, whatever comes before it later', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'headrace-objects-'));
  try {
    const first = await startOrg({ dataDir, definition: { customObjects: [store] } });
    await first.close();
    const customObjects = [{ name: 'Area__c' }, store];
    await using org = await startOrg({ dataDir, definition: { customObjects } });
    const client = await connect(org);
    const prefix = async (name: string) =>
      (await client.rest('GET', `/sobjects/${name}/describe`)).body.keyPrefix;
    expect([await prefix('Store__c'), await prefix('Area__c')]).toEqual(['a00', 'a01']);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

test.each([
  [{ customObjects: [store, store] }, 'Custom object Store__c: the name is taken.'],
  [{ recordTypes: [{ object: 'Store__c', developerName: 'X' }] }, 'there is no object Store__c'],
  [{ queues: [{ name: 'Q', objects: ['Campaigns'] }] }, 'Queue Q: there is no object Campaigns'],
])('%o does not fit together', async (definition, message) => {
  await expect(startOrg({ definition })).rejects.toThrow(message);
});
