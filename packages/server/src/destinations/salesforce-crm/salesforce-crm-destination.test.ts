import {
  type CallPurpose,
  type DeliveryBatch,
  type DeliveryGroup,
  type DeliveryItem,
  type DestinationConnection,
  HeadraceError,
  type MappedValues,
} from '@headrace/core';
import { type Org, startOrg } from '@headrace/salesforce-emulator';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { heldSecrets } from '../../catalog/account-secrets.ts';
import { createSalesforceCrmDestination } from './salesforce-crm-destination.ts';

/* Against the emulator of Salesforce, as a library on a free port. */

let org: Org;
let connection: DestinationConnection;
let calls: CallPurpose[] = [];
let observed: { readonly used: number; readonly allowed: number }[] = [];
const never = new AbortController().signal;

function connect(values: Record<string, string> = {}): DestinationConnection {
  const { username, password, securityToken, clientId, clientSecret } = org.credentials;
  return createSalesforceCrmDestination({ allowLoopback: true }).connect(
    {
      accountId: 'a',
      authentication: 'oauth2-password',
      organizationId: null,
      values: {
        username,
        password,
        security_token: securityToken,
        client_id: clientId,
        client_secret: clientSecret,
        custom_domain: org.url,
        ...values,
      },
    },
    {
      budget: {
        reserve: async (purpose) => {
          calls.push(purpose);
        },
        observe: (usage) => observed.push(usage),
      },
      secrets: heldSecrets({}, {}),
      calls: { record: () => undefined },
      now: () => new Date(),
      log: { info: () => undefined, warn: () => undefined },
    },
  );
}

beforeEach(async () => {
  org = await startOrg({ definition: { name: 'Acme' } });
  calls = [];
  observed = [];
  connection = connect();
});
afterEach(async () => {
  await connection.close();
  await org.close();
});

/** A record as the engine would hand it on, from values by target name. */
function item(values: MappedValues, recordId: string | null = null): DeliveryItem {
  const record = connection.prepare({ values, ifEmpty: new Set(), details: {} });
  if (record.kind !== 'record') throw new Error(record.message);
  return { matchKey: record.matchKey, recordId, fields: record.fields, ifEmpty: [], lists: [] };
}
const batch = (group: DeliveryGroup, items: readonly DeliveryItem[]): DeliveryBatch => ({
  version: 1,
  object: 'Contact',
  group,
  details: {},
  items,
});
const person = (at: number): MappedValues => ({
  email: `Person${at}@Example.com`,
  lastName: `O'Neil-${at}`,
  firstName: '  Zoë ',
  city: 'São Paulo',
  country: 'Brazil',
  state: 'SP',
  postalCode: 1_000 + at,
  number: '+55 11 91234-5678',
});

async function create(values: MappedValues): Promise<string> {
  const [outcome] = await connection.deliver(batch('create', [item(values)]), never);
  if (outcome?.kind !== 'activated') throw new Error(JSON.stringify(outcome));
  return outcome.recordId;
}

/** Orders what goes wrong in the emulator. */
async function order(method: string, path: string, body: object): Promise<void> {
  const response = await fetch(`${org.url}/emulator${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
}

/** Something the connector itself never does: another client of the same org. */
async function asOther(method: string, path: string, body?: unknown): Promise<unknown> {
  const { username, password, securityToken, clientId, clientSecret } = org.credentials;
  const form = new URLSearchParams({
    grant_type: 'password',
    username,
    password: password + securityToken,
    client_id: clientId,
    client_secret: clientSecret,
  });
  const token = await fetch(`${org.url}/services/oauth2/token`, { method: 'POST', body: form });
  const { access_token: accessToken } = (await token.json()) as { access_token: string };
  const response = await fetch(`${org.url}/services/data/v67.0${path}`, {
    method,
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

describe('testing a connection', () => {
  test('tells who, which org and what is left', async () => {
    const report = await connection.test(never);
    expect(report).toMatchObject({
      organizationId: org.organizationId,
      organizationName: 'Acme',
      instanceUrl: org.url,
      apiVersion: '67.0',
      username: org.credentials.username,
      callsAllowed: 15_000,
    });
    expect(report.callsUsed).toBeGreaterThan(0);
    expect(report.warnings).toEqual([expect.stringContaining('retiring the sign-in with username')]);
    expect(calls.filter((purpose) => purpose === 'sign_in')).toHaveLength(1);
    expect(calls).toHaveLength(9);
    expect(observed.at(-1)).toEqual({ used: report.callsUsed, allowed: 15_000 });
  });

  test.each([
    [{ password: 'wrong' }, 'authentication failure'],
    [{ security_token: '' }, 'security token'],
    [{ username: 'nobody@acme.example' }, 'authentication failure'],
    [{ client_id: 'wrong' }, 'Consumer Key'],
    [{ client_secret: 'wrong' }, 'Consumer Secret'],
  ])('%j is refused with what to correct', async (values, text) => {
    const wrong = connect(values);
    const error = await wrong.test(never).catch((thrown: unknown) => thrown);
    await wrong.close();
    if (!(error instanceof HeadraceError)) throw error;
    expect(error.code).toBe('destination_authentication_rejected');
    expect(error.message).toContain(text);
    expect(error.message).not.toContain(org.credentials.password);
  });
});

test("targets start with the seed's names and know their lengths", async () => {
  const targets = await connection.targetFields({}, never);
  expect(targets.slice(0, 8).map(({ name, field, maxLength }) => [name, field, maxLength])).toEqual([
    ['state', 'MailingState', 80],
    ['country', 'MailingCountry', 80],
    ['number', 'MobilePhone', 40],
    ['firstName', 'FirstName', 40],
    ['postalCode', 'MailingPostalCode', 20],
    ['city', 'MailingCity', 40],
    ['lastName', 'LastName', 80],
    ['email', 'Email', 80],
  ]);
  expect(targets.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Title', 'Birthdate', 'MailingStreet']),
  );
  expect(targets.map(({ field }) => field)).not.toContain('Id');
  const own = targets.filter(({ parent }) => parent === undefined);
  expect(new Set(own.map(({ field }) => field)).size).toBe(own.length);
});

describe('delivering', () => {
  beforeEach(async () => {
    await connection.targetFields({}, never);
    calls = [];
  });

  test('two hundred new people take one call, and the same again makes none twice', async () => {
    const items = Array.from({ length: 200 }, (_, at) => item(person(at)));
    const first = await connection.deliver(batch('create', items), never);
    expect(first.every((outcome) => outcome.kind === 'activated' && outcome.created)).toBe(true);
    expect(calls).toEqual(['deliver']);
    const second = await connection.deliver(batch('create', items), never);
    expect(second.every((outcome) => outcome.kind === 'activated' && !outcome.created)).toBe(true);
    const ids = (outcomes: typeof first) =>
      outcomes.map((outcome) => (outcome.kind === 'activated' ? outcome.recordId : ''));
    expect(ids(second)).toEqual(ids(first));
    expect(await connection.read(batch('create', items), never)).toEqual(
      ids(first).map((recordId) => ({
        kind: 'found',
        recordId,
        isUnderKey: true,
        differingLists: [],
        differing: [],
      })),
    );
  });

  test('known people are updated by id, also to another address', async () => {
    const recordId = await create(person(1));
    const moved = item({ ...person(1), email: 'new@example.com', city: null }, recordId);
    expect(await connection.deliver(batch('update', [moved]), never)).toEqual([
      { kind: 'activated', recordId, created: false },
    ]);
    expect(await connection.read(batch('update', [moved]), never)).toMatchObject([{ differing: [] }]);
    expect(await connection.read(batch('create', [item(person(1))]), never)).toEqual([{ kind: 'absent' }]);
  });

  test('one bad record fails for itself, without repeating what it said', async () => {
    const outcomes = await connection.deliver(
      batch('create', [
        item(person(1)),
        item({ email: 'not an address', lastName: 'X' }),
        {
          ...item({ email: 'long@example.com', lastName: 'X' }),
          fields: { Email: 'long@example.com', LastName: 'Looooong'.repeat(20) },
        },
      ]),
      never,
    );
    expect(outcomes).toMatchObject([
      { kind: 'activated' },
      { kind: 'failed', code: 'INVALID_EMAIL_ADDRESS', retryable: false },
      {
        kind: 'failed',
        code: 'STRING_TOO_LONG',
        retryable: false,
        message: expect.stringContaining('LastName'),
      },
    ]);
    expect(JSON.stringify(outcomes)).not.toMatch(/not an address|Looooong/);
  });

  test('a field that does not exist stops everything with one error', async () => {
    const gone = item({ ...person(1), Gone__c: 'x' });
    await expect(connection.deliver(batch('create', [gone]), never)).rejects.toMatchObject({
      code: 'destination_misconfigured',
    });
  });

  test('a used-up allowance says when to come back', async () => {
    await order('PUT', '/limits', { allowed: 1 });
    await expect(connection.deliver(batch('create', [item(person(1))]), never)).rejects.toMatchObject({
      code: 'destination_rate_limited',
      retryAfterMs: 900_000,
    });
  });

  test('an ended session is opened again', async () => {
    await order('POST', '/sessions/expire', {});
    await create(person(1));
    expect(calls).toEqual(['deliver', 'sign_in', 'describe', 'deliver']);
  });

  test.each(['before_write', 'after_write'])(
    'a connection cut %s leaves it open, and reading tells',
    async (when) => {
      await order('PUT', '/faults', { cut: { count: 1, when } });
      const one = batch('create', [item(person(1))]);
      await expect(connection.deliver(one, never)).rejects.toMatchObject({
        code: 'destination_outcome_unknown',
      });
      expect(await connection.read(one, never)).toMatchObject([
        when === 'before_write' ? { kind: 'absent' } : { kind: 'found', differing: [] },
      ]);
    },
  );
});

describe('reading', () => {
  beforeEach(async () => {
    await connection.targetFields({}, never);
  });

  test('names what differs', async () => {
    const recordId = await create(person(1));
    await asOther('PATCH', `/sobjects/Contact/${recordId}`, { MailingCity: 'Rio', FirstName: null });
    expect(await connection.read(batch('create', [item(person(1))]), never)).toEqual([
      {
        kind: 'found',
        recordId,
        isUnderKey: true,
        differingLists: [],
        differing: expect.arrayContaining(['MailingCity', 'FirstName']),
      },
    ]);
  });

  test('by ids and by keys at once, quotes and all, in order and in few calls', async () => {
    const sly = { email: "o'brien+x@example.com", lastName: 'B\\C "D"' };
    const id = await create(person(1));
    const slyId = await create(sly);
    calls = [];
    const items = [
      item(sly),
      item({ email: "x' OR Email LIKE '%", lastName: 'Nobody' }),
      item(person(1), id),
      { ...item({ email: 'x@example.com', lastName: 'Nobody' }), matchKey: `${'x'.repeat(300)}@example.com` },
      item(person(2), '003000000000000AAA'),
      item({ ...person(1), email: 'new.key@example.com' }, id),
    ];
    expect(await connection.read(batch('update', items), never)).toEqual([
      { kind: 'found', recordId: slyId, isUnderKey: true, differing: [], differingLists: [] },
      { kind: 'absent' },
      { kind: 'found', recordId: id, isUnderKey: true, differing: [], differingLists: [] },
      { kind: 'absent' },
      { kind: 'absent' },
      { kind: 'found', recordId: id, isUnderKey: false, differing: ['Email'], differingLists: [] },
    ]);
    expect(calls).toEqual(['read', 'read']);
  });

  test('a key longer than the field needs no call', async () => {
    calls = [];
    const matchKey = `${'x'.repeat(80)}@example.com`;
    const long = { ...item({ email: 'x@example.com', lastName: 'Nobody' }), matchKey };
    expect(await connection.read(batch('create', [long]), never)).toEqual([{ kind: 'absent' }]);
    expect(calls).toEqual([]);
  });

  test('a thousand keys take one call', async () => {
    calls = [];
    const items = Array.from({ length: 1_000 }, (_, at) => item(person(at)));
    expect(await connection.read(batch('create', items), never)).toHaveLength(1_000);
    expect(calls).toEqual(['read']);
  });
});
