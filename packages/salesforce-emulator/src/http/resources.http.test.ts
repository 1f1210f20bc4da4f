import { expect, test } from 'vitest';
import { startOrg } from '../start-org.ts';
import { connect } from '../testing/rest-client.ts';

test('resources are listed, and counted by object', async () => {
  await using org = await startOrg();
  const { rest } = await connect(org);
  const { body } = await rest('GET', '');
  expect(Object.keys(body)).toEqual(
    expect.arrayContaining(['sobjects', 'query', 'composite', 'jobs', 'limits']),
  );
  await rest('POST', '/sobjects/Account', { Name: 'Acme' });
  await rest('POST', '/sobjects/Contact', { LastName: 'Doe' });
  expect((await rest('GET', '/limits/recordCount?sObjects=Account,Lead')).body).toEqual({
    sObjects: [
      { count: 1, name: 'Account' },
      { count: 0, name: 'Lead' },
    ],
  });
});

test('a slash at the end changes nothing; POST stands for the verb it names', async () => {
  await using org = await startOrg();
  const { rest } = await connect(org);
  const { body } = await rest('POST', '/sobjects/Contact/', { LastName: 'Doe' });
  const path = `/sobjects/Contact/${body.id}`;
  expect((await rest('POST', `${path}?_HttpMethod=PATCH`, { FirstName: 'Jane' })).status).toBe(204);
  expect((await rest('GET', `${path}/`)).body.Name).toBe('Jane Doe');
  expect((await rest('POST', `${path}?_HttpMethod=DELETE`)).status).toBe(204);
  expect((await rest('GET', path)).status).toBe(404);
});

test('users and the organization cannot be written', async () => {
  await using org = await startOrg();
  const { rest, query } = await connect(org);
  for (const name of ['User', 'Organization']) {
    const { body } = await query(`SELECT Id FROM ${name}`);
    const change = await rest('PATCH', `/sobjects/${name}/${body.records[0].Id}`, { Name: 'X' });
    expect(change.status).toBeGreaterThanOrEqual(400);
    expect((await rest('POST', `/sobjects/${name}`, { Name: 'X' })).status).toBeGreaterThanOrEqual(400);
  }
});
