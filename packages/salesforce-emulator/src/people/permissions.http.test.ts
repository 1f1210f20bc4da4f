import { expect, test } from 'vitest';
import { sampleUser } from '../definition/users.ts';
import { startOrg } from '../start-org.ts';
import { bulkClient } from '../testing/bulk-client.ts';
import { connect } from '../testing/rest-client.ts';

test('Bulk API deletes for good where the user has the permission, and leaves nothing to bring back', async () => {
  await using org = await startOrg({
    definition: {
      permissionSets: [{ name: 'Cleaner', userPermissions: ['BulkApiHardDelete'] }],
      users: [{ ...sampleUser, permissionSets: ['Cleaner'] }],
    },
  });
  const client = await connect(org);
  const account = await client.rest('POST', '/sobjects/Account', { Name: 'Acme' });
  await client.rest('POST', '/sobjects/Contact', { LastName: 'Roe', AccountId: account.body.id });
  const { job, successes } = await bulkClient(client).run(
    { object: 'Account', operation: 'hardDelete' },
    `Id\n${account.body.id}\n`,
  );
  expect(job).toMatchObject({ operation: 'hardDelete', state: 'JobComplete', numberRecordsFailed: 0 });
  expect(successes).toHaveLength(1);
  const counts = (await client.call('GET', '/emulator/counts')).body;
  expect([counts.Account, counts.Contact]).toEqual([
    { live: 0, deleted: 0 },
    { live: 0, deleted: 0 },
  ]);
  const [result] = (await client.call('POST', '/emulator/undelete', { ids: [account.body.id] })).body;
  expect(result.success).toBe(false);
});

test('a person needs the permission to convert, and the rights to what he edits', async () => {
  const rep = { username: 'rep@emulator.example', password: 'x', lastName: 'Rep', profile: 'Rep' };
  await using org = await startOrg({
    definition: { profiles: [{ name: 'Rep' }], users: [sampleUser, rep] },
  });
  const { call, rest } = await connect(org);
  const lead = await rest('POST', '/sobjects/Lead', { LastName: 'Roe', Company: 'Acme' });
  const refused = await call('POST', `/emulator/leads/${lead.body.id}/convert`, { as: rep.username });
  expect(refused).toMatchObject({
    status: 403,
    body: [{ errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY' }],
  });
  expect((await call('POST', `/emulator/leads/${lead.body.id}/convert`)).status).toBe(200);
});
