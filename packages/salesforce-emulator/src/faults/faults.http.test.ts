import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient, requestToken } from '../testing/rest-client.ts';
import type { FaultInput, FaultRuleInput } from './fault-rule.ts';

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg({
    definition: {
      customFields: [{ object: 'Contact', name: 'Ext__c', type: 'string', externalId: true, unique: true }],
    },
  });
  client = await connect(org);
});
afterEach(() => {
  org.reset();
});
afterAll(() => org.close());

const rule = (fault: FaultInput, rest: Partial<FaultRuleInput> = {}) => ({ rules: [{ ...rest, fault }] });
const create = (name: string) => client.rest('POST', '/sobjects/Contact', { LastName: name });
const contacts = (count: number, fields: object = {}) =>
  Array.from({ length: count }, (_, index) => ({
    attributes: { type: 'Contact' },
    LastName: `C${index}`,
    ...fields,
  }));
const createMany = (records: object[], allOrNone = false) =>
  client.rest('POST', '/composite/sobjects', { allOrNone, records });
const names = async () => {
  const { body } = await client.query('SELECT LastName FROM Contact ORDER BY CreatedDate, Id');
  return body.records.map((record: { LastName: string }) => record.LastName);
};

test('errors come as a list, a bare object or a page, before the write or after it', async () => {
  org.faults(rule({ kind: 'error' }, { count: 1 }));
  expect(await create('A')).toMatchObject({
    status: 503,
    body: [{ errorCode: 'SERVER_UNAVAILABLE', message: 'Server Unavailable' }],
  });
  org.faults(rule({ kind: 'error', form: 'object', when: 'after_write' }, { count: 1 }));
  expect(await create('B')).toMatchObject({ status: 503, body: { errorCode: 'SERVER_UNAVAILABLE' } });
  org.faults(rule({ kind: 'error', status: 502, form: 'html' }, { count: 1 }));
  const page = await create('C');
  expect(page.status).toBe(502);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(page.body).toContain('<h1>502 Bad Gateway</h1>');
  org.faults(rule({ kind: 'error', status: 420, error_code: 'X', message: 'no host' }, { count: 1 }));
  expect(await create('D')).toMatchObject({ status: 420, body: [{ errorCode: 'X', message: 'no host' }] });
  expect(await names()).toEqual(['B']);
});

test('codes that refuse whole calls have their own status and message', async () => {
  const expected: [string, number, string][] = [
    ['API_DISABLED_FOR_ORG', 403, 'The REST API is not enabled for this Organization.'],
    ['REQUEST_LIMIT_EXCEEDED', 403, 'TotalRequests Limit exceeded.'],
    ['QUERY_TIMEOUT', 400, 'Your query request was running for too long.'],
    ['API_CURRENTLY_DISABLED', 403, 'API is disabled for this user'],
  ];
  for (const [errorCode, status, message] of expected) {
    org.faults(rule({ kind: 'error', error_code: errorCode }));
    expect(await client.query('SELECT Id FROM Contact')).toMatchObject({
      status,
      body: [{ errorCode, message }],
    });
  }
});

test('a connection is cut before the write, after it, or in the middle of the answer', async () => {
  for (const when of ['before_write', 'after_write', 'mid_answer'] as const) {
    org.faults(rule({ kind: 'cut', when }, { count: 1 }));
    await expect(create(when)).rejects.toThrow();
  }
  expect(await names()).toEqual(['after_write', 'mid_answer']);
  const cut = org.journal({ method: 'POST', path: '/services/data/v67.0/sobjects/Contact' });
  expect(cut.map(({ status, mark }) => [status, mark])).toEqual(Array(3).fill([0, 'cut']));
});

test('a call that is never answered: the client gives up, the write stays', async () => {
  org.faults(rule({ kind: 'hang', when: 'after_write' }, { count: 1 }));
  const signal = AbortSignal.timeout(150);
  const headers = { authorization: `Bearer ${client.token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ LastName: 'Hung' });
  const url = `${org.url}/services/data/v67.0/sobjects/Contact`;
  await expect(fetch(url, { method: 'POST', headers, body, signal })).rejects.toThrow('timeout');
  expect(await names()).toEqual(['Hung']);
  expect(org.journal({ method: 'POST' })[0]).toMatchObject({ mark: 'hang', status: 0 });
});

test('a write is applied after the connection was cut and the client has read again, in order', async () => {
  org.faults(rule({ kind: 'late_write', delay_ms: 30_000 }, { count: 2, match: { method: 'PATCH' } }));
  const upsert = (name: string) => client.rest('PATCH', '/sobjects/Contact/Ext__c/k', { LastName: name });
  await expect(upsert('First')).rejects.toThrow();
  org.advance(1_000);
  await expect(upsert('Second')).rejects.toThrow();
  expect(await names()).toEqual([]);
  expect(org.journal({ method: 'PATCH' }).map(({ mark }) => mark)).toEqual(['cut', 'cut']);
  org.advance(29_000);
  expect(await names()).toEqual(['First']);
  org.advance(1_000);
  expect(await names()).toEqual(['Second']);
  const [second, first] = org.journal({ method: 'PATCH' });
  expect([first, second]).toMatchObject([
    { mark: 'late', status: 201 },
    { mark: 'late', status: 200 },
  ]);
  expect(org.changes({ call: second?.sequence ?? 0 })).toMatchObject([
    { kind: 'updated', fields: { LastName: { old: 'First', new: 'Second' } } },
  ]);
});

test('a late write happens by itself when its time has come', async () => {
  org.faults(rule({ kind: 'late_write', delay_ms: 80 }, { count: 1, match: { method: 'POST' } }));
  await expect(create('Late')).rejects.toThrow();
  expect(await names()).toEqual([]);
  await expect.poll(names).toEqual(['Late']);
});

test('sessions expire at each n-th call; signing in again works', async () => {
  org.faults(rule({ kind: 'session_expiry' }, { after: 2, count: 1 }));
  expect((await create('A')).status).toBe(201);
  expect((await create('B')).status).toBe(201);
  expect(await create('C')).toMatchObject({ status: 401, body: [{ errorCode: 'INVALID_SESSION_ID' }] });
  expect((await create('C')).status).toBe(401);
  client = await connect(org);
  expect((await create('C')).status).toBe(201);
});

test('some records of a call fail, by share and by position; with allOrNone all do', async () => {
  org.faults({ seed: 's', ...rule({ kind: 'record_error', error_code: 'UNABLE_TO_LOCK_ROW', share: 0.25 }) });
  const { body } = await createMany(contacts(200));
  const failed = body.filter((result: { success: boolean }) => !result.success);
  expect(failed.length).toBeGreaterThan(30);
  expect(failed.length).toBeLessThan(70);
  expect(failed[0].errors).toEqual([
    {
      statusCode: 'UNABLE_TO_LOCK_ROW',
      message: 'unable to obtain exclusive access to this record',
      fields: [],
    },
  ]);
  expect(await names()).toHaveLength(200 - failed.length);

  const flow: FaultInput = {
    kind: 'record_error',
    error_code: 'CANNOT_EXECUTE_FLOW_TRIGGER',
    positions: [1],
    message: 'no',
  };
  org.faults(rule(flow, { match: { object: 'contact', operation: 'create' } }));
  const results = (await createMany(contacts(3))).body;
  expect(results.map((result: { success: boolean }) => result.success)).toEqual([true, false, true]);
  const undone = (await createMany(contacts(3), true)).body;
  expect(undone.map((result: { errors: { statusCode: string }[] }) => result.errors[0]?.statusCode)).toEqual([
    'ALL_OR_NONE_OPERATION_ROLLED_BACK',
    'CANNOT_EXECUTE_FLOW_TRIGGER',
    'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  ]);
  expect((await client.rest('POST', '/sobjects/Account', { Name: 'Untouched' })).status).toBe(201);
});

test('governor limits strike large calls, each record or the whole call', async () => {
  org.faults(rule({ kind: 'governor', above: 100 }));
  expect((await createMany(contacts(100))).body[99].success).toBe(true);
  expect((await createMany(contacts(101))).body[0].errors[0]).toMatchObject({
    statusCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
    message: 'ContactTrigger: System.LimitException: Too many SOQL queries: 101',
  });
  org.faults(rule({ kind: 'governor', above: 100, scope: 'call', message: 'Apex CPU time limit exceeded' }));
  expect(await createMany(contacts(101))).toMatchObject({
    status: 400,
    body: [{ message: 'ContactTrigger: System.LimitException: Apex CPU time limit exceeded' }],
  });
  expect(await names()).toHaveLength(100);
});

test('an org under maintenance is read-only; a full one takes no new records', async () => {
  expect((await create('A')).status).toBe(201);
  const code = 'INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE';
  org.faults(rule({ kind: 'record_error', error_code: code }));
  expect(await create('B')).toMatchObject({ status: 400, body: [{ errorCode: code }] });
  expect(await names()).toEqual(['A']);
  org.faults({ storage: { max_records: 2 } });
  expect((await create('C')).status).toBe(201);
  expect(await create('D')).toMatchObject({ status: 400, body: [{ errorCode: 'STORAGE_LIMIT_EXCEEDED' }] });
});

test('too many long calls at a time are refused until they end', async () => {
  org.faults({
    concurrency: { limit: 2, long_ms: 40 },
    ...rule({ kind: 'latency', ms: 300 }, { count: 2 }),
  });
  const long = [create('A'), create('B')];
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(await create('C')).toMatchObject({
    status: 403,
    body: [
      {
        errorCode: 'REQUEST_LIMIT_EXCEEDED',
        message: 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
      },
    ],
  });
  await Promise.all(long);
  expect((await create('D')).status).toBe(201);
});

test('the rules in force are shown with what they did', async () => {
  await client.call('PUT', '/emulator/faults', rule({ kind: 'hang' }, { name: 'h', after: 5 }));
  await create('A');
  const { body } = await client.call('GET', '/emulator/faults');
  expect(body.rules).toMatchObject([{ name: 'h', seen: 1, struck: 0, fault: { kind: 'hang' } }]);
  expect((await client.call('PUT', '/emulator/faults', { rules: 1 })).status).toBe(400);
  expect((await client.call('DELETE', '/emulator/faults')).status).toBe(204);
  expect((await client.call('GET', '/emulator/faults')).body.rules).toEqual([]);
});

test('the org goes back to a snapshot in the middle of the work of others', async () => {
  await create('Kept');
  org.takeSnapshot('monday');
  await create('Lost');
  const restore: FaultInput = { kind: 'restore', snapshot: 'monday' };
  org.faults(rule(restore, { count: 1, match: { method: 'POST' } }));
  expect((await create('After')).status).toBe(201);
  expect(await names()).toEqual(['Kept', 'After']);
  expect(() => org.faults(rule({ kind: 'restore', snapshot: 'tuesday' }))).toThrow('no snapshot "tuesday"');
});

test('what comes late is stamped with its own moment, however far the clock is moved', async () => {
  org.faults(rule({ kind: 'late_write', delay_ms: 60_000 }, { count: 1, match: { method: 'POST' } }));
  await expect(create('Late')).rejects.toThrow();
  const arrived = Date.parse(org.journal()[0]?.at ?? '');
  org.advance(5 * 3_600_000);
  expect(org.journal({ method: 'POST' })[0]).toMatchObject({ mark: 'late', status: 201 });
  const [change] = org.changes();
  expect((change?.at ?? 0) - arrived).toBeGreaterThanOrEqual(60_000);
  expect((change?.at ?? 0) - arrived).toBeLessThan(70_000);
  client = await connect(org);
});

test('errors of the sign-in paths are OAuth’s', async () => {
  const busy: FaultInput = {
    kind: 'error',
    status: 400,
    error_code: 'rate_limit_exceeded',
    message: 'slow down',
  };
  org.faults(rule(busy, { match: { path_prefix: '/services/oauth2/' } }));
  expect(await requestToken(org)).toMatchObject({
    status: 400,
    body: { error: 'rate_limit_exceeded', error_description: 'slow down' },
  });
});
