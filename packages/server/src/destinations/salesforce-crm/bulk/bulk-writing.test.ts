import { setTimeout as delay } from 'node:timers/promises';
import type { BulkEnd, BulkOrder, BulkResult, BulkWriting, DeliveryItem } from '@headrace/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CrmOrg, item, never, openCrmOrg, people } from '../crm-org.fixture.ts';

/* Against the Bulk API 2.0 of the emulator. */

let crm: CrmOrg;
let bulk: BulkWriting;
beforeEach(async () => {
  crm = await openCrmOrg({
    customFields: [
      { object: 'Contact', name: 'Key__c', length: 80, externalId: true, unique: true },
      { object: 'Contact', name: 'Vip__c', type: 'boolean' },
      { object: 'Contact', name: 'Points__c', type: 'double', precision: 12, scale: 2 },
      { object: 'Contact', name: 'Since__c', type: 'datetime' },
    ],
    bulk: { shuffleResults: true },
  });
  if (crm.connection.bulk === undefined) throw new Error('The destination takes no jobs.');
  bulk = crm.connection.bulk;
});
afterEach(() => crm.close());

const orderOf = (items: readonly DeliveryItem[], more: Partial<BulkOrder> = {}): BulkOrder => ({
  object: 'Contact',
  group: 'create',
  details: {},
  fields: [...new Set(items.flatMap(({ fields }) => Object.keys(fields)))],
  ...more,
});

async function upload(order: BulkOrder, items: readonly DeliveryItem[]): Promise<string> {
  const jobId = await bulk.open(order, never);
  async function* content() {
    yield Buffer.from(bulk.encodeHeader(order));
    for (const one of items) yield Buffer.from(bulk.encode(order, one)?.text ?? '');
  }
  await bulk.upload(jobId, content(), never);
  return jobId;
}

async function untilEnd(jobId: string): Promise<BulkEnd> {
  for (let tries = 0; tries < 200; tries++) {
    const status = await bulk.look(jobId, never);
    if (status.kind === 'ended') return status;
    await delay(20);
  }
  throw new Error('The job does not end.');
}

async function resultsOf(jobId: string, order: BulkOrder, end: BulkEnd): Promise<Map<string, BulkResult>> {
  const found = new Map<string, BulkResult>();
  for await (const page of bulk.results(jobId, order, end, never))
    for (const result of page) found.set(result.rowKey, result);
  return found;
}

async function run(items: readonly DeliveryItem[], more: Partial<BulkOrder> = {}) {
  const order = orderOf(items, more);
  const jobId = await upload(order, items);
  await bulk.close(jobId, never);
  return resultsOf(jobId, order, await untilEnd(jobId));
}

test('each record has its outcome, told by its key in whatever order it comes', async () => {
  const items = [
    ...people(30),
    item('bad@', { Email: 'bad@', LastName: 'Bad' }),
    item('nameless@x.com', { Email: 'nameless@x.com' }),
  ];
  const results = await run(items);
  expect(results.size).toBe(32);
  expect(results.get('person7@shop.example.com')).toMatchObject({
    outcome: { kind: 'activated', created: true, recordId: expect.stringMatching(/^003/) },
  });
  expect(results.get('bad@')).toMatchObject({
    outcome: { kind: 'failed', code: 'INVALID_EMAIL_ADDRESS', retryable: false },
  });
  expect(results.get('nameless@x.com')).toMatchObject({ outcome: { code: 'REQUIRED_FIELD_MISSING' } });
});

test('files are read only where the job says that there is something in them', async () => {
  const filesOf = (): string[] => {
    const paths = crm.org.journal({ path: '/services/data/v67.0/jobs/ingest' }).map(({ path }) => path);
    return paths.flatMap((path) => /\/750\w+\/(\w*(?:Results|records))$/.exec(path)?.[1] ?? []).toSorted();
  };
  await run(people(3));
  expect(filesOf()).toEqual(['successfulResults']);
  await run([...people(3), item('bad@', { Email: 'bad@', LastName: 'Bad' })]);
  expect(filesOf()).toEqual(['failedResults', 'successfulResults', 'successfulResults']);
});

test('rows that lack a field leave it as it is, and null clears it', async () => {
  const ids = await Promise.all(
    [0, 1, 2].map((at) =>
      crm.make('Contact', { LastName: `L${at}`, Title: 'Dr', Department: 'Sales', Email: `p${at}@x.com` }),
    ),
  );
  const results = await run([
    item('p0@x.com', { Email: 'p0@x.com', Title: 'Prof' }),
    item('p1@x.com', { Email: 'p1@x.com', Department: null }),
    item('p2@x.com', { Email: 'p2@x.com', Title: '', Department: 'Service' }),
  ]);
  expect([...results.values()].map(({ outcome }) => outcome.kind)).toEqual(Array(3).fill('activated'));
  expect(
    await crm.select('SELECT Id, Title, Department, LastName FROM Contact ORDER BY Email'),
  ).toMatchObject([
    { Id: ids[0], Title: 'Prof', Department: 'Sales', LastName: 'L0' },
    { Id: ids[1], Title: 'Dr', Department: null, LastName: 'L1' },
    { Id: ids[2], Title: null, Department: 'Service', LastName: 'L2' },
  ]);
});

test('values mean the same as in JSON', async () => {
  const fields = {
    Key__c: `a "quoted", key`,
    LastName: 'O\'Neil, "Zoë"',
    Description: 'two\nlines, and a quote "',
    MailingStreet: '1 Main\r\nStreet',
    Vip__c: true,
    Points__c: -1234.5,
    Since__c: '2026-09-22T10:15:00.000Z',
    Birthdate: '1990-02-28',
  };
  const details = { match_field: 'Key__c' };
  const results = await run([item(fields.Key__c, fields)], { details });
  expect(results.get(fields.Key__c)).toMatchObject({ outcome: { kind: 'activated' } });
  const names = Object.keys(fields).join(', ');
  const [byBulk] = await crm.select(`SELECT ${names} FROM Contact`);
  await crm.make('Contact', { ...fields, Key__c: 'other' });
  const [byJson] = await crm.select(`SELECT ${names} FROM Contact WHERE Key__c = 'other'`);
  expect({ ...byBulk, attributes: 0 }).toEqual({ ...byJson, Key__c: fields.Key__c, attributes: 0 });
});

test('known records are updated by id; what is gone is looked up by itself', async () => {
  const kept = await crm.make('Contact', { LastName: 'Kept', Email: 'kept@x.com' });
  const gone = await crm.make('Contact', { LastName: 'Gone', Email: 'gone@x.com' });
  await crm.other('DELETE', `/sobjects/Contact/${gone}`);
  const items = [
    item('kept@x.com', { LastName: 'New', Email: 'moved@x.com' }, { recordId: kept }),
    item('gone@x.com', { LastName: 'New' }, { recordId: gone }),
  ];
  const results = await run(items, { group: 'update' });
  expect(results.get(kept.slice(0, 15))).toMatchObject({
    outcome: { kind: 'activated', recordId: kept, created: false },
  });
  expect(results.get(gone.slice(0, 15))).toMatchObject({
    outcome: { kind: 'failed', code: 'ENTITY_IS_DELETED', retryable: true },
  });
});

test('nothing is written before a job is closed, and none that was aborted', async () => {
  const items = people(3);
  const order = orderOf(items);
  const jobId = await upload(order, items);
  expect(await bulk.look(jobId, never)).toEqual({ kind: 'open' });
  expect(await crm.select('SELECT Id FROM Contact')).toEqual([]);
  await bulk.abort(jobId, never);
  const end = await untilEnd(jobId);
  expect(end.error?.message).toContain('aborted');
  const results = await resultsOf(jobId, order, end);
  expect([...results.values()].map(({ outcome }) => outcome.kind)).toEqual(Array(3).fill('not_processed'));
  await expect(bulk.close(jobId, never)).rejects.toThrow();
  expect(await crm.select('SELECT Id FROM Contact')).toEqual([]);
});

test('a job that nobody knows any more is gone', async () => {
  const items = people(1);
  const jobId = await upload(orderOf(items), items);
  await bulk.abort(jobId, never);
  await crm.other('DELETE', `/jobs/ingest/${jobId}`);
  expect(await bulk.look(jobId, never)).toEqual({ kind: 'gone' });
});

test('a column that the org does not have fails the job, and says which', async () => {
  const items = [item('a@x.com', { Email: 'a@x.com', LastName: 'A', Missing__c: 'x' })];
  const order = orderOf(items);
  const jobId = await upload(order, items);
  await bulk.close(jobId, never);
  const end = await untilEnd(jobId);
  expect(end.error).toMatchObject({
    code: 'destination_misconfigured',
    message: expect.stringContaining('Missing__c'),
  });
  const results = await resultsOf(jobId, order, end);
  expect([...results.values()].map(({ outcome }) => outcome.kind)).toEqual(['not_processed']);
});

test('who is refused another Account alone, as person accounts are, is left to be written by itself', async () => {
  const AccountId = await crm.make('Account', { Name: 'Acme' });
  const fault = {
    kind: 'record_error' as const,
    error_code: 'INVALID_FIELD_FOR_INSERT_UPDATE',
    fields: ['AccountId'],
    positions: [1],
  };
  crm.org.faults({ rules: [{ fault }] });
  const items = [1, 2].map((at) =>
    item(`p${at}@x.com`, { Email: `p${at}@x.com`, LastName: `P${at}`, AccountId }),
  );
  const results = await run(items);
  expect(results.get('p1@x.com')).toMatchObject({ outcome: { kind: 'activated' } });
  expect(results.get('p2@x.com')).toMatchObject({ outcome: { kind: 'failed', retryable: true } });
});

test('what every record is refused for is no outcome of records', async () => {
  await crm.steer('PUT', '/faults', {
    rules: [{ fault: { kind: 'record_error', error_code: 'STORAGE_LIMIT_EXCEEDED' } }],
  });
  await expect(run(people(5))).rejects.toMatchObject({ code: 'destination_misconfigured' });
});

test('a session that ended is renewed for results; an upload is begun anew by whoever sends it', async () => {
  const items = people(2);
  const order = orderOf(items);
  const jobId = await bulk.open(order, never);
  await crm.steer('POST', '/sessions/expire', {});
  const content = async function* () {
    yield Buffer.from(bulk.encodeHeader(order));
  };
  await expect(bulk.upload(jobId, content(), never)).rejects.toMatchObject({
    code: 'destination_unavailable',
  });
  const second = await upload(order, items);
  await bulk.close(second, never);
  const end = await untilEnd(second);
  await crm.steer('POST', '/sessions/expire', {});
  expect((await resultsOf(second, order, end)).size).toBe(2);
});

test('records that a row cannot carry as JSON would are left to direct writes', () => {
  const order = orderOf([], { fields: ['Email', 'LastName', 'Title'] });
  const fit = { Email: 'a@x.com', LastName: 'A' };
  expect(bulk.encode(order, item('a@x.com', fit))).toEqual({ rowKey: 'a@x.com', text: 'a@x.com,A,\n' });
  expect(bulk.encode(order, item('a@x.com', { ...fit, Title: '#N/A' }))).toBeUndefined();
  expect(bulk.encode(order, item('a@x.com', { ...fit, Other__c: 'x' }))).toBeUndefined();
  const lead = { recordId: '00Q000000000001AAA' };
  expect(bulk.encode({ ...order, group: 'update' }, item('a@x.com', fit, lead))).toBeUndefined();
});

test.each([
  [{}, true, true],
  [{ bulk: 'never' }, false, false],
  [{ duplicate_alerts: 'pass' }, false, false],
  [{ write: 'create_only' }, false, true],
  [{ assignment_rules: 'active' }, false, true],
  [{ match_field: 'Id' }, false, true],
])('details %j', (details, create, update) => {
  expect(bulk.suits({ group: 'create', details })).toBe(create);
  expect(bulk.suits({ group: 'update', details })).toBe(update);
});

test('the org says how much it takes, once an hour', async () => {
  await bulk.recordsLeft(never);
  const before = crm.calls.length;
  expect(await bulk.recordsLeft(never)).toBe(150_000_000);
  expect(crm.calls.length).toBe(before);
});
