import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bulkClient } from '../bulk/testing/bulk-client.ts';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

let org: Org;
let client: RestClient;
let accounts: string[];
beforeEach(async () => {
  org = await startOrg();
  client = await connect(org);
  accounts = [];
  for (const Name of ['A', 'B', 'C'])
    accounts.push((await client.rest('POST', '/sobjects/Account', { Name })).body.id);
});
afterEach(() => org.close());

const account = (index: number): string => accounts[index % accounts.length] ?? '';
/** Contacts of every account in turn, beginning with this one, so that parallel calls take them in other orders. */
const contacts = (count: number, first: number) =>
  Array.from({ length: count }, (_, index) => ({
    attributes: { type: 'Contact' },
    LastName: 'C',
    AccountId: account(first + index),
  }));

test('collections, composites, a job and callers that hang up share parents: all are served, none is lost', async () => {
  const CampaignId = (await client.rest('POST', '/sobjects/Campaign', { Name: 'Spring' })).body.id;
  org.faults({ locks: { transaction_ms: 15, timeout_ms: 8_000 } });
  const collection = async (first: number) => {
    const { body } = await client.rest('POST', '/composite/sobjects', { records: contacts(6, first) });
    for (const { success } of body) expect(success).toBe(true);
  };
  const composite = async (first: number) => {
    const base = '/services/data/v67.0/sobjects';
    const body = { LastName: 'M', AccountId: account(first) };
    const member = { CampaignId, ContactId: '@{c.id}' };
    const compositeRequest = [
      { method: 'POST', url: `${base}/Contact`, referenceId: 'c', body },
      { method: 'POST', url: `${base}/CampaignMember`, referenceId: 'm', body: member },
    ];
    const answer = await client.rest('POST', '/composite', { allOrNone: true, compositeRequest });
    for (const { httpStatusCode } of answer.body.compositeResponse) expect(httpStatusCode).toBe(201);
  };
  const hungUp = (first: number): Promise<unknown> => {
    const init = {
      method: 'POST',
      headers: { authorization: `Bearer ${client.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ records: contacts(6, first) }),
      signal: AbortSignal.timeout(20),
    };
    return fetch(`${org.url}/services/data/v67.0/composite/sobjects`, init).catch(() => undefined);
  };
  const rows = Array.from({ length: 60 }, (_, index) => `J,${account(index)}`).join('\n');
  const job = bulkClient(client).run(
    { object: 'Contact', operation: 'insert' },
    `LastName,AccountId\n${rows}\n`,
  );
  const calls = [0, 1, 2, 3, 4, 5].flatMap((first) => [collection(first), composite(first), hungUp(first)]);
  await Promise.all(calls);
  expect((await job).job).toMatchObject({ state: 'JobComplete', numberRecordsFailed: 0 });

  const counted = async (soql: string): Promise<number> => (await client.query(soql)).body.totalSize;
  expect(await counted("SELECT COUNT() FROM Contact WHERE LastName IN ('M', 'J')")).toBe(66);
  expect(await counted('SELECT COUNT() FROM CampaignMember')).toBe(6);
  // Whoever hung up is applied whole or not at all, and holds nothing for ever.
  expect((await counted("SELECT COUNT() FROM Contact WHERE LastName = 'C'")) % 6).toBe(0);
  const started = performance.now();
  await collection(0);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('a fault that struck work undone for a lock strikes it again when it is done anew', async () => {
  org.faults({
    locks: { transaction_ms: 200, timeout_ms: 5_000 },
    rules: [
      {
        match: { client: 'second' },
        count: 1,
        fault: { kind: 'record_error', error_code: 'INVALID_FIELD', positions: [0] },
      },
    ],
  });
  const first = client.rest('POST', '/composite/sobjects', { records: contacts(2, 0) });
  await sleep(60);
  const path = '/services/data/v67.0/composite/sobjects';
  const options = { 'sforce-call-options': 'client=second' };
  const second = await client.call('POST', path, { records: contacts(2, 0) }, options);
  await first;
  expect(second.body).toMatchObject([
    { success: false, errors: [{ statusCode: 'INVALID_FIELD' }] },
    { success: true },
  ]);
  expect((await client.call('GET', '/emulator/faults')).body.rules).toMatchObject([{ seen: 1, struck: 1 }]);
});
