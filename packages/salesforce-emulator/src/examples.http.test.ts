import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from './index.ts';

let org: Org;
let token: string;
beforeAll(async () => {
  org = await startOrg({
    clock: () => Date.UTC(2026, 9, 1, 12), // stands still; org.advance moves it
    definition: {
      customFields: [{ object: 'Contact', name: 'Key__c', externalId: true, unique: true }],
      validationRules: [{ object: 'Contact', name: 'Email', formula: 'ISBLANK(Email)', message: 'Email?' }],
    },
  });
  const { username, password, securityToken, clientId, clientSecret } = org.credentials;
  const app = { client_id: clientId, client_secret: clientSecret };
  const user = { grant_type: 'password', username, password: password + securityToken };
  const body = new URLSearchParams({ ...app, ...user });
  const answer = await fetch(`${org.url}/services/oauth2/token`, { method: 'POST', body });
  token = ((await answer.json()) as { access_token: string }).access_token;
  org.takeSnapshot('empty');
});
afterEach(() => {
  org.faults({});
  org.restore('empty');
});
afterAll(() => org.close());

const rest = (method: string, path: string, fields?: object) =>
  fetch(`${org.url}/services/data/v67.0/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(fields && { body: JSON.stringify(fields) }),
  });
const count = async () => (await rest('GET', 'query?q=SELECT+COUNT()+FROM+Contact')).json();
const anna = { LastName: 'Rossi', Email: 'anna@example.com' };

test('an upsert creates, updates, and is refused by the rule', async () => {
  expect((await rest('PATCH', 'sobjects/Contact/Key__c/1', anna)).status).toBe(201);
  expect((await rest('PATCH', 'sobjects/Contact/Key__c/1', { Title: 'Dr' })).status).toBe(200);
  const refused = await rest('PATCH', 'sobjects/Contact/Key__c/2', { LastName: 'Novak' });
  expect(await refused.json()).toMatchObject([{ errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION' }]);
  expect(org.journal({ method: 'PATCH' }).map(({ status }) => status)).toEqual([400, 200, 201]);
});

test('a write is applied after its connection broke and the client has looked', async () => {
  org.faults({ rules: [{ count: 1, fault: { kind: 'late_write', delay_ms: 30_000 } }] });
  await expect(rest('PATCH', 'sobjects/Contact/Key__c/1', anna)).rejects.toThrow('fetch failed');
  expect(await count()).toMatchObject({ totalSize: 0 });
  org.advance(30_000);
  expect(await count()).toMatchObject({ totalSize: 1 });
  expect(org.changes({ object: 'Contact' })).toMatchObject([{ kind: 'created' }]);
});
