import { expect, test } from 'vitest';
import { startOrg } from '../start-org.ts';
import { connect } from '../testing/rest-client.ts';

test('records rolled back with others keep their id in the answer, created ones have none', async () => {
  await using org = await startOrg({
    definition: { customFields: [{ object: 'Contact', name: 'Ext__c', externalId: true, unique: true }] },
  });
  const client = await connect(org);
  const { id } = (await client.rest('PATCH', '/sobjects/Contact/Ext__c/k1', { LastName: 'Doe' })).body;
  const contact = (fields: object): object => ({ attributes: { type: 'Contact' }, ...fields });
  const rolledBack = {
    success: false,
    errors: [
      {
        statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
        message:
          'Record rolled back because not all records were valid and the request was using AllOrNone header',
        fields: [],
      },
    ],
  };
  const save = (method: string, path: string, records: readonly object[]) =>
    client.rest(method, `/composite/sobjects${path}`, { allOrNone: true, records });
  const updated = await save('PATCH', '', [
    contact({ id, LastName: 'Roe' }),
    contact({ id: '003x', LastName: 'R' }),
  ]);
  expect(updated.body[0]).toEqual({ id, ...rolledBack });
  const upserted = await save('PATCH', '/Contact/Ext__c', [
    contact({ Ext__c: 'k1', LastName: 'Roe' }),
    contact({ Ext__c: 'k2', LastName: 'New' }),
    contact({ Ext__c: 'k3' }),
  ]);
  expect(upserted.body.slice(0, 2)).toEqual([{ id, ...rolledBack }, rolledBack]);
  expect(upserted.body[2]).not.toHaveProperty('id');
  const created = await save('POST', '', [contact({ LastName: 'New' }), contact({})]);
  expect(created.body[0]).toEqual(rolledBack);
  const deleted = await client.rest('DELETE', `/composite/sobjects?ids=${id},003x&allOrNone=true`);
  expect(deleted.body).toEqual([
    { id, ...rolledBack },
    { success: false, errors: [{ statusCode: 'MALFORMED_ID', message: 'malformed id 003x', fields: [] }] },
  ]);
  expect((await client.query('SELECT LastName FROM Contact')).body.records).toMatchObject([
    { LastName: 'Doe' },
  ]);
});
