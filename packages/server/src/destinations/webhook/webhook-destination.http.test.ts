import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import {
  type DeliveryBatch,
  type DeliveryItem,
  type DestinationConnection,
  HeadraceError,
  type SegmentStanding,
} from '@headrace/core';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { heldSecrets } from '../../catalog/account-secrets.ts';
import { type Receiver, sendJson, startReceiver } from './receiver.fixture.ts';
import { createWebhookDestination } from './webhook-destination.ts';

const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const previous = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const never = new AbortController().signal;
let receiver: Receiver;
let connection: DestinationConnection;

function connect(values: Readonly<Record<string, string>> = {}, allowLoopback = true): DestinationConnection {
  const opened = createWebhookDestination({ allowLoopback }).connect(
    {
      accountId: 'a',
      authentication: 'signature',
      organizationId: null,
      values: { url: receiver.url, signing_secret: secret, ...values },
    },
    {
      budget: { reserve: async () => undefined, observe: () => undefined },
      calls: { record: () => undefined },
      secrets: heldSecrets({}, {}),
      now: () => new Date(),
      log: { info: () => undefined, warn: () => undefined },
    },
  );
  onTestFinished(() => opened.close());
  return opened;
}
beforeEach(async () => {
  receiver = await startReceiver(secret);
  connection = connect();
});

const details = { fields: 'city, tier' };
const itemOf = (key: string, changes: Partial<DeliveryItem> = {}): DeliveryItem => ({
  matchKey: key,
  recordId: null,
  fields: { key, city: 'Ulm' },
  ifEmpty: [],
  lists: [],
  ...changes,
});
const batchOf = (version: number, items: readonly DeliveryItem[]): DeliveryBatch => ({
  version,
  object: 'profile',
  group: items.some(({ recordId }) => recordId !== null) ? 'update' : 'create',
  details,
  items,
});
const deliver = (version: number, ...items: readonly DeliveryItem[]) =>
  connection.deliver(batchOf(version, items), never);
const recordOf = (key: string) => receiver.live.find((record) => record.key === key);
const lastBody = () => JSON.parse(receiver.requests.at(-1)?.body ?? '{}') as { data: { records: object[] } };

describe('what is sent', () => {
  test('key, fields, segments, and the id of the request is that of its content', async () => {
    const item = itemOf('a@example.com', {
      fields: { key: 'a@example.com', city: null, tier: 'gold' },
      ifEmpty: ['tier'],
      lists: [
        { listId: 'vip', status: 'realized' },
        { listId: 'old', status: null },
      ],
    });
    await deliver(7, item);
    await deliver(7, item);
    await deliver(8, item);
    const [first, again, later] = receiver.requests.map(({ headers }) => headers);
    expect(first).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': expect.stringMatching(/^msg_[0-9a-f]{32}$/),
    });
    expect(again?.['webhook-id']).toBe(first?.['webhook-id']);
    expect(later?.['webhook-id']).not.toBe(first?.['webhook-id']);
    expect(lastBody()).toEqual({
      type: 'headrace.records',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: {
        object: 'profile',
        version: 8,
        records: [
          {
            id: expect.stringMatching(/^[0-9a-f]{32}$/),
            action: 'create',
            key: 'a@example.com',
            fields: { city: null, tier: 'gold' },
            only_if_empty: ['tier'],
            segments: { vip: 'realized', old: null },
          },
        ],
      },
    });
  });

  test('a person under another key: the former record goes, then one is made under the new key', async () => {
    const [made] = await deliver(1, itemOf('a@example.com'));
    const recordId = made?.kind === 'activated' ? made.recordId : '';
    const moved = itemOf('b@example.com', { recordId });
    expect(await deliver(2, moved)).toMatchObject([{ kind: 'record_gone', code: 'KEY_CHANGED' }]);
    expect(receiver.live).toEqual([]);
    expect(await deliver(3, itemOf('b@example.com'))).toMatchObject([{ kind: 'activated', created: true }]);
    // Its key is free for somebody else.
    expect(await deliver(4, itemOf('a@example.com'))).toMatchObject([{ kind: 'activated', recordId }]);
    expect(receiver.live.map(({ key }) => key).sort()).toEqual(['a@example.com', 'b@example.com']);
  });

  test('memberships by Mapping ID or segment id: in, left, off the list, or left alone', async () => {
    const standing = (changes: Partial<SegmentStanding>): SegmentStanding => ({
      segmentId: 's',
      name: 'S',
      mappingId: null,
      listId: null,
      status: 'exited',
      onExit: 'write_status',
      ...changes,
    });
    const standings = [
      standing({ segmentId: 's1', status: 'realized' }),
      standing({ mappingId: 'VIP', status: 'existing' }),
      standing({ segmentId: 's3' }),
      standing({ segmentId: 's4', onExit: 'remove' }),
      standing({ segmentId: 's5', onExit: 'nothing' }),
    ];
    expect(connection.prepareMemberships(standings, details)).toEqual({
      fields: {},
      lists: [
        { listId: 's1', status: 'realized' },
        { listId: 'VIP', status: 'realized' },
        { listId: 's3', status: 'exited' },
        { listId: 's4', status: null },
      ],
    });
    expect(connection.prepareMemberships(standings, { membership: 'none' }).lists).toEqual([]);
  });

  test('a secret is exchanged while requests go on: the receiver needs to know only one of the two', async () => {
    const exchanging = connect({ signing_secret: previous, previous_signing_secret: secret });
    expect((await exchanging.test(never)).warnings).toEqual([expect.stringContaining('previous secret')]);
    receiver.secrets.splice(0, 1, previous.replace('whsec_', ''));
    expect((await exchanging.test(never)).organizationId).toBe(
      (await connect({ signing_secret: previous }).test(never)).organizationId,
    );
    await expect(connection.test(never)).rejects.toMatchObject({
      code: 'destination_authentication_rejected',
    });
  });
});

describe('promise 4: the newest version stands', () => {
  test('a request that comes late changes nothing, and is told to be stale', async () => {
    await deliver(5, itemOf('a@example.com', { fields: { key: 'a@example.com', city: 'Bonn' } }));
    expect(await deliver(4, itemOf('a@example.com'))).toMatchObject([
      { kind: 'failed', code: 'STALE', retryable: true },
    ]);
    expect(recordOf('a@example.com')?.fields).toEqual({ city: 'Bonn' });
  });

  test('a removal that comes late removes nothing, and a write that comes after a removal makes nothing', async () => {
    const [made] = await deliver(5, itemOf('a@example.com'));
    const recordIds = made?.kind === 'activated' ? [made.recordId] : [];
    expect(await connection.remove({ version: 4, object: 'profile', recordIds }, never)).toMatchObject([
      { kind: 'failed', retryable: true },
    ]);
    expect(receiver.live).toHaveLength(1);
    expect(await connection.remove({ version: 7, object: 'profile', recordIds }, never)).toEqual([
      { kind: 'deleted' },
    ]);
    await deliver(6, itemOf('a@example.com'));
    expect(receiver.live).toEqual([]);
  });
});

describe('answers', () => {
  const answer = (status: number, body: unknown = '', headers: Readonly<Record<string, string>> = {}) =>
    receiver.answers.push((response: ServerResponse) => sendJson(response, status, body, headers));
  const failure = async (): Promise<HeadraceError> => {
    const error: unknown = await deliver(1, itemOf('a@example.com')).catch((thrown: unknown) => thrown);
    if (error instanceof HeadraceError) return error;
    throw new Error(`No error: ${JSON.stringify(error)}`);
  };

  test.each([
    [200, 'OK'],
    [204, ''],
    [202, { anything: 'else' }],
  ])('%i without results takes all', async (status, body) => {
    answer(status, body);
    expect(await deliver(1, itemOf('a'), itemOf('b'))).toMatchObject([
      { kind: 'activated', created: true },
      { kind: 'activated', created: true },
    ]);
  });

  test('results tell of each record, and only codes of theirs are repeated', async () => {
    const results = [
      { status: 'created' },
      { status: 'applied' },
      { status: 'refused', code: 'NO_SUCH_CITY', message: 'Ulm' },
      { status: 'refused', code: 'a@example.com is wrong', retry: true },
      { status: 'gone' },
    ];
    answer(200, { results });
    const outcomes = await deliver(1, ...['a', 'b', 'c', 'd', 'e'].map((key) => itemOf(key)));
    expect(outcomes).toMatchObject([
      { kind: 'activated', created: true },
      { kind: 'activated', created: false },
      { kind: 'failed', code: 'NO_SUCH_CITY', retryable: false },
      { kind: 'failed', code: 'REFUSED', retryable: true },
      { kind: 'record_gone' },
    ]);
    expect(JSON.stringify(outcomes)).not.toMatch(/Ulm|wrong/);
  });

  test.each([
    ['too few', { results: [] }],
    ['too many', { results: [{ status: 'applied' }, { status: 'applied' }] }],
    ['of unknown status', { results: [{ status: 'ok' }] }],
    ['no list', { results: 'all' }],
  ])('results that are %s leave the outcome unknown', async (_what, body) => {
    answer(200, body);
    expect((await failure()).code).toBe('destination_outcome_unknown');
  });

  test.each([
    [400, 'destination_request_rejected'],
    [401, 'destination_authentication_rejected'],
    [403, 'destination_authentication_rejected'],
    [404, 'destination_misconfigured'],
    [408, 'destination_outcome_unknown'],
    [410, 'destination_misconfigured'],
    [413, 'destination_misconfigured'],
    [418, 'destination_misconfigured'],
    [422, 'destination_request_rejected'],
    [500, 'destination_outcome_unknown'],
    [502, 'destination_outcome_unknown'],
    [504, 'destination_outcome_unknown'],
  ])('%i is %s, and what it says is not repeated', async (status, code) => {
    answer(status, { error: 'a@example.com is on fire' });
    const error = await failure();
    expect(error.code).toBe(code);
    expect(error.message).toContain(String(status));
    expect(error.message).not.toContain('on fire');
  });

  test.each([
    [429, '7', 'destination_rate_limited', 7_000],
    [429, undefined, 'destination_rate_limited', 30_000],
    [429, 'soon', 'destination_rate_limited', 30_000],
    [429, '999999999', 'destination_rate_limited', 86_400_000],
    [503, '120', 'destination_outcome_unknown', 120_000],
  ])('%i with Retry-After %s is tried again no sooner', async (status, retryAfter, code, retryAfterMs) => {
    answer(status, '', retryAfter === undefined ? {} : { 'retry-after': retryAfter });
    expect(await failure()).toMatchObject({ code, retryAfterMs });
  });

  test('a date in Retry-After is as good', async () => {
    answer(429, '', { 'retry-after': new Date(Date.now() + 60_000).toUTCString() });
    const { retryAfterMs } = await failure();
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test('a redirect is not followed', async () => {
    const other = await startReceiver(secret);
    answer(307, '', { location: `${other.url}?token=abc` });
    const error = await failure();
    expect(error.code).toBe('destination_misconfigured');
    expect(error.message).not.toContain('token');
    expect(other.requests).toEqual([]);
  });

  test('an answer without an end is given up', async () => {
    receiver.answers.push((response: ServerResponse, _socket: Socket) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(256 * 1024, 'x');
      const write = (): void => {
        while (!response.destroyed && response.write(chunk));
        response.once('drain', write);
      };
      write();
    });
    expect(await failure()).toMatchObject({
      code: 'destination_outcome_unknown',
      message: expect.stringContaining('too large'),
    });
  });
});

test('a receiver on this machine is refused unless the operator allows it, whatever its name', async () => {
  const { port } = new URL(receiver.url);
  expect(() => connect({}, false)).toThrow(HeadraceError);
  // A name of the open internet that leads to this machine: no look-up is needed to be caught by the connector.
  const hidden = connect({ url: `https://[::ffff:7f00:1]:${port}/` }, false);
  await expect(hidden.test(never)).rejects.toMatchObject({
    code: 'destination_misconfigured',
    message: expect.stringContaining('open internet'),
  });
  expect(receiver.requests).toEqual([]);
});

test.each([
  [{ url: 'http://hooks.example.com/' }, 'https://'],
  [{ url: '' }, 'no address'],
  [{ signing_secret: 'hunter2' }, 'Signing secret'],
  [{ previous_signing_secret: 'hunter2' }, 'Previous signing secret'],
  [{ call_time_limit_seconds: '0' }, 'Call time limit'],
])('%j is refused without being repeated', (values, fault) => {
  expect(() => connect(values)).toThrow(fault);
  expect(() => connect(values)).not.toThrow('hunter2');
});
