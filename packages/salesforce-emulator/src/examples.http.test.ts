import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Org, startOrg } from './index.ts';

let org: Org;
let token: string;

beforeAll(async () => {
  org = await startOrg({
    clock: () => Date.UTC(2026, 9, 1, 12), // stands still; org.advance moves it
    seed: 'the same tokens every time',
    definition: {
      customFields: [
        { object: 'Contact', name: 'Customer_Id__c', length: 40, externalId: true, unique: true },
      ],
      validationRules: [
        {
          object: 'Contact',
          name: 'Has_Email',
          formula: 'ISBLANK(Email)',
          message: 'Email?',
          field: 'Email',
        },
      ],
    },
  });
  const { username, password, securityToken, clientId, clientSecret } = org.credentials;
  const signIn = new URLSearchParams({
    grant_type: 'password',
    client_id: clientId,
    client_secret: clientSecret,
    username,
    password: password + securityToken,
  });
  const answer = await fetch(`${org.url}/services/oauth2/token`, { method: 'POST', body: signIn });
  token = (await answer.json()).access_token;
  org.takeSnapshot('empty');
});
beforeEach(() => org.restore('empty'));
afterEach(() => org.faults({})); // whatever a test ordered is over
afterAll(() => org.close());

function rest(method: string, path: string, body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const url = `${org.url}/services/data/v67.0${path}`;
  return fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}
const upsert = (key: string, fields: object) =>
  rest('PATCH', `/sobjects/Contact/Customer_Id__c/${key}`, fields);
const count = async (): Promise<number> => {
  const answer = await rest('GET', '/query?q=SELECT+COUNT()+FROM+Contact');
  return (await answer.json()).totalSize;
};

test('an upsert creates, updates, and is refused by the rule', async () => {
  expect((await upsert('C-1', { LastName: 'Rossi', Email: 'A.Rossi@example.com' })).status).toBe(201);
  expect((await upsert('C-1', { FirstName: 'Anna' })).status).toBe(200);
  const refused = await upsert('C-2', { LastName: 'Novak' });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toEqual([
    { errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'Email?', fields: ['Email'] },
  ]);
  expect(org.journal({ method: 'PATCH', limit: 3 }).map(({ status }) => status)).toEqual([400, 200, 201]);
});

test('a write is applied after its connection broke and the client has looked', async () => {
  org.faults({
    rules: [{ match: { method: 'PATCH' }, count: 1, fault: { kind: 'late_write', delay_ms: 30_000 } }],
  });
  const write = upsert('C-1', { LastName: 'Rossi', Email: 'a.rossi@example.com' });
  await expect(write).rejects.toThrow('fetch failed');
  expect(await count()).toBe(0);
  org.advance(30_000);
  expect(await count()).toBe(1);
  expect(org.changes({ object: 'Contact' })).toMatchObject([{ kind: 'created', call: expect.any(Number) }]);
});
