import { Connection } from '@jsforce/jsforce-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';

let org: Org;
let connection: Connection;
beforeAll(async () => {
  org = await startOrg({
    definition: { customFields: [{ object: 'Contact', name: 'Ext__c', externalId: true, unique: true }] },
  });
  const { clientId, clientSecret, username, password, securityToken } = org.credentials;
  connection = new Connection({
    loginUrl: org.url,
    oauth2: { loginUrl: org.url, clientId, clientSecret },
    version: '67.0',
  });
  await connection.login(username, password + securityToken);
});
afterAll(() => org.close());

const poll = { pollInterval: 20, pollTimeout: 20_000 };

test('bulk2 loads records and reads their results, unmodified', async () => {
  const input = Array.from({ length: 500 }, (_, index) => ({
    Ext__c: `k${index}`,
    LastName: index === 7 ? null : `Name "${index}", line\nbreak`,
    DoNotCall: index % 2 === 0,
  }));
  const { successfulResults, failedResults, unprocessedRecords } =
    await connection.bulk2.loadAndWaitForResults({
      object: 'Contact',
      operation: 'upsert',
      externalIdFieldName: 'Ext__c',
      input,
      ...poll,
    });
  expect(successfulResults).toHaveLength(499);
  expect(successfulResults[3]).toMatchObject({
    sf__Created: 'true',
    Ext__c: 'k3',
    LastName: input[3]?.LastName,
  });
  expect(failedResults).toMatchObject([
    { sf__Error: 'REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --', Ext__c: 'k7' },
  ]);
  expect(unprocessedRecords).toEqual([]);
  const { totalSize } = await connection.query('SELECT Id FROM Contact WHERE DoNotCall = true');
  expect(totalSize).toBe(250);
});

test('bulk2 step by step, and a failed job reaches the caller', async () => {
  const job = connection.bulk2.createJob({ object: 'Contact', operation: 'insert' });
  await job.open();
  await job.uploadData('LastName,Nope\nA,b\n');
  await job.close();
  await expect(job.poll(20, 20_000)).rejects.toThrow('InvalidBatch : Field name not found : Nope');
  expect(await job.check()).toMatchObject({ state: 'Failed' });
  expect(await job.getUnprocessedRecords()).toEqual([{ LastName: 'A', Nope: 'b' }]);
  await job.delete();
  await expect(job.check()).rejects.toMatchObject({ errorCode: 'NOT_FOUND' });
});
