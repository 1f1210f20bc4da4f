import { expect, test } from 'vitest';
import { startOrg } from '../../start-org.ts';
import { connect } from '../../testing/rest-client.ts';

test('an org with person accounts is recognised, and refuses to write one', async () => {
  await using org = await startOrg({ definition: { personAccounts: true } });
  const client = await connect(org);
  const account = await client.rest('POST', '/sobjects/Account', { Name: 'Acme' });
  const read = await client.rest(
    'GET',
    `/sobjects/Account/${account.body.id}?fields=IsPersonAccount,PersonEmail`,
  );
  expect(read.body).toMatchObject({ IsPersonAccount: false, PersonEmail: null });
  const person = { LastName: 'Roe', PersonEmail: 'a@x.com' };
  expect(await client.rest('POST', '/sobjects/Account', { Name: 'Roe', ...person })).toMatchObject({
    status: 501,
    body: [{ errorCode: 'NOT_IMPLEMENTED_BY_EMULATOR', fields: ['LastName', 'PersonEmail'] }],
  });
  expect((await client.query('SELECT COUNT() FROM Account')).body.totalSize).toBe(1);
});

test('an org without them has no such fields', async () => {
  await using org = await startOrg();
  const client = await connect(org);
  const { body } = await client.rest('GET', '/sobjects/Account/describe');
  expect(JSON.stringify(body.fields)).not.toContain('IsPersonAccount');
});
