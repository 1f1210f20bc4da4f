import { Connection as NodeConnection } from '@jsforce/jsforce-node';
import { Connection as WebConnection } from 'jsforce';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Org, startOrg } from './start-org.ts';

/** jsforce 3 is published twice, with the same interface: for browsers and Node, and for Node alone. */
const clients: Readonly<Record<string, typeof NodeConnection>> = {
  jsforce: WebConnection as unknown as typeof NodeConnection,
  '@jsforce/jsforce-node': NodeConnection,
};

describe.each(Object.entries(clients))('%s', (_name, Connection) => {
  let org: Org;
  let connection: NodeConnection;
  beforeAll(async () => {
    org = await startOrg({
      definition: { customFields: [{ object: 'Contact', name: 'Ext__c', externalId: true, unique: true }] },
    });
    const { clientId, clientSecret } = org.credentials;
    connection = new Connection({
      loginUrl: org.url,
      oauth2: { loginUrl: org.url, clientId, clientSecret },
      version: '67.0',
    });
    await connection.login(
      org.credentials.username,
      org.credentials.password + org.credentials.securityToken,
    );
  });
  afterAll(() => org.close());

  test('identity and limits', async () => {
    const identity = await connection.identity();
    expect(identity).toMatchObject({
      username: org.credentials.username,
      organization_id: org.organizationId,
    });
    const before = connection.limitInfo.apiUsage?.used;
    const limits = await connection.limits();
    expect(limits.DailyApiRequests?.Max).toBe(15_000);
    expect(connection.limitInfo.apiUsage?.used).toBe((before ?? 0) + 1);
  });

  test('create, retrieve, update, destroy one and many', async () => {
    const contacts = connection.sobject('Contact');
    const made = await contacts.create({ LastName: 'Doe' });
    expect(made.success).toBe(true);
    const id = String(made.id);
    expect((await contacts.update({ Id: id, FirstName: 'Jane' })).success).toBe(true);
    expect(await contacts.retrieve(id)).toMatchObject({ Name: 'Jane Doe' });
    expect((await contacts.destroy(id)).success).toBe(true);
    const many = await contacts.create([{ LastName: 'A' }, { LastName: 'B' }, { FirstName: 'C' }]);
    expect(many.map((result) => result.success)).toEqual([true, true, false]);
    const ids = many.flatMap((result) => (result.id === undefined ? [] : [result.id]));
    expect(await contacts.retrieve(ids)).toMatchObject([{ LastName: 'A' }, { LastName: 'B' }]);
    expect(await contacts.destroy(ids)).toMatchObject([{ success: true }, { success: true }]);
  });

  test('upsert one and many', async () => {
    const contacts = connection.sobject('Contact');
    expect(await contacts.upsert({ Ext__c: 'k1', LastName: 'One' }, 'Ext__c')).toMatchObject({
      created: true,
    });
    const many = await contacts.upsert(
      [
        { Ext__c: 'k1', LastName: 'Uno' },
        { Ext__c: 'k2', LastName: 'Dos' },
      ],
      'Ext__c',
    );
    expect(many.map((result) => [result.success, 'created' in result && result.created])).toEqual([
      [true, false],
      [true, true],
    ]);
  });

  test('describe', async () => {
    const described = await connection.sobject('Contact').describe();
    expect(described.fields.find((field) => field.name === 'Email')).toMatchObject({
      type: 'email',
      idLookup: true,
    });
    const all = await connection.describeGlobal();
    expect(all.sobjects.map((object) => object.name)).toContain('Lead');
  });

  test('query over several pages', async () => {
    const accounts = Array.from({ length: 2_300 }, (_, index) => ({ Name: `Account ${index}` }));
    await connection.sobject('Account').create(accounts, { allowRecursive: true });
    const result = await connection.query('SELECT Id, Name FROM Account ORDER BY Id', {
      autoFetch: true,
      maxFetch: 5_000,
    });
    expect(result.totalSize).toBe(2_300);
    expect(result.records.map((record) => record.Name)).toEqual(accounts.map((account) => account.Name));
    expect((await connection.query('SELECT COUNT() FROM Account')).totalSize).toBe(2_300);
  });

  test('errors reach the caller under Salesforce’s codes', async () => {
    await expect(connection.query('SELECT Nope FROM Contact')).rejects.toMatchObject({
      errorCode: 'INVALID_FIELD',
    });
    await expect(connection.sobject('Contact').create({ Email: 'x' })).rejects.toMatchObject({
      errorCode: 'MULTIPLE_API_ERRORS',
    });
  });

  test('bulk2 ingest: rows are loaded, those that fail are told with their error', async () => {
    connection.bulk2.pollInterval = 20;
    const results = await connection.bulk2.loadAndWaitForResults({
      object: 'Contact',
      operation: 'upsert',
      externalIdFieldName: 'Ext__c',
      input: [
        { Ext__c: 'b1', LastName: 'Bulk', FirstName: 'Mai' },
        { Ext__c: 'b2', LastName: '', FirstName: 'Nameless' },
      ],
    });
    expect(results.successfulResults).toMatchObject([{ Ext__c: 'b1', sf__Created: 'true' }]);
    expect(results.failedResults).toMatchObject([
      { Ext__c: 'b2', sf__Error: expect.stringMatching(/^REQUIRED_FIELD_MISSING:/) },
    ]);
    expect(results.unprocessedRecords).toEqual([]);
  });

  test('at the version it chooses by itself', async () => {
    const { clientId, clientSecret, username, password, securityToken } = org.credentials;
    const plain = new Connection({
      loginUrl: org.url,
      oauth2: { loginUrl: org.url, clientId, clientSecret },
    });
    await plain.login(username, password + securityToken);
    expect(Number(plain.version)).toBeLessThan(67);
    const records = [
      { Ext__c: 'own-1', LastName: 'One' },
      { Ext__c: 'own-2', LastName: 'Two' },
    ];
    const saved = await plain.sobject('Contact').upsert(records, 'Ext__c');
    expect(saved.map(({ success }) => success)).toEqual([true, true]);
    const found = await plain.sobject('Contact').find({ Ext__c: 'own-1' }, ['LastName']);
    expect(found.map(({ LastName }) => LastName)).toEqual(['One']);
  });
});
