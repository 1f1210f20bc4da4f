import { randomBytes, randomUUID } from 'node:crypto';
import {
  type CallPurpose,
  type Destination,
  type DestinationAccount,
  HeadraceError,
  type TargetField,
} from '@headrace/core';
import { createDatabase, MemoryOrg, type TestDatabase } from '@headrace/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCallBudget } from '../delivery/call-budget.ts';
import { rows } from '../store/database.ts';
import { stopDataflow } from '../store/delivery-dataflows.ts';
import { type AccountsOptions, createAccount, replaceCredentials, testAccount } from './accounts.ts';
import { checkActivation } from './check-activation.ts';
import { Connections } from './connections.ts';
import { createDataflow, getDataflow, replaceDetails, replaceMapping } from './dataflows.ts';
import { createDataset } from './datasets.ts';
import { createIdentityNamespace } from './identity-namespaces.ts';
import { createSchema } from './schemas.ts';
import { createSealer } from './sealer.ts';

const now = new Date('2025-03-01T12:00:00Z');
const { signal } = new AbortController();
const log = { info: () => undefined, warn: () => undefined };
const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

let database: TestDatabase;
type Told = { readonly name: string; readonly mappingId: string | null };
let told: (readonly Told[])[] = [];
let opened: { readonly account: DestinationAccount; closed: boolean }[];
let organizationId: string;
let recorded: [string, ReadonlyMap<CallPurpose, number>][];

/** Signs in when the password is right, and has two fields. */
const destination: Destination = {
  type: 'memory',
  title: 'Memory',
  description: '',
  category: 'CRM',
  connectionType: 'Profile-based',
  frequency: 'Streaming',
  authentications: [
    {
      type: 'password',
      title: 'Password',
      fields: [
        { name: 'username', title: 'Username', description: '', required: true, secret: false },
        { name: 'password', title: 'Password', description: '', required: true, secret: true },
      ],
    },
  ],
  detailFields: [],
  maxBatchRecords: 10,
  tellsMemberships: () => true,
  connect: (account, ports) => {
    const entry = { account, closed: false };
    opened.push(entry);
    const org = new MemoryOrg();
    const { password } = account.values;
    org.isPasswordRight = password === 'right' || password === 'also right';
    return Object.assign(org, {
      test: async () => {
        await ports.budget.reserve('sign_in');
        return { ...(await MemoryOrg.prototype.test.call(org)), organizationId };
      },
      targetFields: async (): Promise<readonly TargetField[]> => [
        {
          name: 'email',
          title: 'E-mail',
          field: 'Email',
          type: 'email',
          maxLength: 80,
          required: true,
          matchKey: true,
        },
        {
          name: 'lastName',
          title: 'Last name',
          field: 'LastName',
          type: 'string',
          maxLength: 80,
          required: true,
          matchKey: false,
        },
      ],
      checkMemberships: async (segments: readonly Told[]) => {
        told.push(segments);
        if (segments.some(({ mappingId }) => mappingId === null))
          throw new HeadraceError('destination_misconfigured', 'Give the segment a Mapping ID.');
      },
      close: async () => {
        entry.closed = true;
      },
    });
  },
};
const destinations = new Map([[destination.type, destination]]);

const openRoom = (key: Buffer): AccountsOptions => {
  const { pool } = database;
  const sealer = createSealer(key);
  const budgetFor = (accountId: string) =>
    createCallBudget({ pool, accountId, allowance: 100, now: () => now, log });
  const recorderFor = () => ({ record: () => undefined });
  const connections = new Connections({
    pool,
    destinations,
    sealer,
    budgetFor,
    recorderFor,
    now: () => now,
    log,
  });
  return {
    pool,
    destinations,
    connections,
    sealer,
    budgetFor,
    recordCalls: async (organization, calls) => {
      recorded.push([organization.organizationId, calls]);
    },
    now: () => now,
  };
};
let room: AccountsOptions;

beforeEach(async () => {
  database = await createDatabase();
  opened = [];
  recorded = [];
  organizationId = 'org-1';
  room = openRoom(randomBytes(32));
});
afterEach(async () => {
  await room.connections.close();
  await database.drop();
});

const newAccount = (password = 'right', name = 'Sales') =>
  createAccount(
    room,
    { destinationType: 'memory', name, authentication: 'password', values: { username: 'ann', password } },
    signal,
  );
const newProfileSchema = (
  name = 'Customers',
  fieldGroupIds = ['xdm.demographic-details', 'xdm.personal-contact-details'],
) =>
  createSchema(
    database.pool,
    {
      name,
      classId: 'xdm.individual-profile',
      fieldGroupIds,
      identities: [{ path: 'personalEmail.address', namespace: 'Email', primary: true }],
    },
    now,
  );
const mapping = [
  { source: { attribute: 'personalEmail.address' }, target: 'email' },
  { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
];
const newDataflow = (accountId: string, name = 'Customers to Sales') =>
  createDataflow(
    { ...room, destinations },
    { accountId, name, description: '', details: {}, mapping },
    signal,
  );

describe('schemas, namespaces and datasets', () => {
  test('a name is taken once', async () => {
    const { schemaId } = await newProfileSchema();
    await expect(newProfileSchema(' Customers ')).rejects.toEqual(failing('conflict', 'Customers'));
    await createDataset(database.pool, { name: 'Shop', schemaId }, now);
    await expect(createDataset(database.pool, { name: 'Shop', schemaId }, now)).rejects.toEqual(
      failing('conflict', 'Shop'),
    );
  });

  test('an unknown field group or namespace is refused with the nearest', async () => {
    await expect(newProfileSchema('A', ['xdm.demographic-detail'])).rejects.toEqual(
      failing('invalid_input', 'xdm.demographic-details'),
    );
    const refusal = createSchema(
      database.pool,
      {
        name: 'B',
        classId: 'xdm.individual-profile',
        fieldGroupIds: ['xdm.personal-contact-details'],
        identities: [{ path: 'personalEmail.address', namespace: 'Emial', primary: true }],
      },
      now,
    );
    await expect(refusal).rejects.toMatchObject({
      code: 'invalid_input',
      details: [{ pointer: '/identities/0/namespace', message: expect.stringContaining('"Email"') }],
    });
    expect(await rows(database.pool, 'select from xdm_schema')).toEqual([]);
  });

  test('a namespace is taken once, whatever its case, also when two come at once', async () => {
    const create = (code: string) =>
      createIdentityNamespace(database.pool, { code, title: 'Loyalty', idType: 'CROSS_DEVICE' }, now);
    await expect(create('eMAIL')).rejects.toEqual(failing('conflict'));
    const answers = await Promise.allSettled([create('Loyalty'), create('LOYALTY'), create('loyalty')]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('a dataset needs its schema', async () => {
    await expect(createDataset(database.pool, { name: 'Shop', schemaId: randomUUID() }, now)).rejects.toEqual(
      failing('not_found'),
    );
  });
});

describe('accounts', () => {
  test('are kept only when signing in works, their calls counted, the connection closed', async () => {
    await expect(newAccount('wrong')).rejects.toEqual(failing('destination_authentication_rejected'));
    expect(await rows(database.pool, 'select from account')).toEqual([]);
    const account = await newAccount();
    expect(account).toMatchObject({ name: 'Sales', settings: { username: 'ann' }, organizationId: 'org-1' });
    expect(recorded).toEqual([['org-1', new Map([['sign_in', 1]])]]);
    expect(opened.map(({ closed }) => closed)).toEqual([true, true]);
  });

  test('promise 9: no column but the sealed one holds a secret', async () => {
    await newAccount();
    const [row] = await rows<{ text: string }>(
      database.pool,
      "select account::text || encode(sealed_secrets, 'escape') as text from account",
    );
    expect(row?.text).toContain('ann');
    expect(row?.text).not.toContain('right');
  });

  test('a taken name costs no call', async () => {
    await newAccount();
    await expect(newAccount()).rejects.toEqual(failing('conflict', 'Sales'));
    expect(opened).toHaveLength(1);
  });

  test('share one connection until their credentials change', async () => {
    const { accountId } = await newAccount();
    const [first, second] = await Promise.all([
      room.connections.connectionFor(accountId),
      room.connections.connectionFor(accountId),
    ]);
    expect(second).toBe(first);
    await replaceCredentials(
      room,
      accountId,
      { values: { username: 'bob', password: 'also right' } },
      signal,
    );
    const third = await room.connections.connectionFor(accountId);
    expect(third).not.toBe(first);
    expect(opened.at(-1)?.account.values).toEqual({ username: 'bob', password: 'also right' });
    expect(opened.filter(({ closed }) => !closed)).toHaveLength(1);
  });

  test('new credentials that do not work leave the old ones', async () => {
    const { accountId } = await newAccount();
    await expect(
      replaceCredentials(room, accountId, { values: { username: 'ann', password: 'wrong' } }, signal),
    ).rejects.toEqual(failing('destination_authentication_rejected'));
    await room.connections.connectionFor(accountId);
    expect(opened.at(-1)?.account.values.password).toBe('right');
  });

  test('do not change to another organization', async () => {
    const { accountId } = await newAccount();
    organizationId = 'org-2';
    await expect(
      replaceCredentials(room, accountId, { values: { username: 'ann', password: 'also right' } }, signal),
    ).rejects.toEqual(failing('conflict', 'another organization'));
    await expect(testAccount(room, accountId, signal)).rejects.toEqual(failing('conflict'));
    await room.connections.connectionFor(accountId);
    expect(opened.at(-1)?.account.values.password).toBe('right');
  });

  test('can be given credentials again when the key that sealed the old ones is lost', async () => {
    const { accountId } = await newAccount();
    await room.connections.close();
    room = openRoom(randomBytes(32));
    await expect(room.connections.connectionFor(accountId)).rejects.toEqual(failing('internal', 'again'));
    await replaceCredentials(
      room,
      accountId,
      { values: { username: 'ann', password: 'also right' } },
      signal,
    );
    await expect(room.connections.connectionFor(accountId)).resolves.toBeDefined();
  });

  test('a test that works ends the stop of their dataflows', async () => {
    await newProfileSchema();
    const { accountId } = await newAccount();
    const { dataflowId } = await newDataflow(accountId);
    await stopDataflow(
      database.pool,
      dataflowId,
      new HeadraceError('destination_authentication_rejected', 'No.'),
      now,
    );
    expect((await getDataflow(database.pool, dataflowId)).stoppedBy?.code).toBe(
      'destination_authentication_rejected',
    );
    await testAccount(room, accountId, signal);
    expect((await getDataflow(database.pool, dataflowId)).stoppedBy).toBeNull();
  });
});

describe('dataflows', () => {
  test('a change of priority alone marks nobody; another detail marks everyone', async () => {
    const { accountId } = await newAccount();
    await newProfileSchema();
    const { dataflowId, details } = await newDataflow(accountId);
    expect(details).toEqual({ consent_channel: 'email', priority: 'normal' });
    const isRemarkWanted = async (change: Record<string, string>) => {
      await replaceDetails({ ...room, destinations }, dataflowId, change, signal);
      return rows(database.pool, 'select details, remark_wanted from dataflow');
    };
    expect(await isRemarkWanted({ priority: 'low' })).toEqual([
      { details: { consent_channel: 'email', priority: 'low' }, remark_wanted: false },
    ]);
    expect(await isRemarkWanted({ priority: 'low', consent_channel: 'sms' })).toMatchObject([
      { remark_wanted: true },
    ]);
    await expect(isRemarkWanted({ priority: 'urgent' })).rejects.toEqual(
      failing('invalid_input', 'high, normal, low'),
    );
  });

  test('promise 2: an edit that began before another, and ends after it, marks everyone', async () => {
    const { accountId } = await newAccount();
    await newProfileSchema();
    const { dataflowId, details } = await newDataflow(accountId);
    const options = { ...room, destinations };
    const between = async () => {
      await replaceDetails(options, dataflowId, { ...details, consent_channel: 'sms' }, signal);
      await database.pool.query('update dataflow set remark_wanted = false');
    };
    let edits = 0;
    const connections = {
      connectionFor: async (id: string) => {
        if (edits++ === 0) await between();
        return room.connections.connectionFor(id);
      },
    };
    await replaceDetails({ ...options, connections }, dataflowId, details, signal);
    expect(await rows(database.pool, 'select details, remark_wanted from dataflow')).toEqual([
      { details, remark_wanted: true },
    ]);
  });

  test('are created enabled, under one name each, for accounts that exist', async () => {
    await newProfileSchema();
    const { accountId } = await newAccount();
    const dataflow = await newDataflow(accountId);
    expect(await getDataflow(database.pool, dataflow.dataflowId)).toEqual(dataflow);
    expect(dataflow).toMatchObject({ enabled: true, stoppedBy: null, mapping });
    await expect(newDataflow(accountId)).rejects.toEqual(failing('conflict'));
    await expect(newDataflow(randomUUID(), 'Other')).rejects.toEqual(failing('not_found'));
  });

  test('refuse a mapping that a side does not have, and keep the old one', async () => {
    await newProfileSchema();
    const { accountId } = await newAccount();
    const { dataflowId } = await newDataflow(accountId);
    const faulty = [...mapping, { source: { attribute: 'person.name.firstName' }, target: 'firstName' }];
    await expect(replaceMapping({ ...room, destinations }, dataflowId, faulty, signal)).rejects.toEqual(
      failing('invalid_input', 'firstName'),
    );
    expect((await getDataflow(database.pool, dataflowId)).mapping).toEqual(mapping);
  });

  test('ask the destination whether it can be told of a segment, beside those that are activated', async () => {
    await newProfileSchema();
    const { accountId } = await newAccount();
    const dataflow = await newDataflow(accountId);
    const { dataflowId } = dataflow;
    const newSegment = async (name: string): Promise<string> => {
      const segmentId = randomUUID();
      await database.pool.query(`insert into segment values ($1, $2, '', 'true', now(), now())`, [
        segmentId,
        name,
      ]);
      return segmentId;
    };
    const activate = (segmentId: string, mappingId: string | null, more = 'null, null') =>
      database.pool.query(
        `insert into activation (dataflow_id, segment_id, activated_at, mapping_id, ends_at, ended_at)
         values ($1, $2, now(), $3, ${more})`,
        [dataflowId, segmentId, mappingId],
      );
    const [gold, vip, old] = [await newSegment('Gold'), await newSegment('Vip'), await newSegment('Old')];
    await activate(vip, 'Vip__c');
    await activate(old, null, 'now(), now()');
    told = [];
    await checkActivation(room, dataflow, gold, 'Gold__c', signal);
    await checkActivation(room, dataflow, vip, 'Other__c', signal);
    expect(told.map((segments) => segments.map(({ name, mappingId }) => [name, mappingId]))).toEqual([
      [
        ['Vip', 'Vip__c'],
        ['Gold', 'Gold__c'],
      ],
      [['Vip', 'Other__c']],
    ]);
    await expect(checkActivation(room, dataflow, gold, null, signal)).rejects.toEqual(
      failing('destination_misconfigured', 'Mapping ID'),
    );
    told = [];
    // Nothing is chosen anew, or nothing is there to choose for.
    await checkActivation(room, dataflow, gold, undefined, signal);
    await checkActivation(room, dataflow, randomUUID(), 'Gold__c', signal);
    await checkActivation(room, { ...dataflow, tellsMemberships: false }, gold, null, signal);
    expect(told).toEqual([]);
    await replaceDetails({ ...room, destinations }, dataflowId, {}, signal);
    await replaceMapping({ ...room, destinations }, dataflowId, mapping, signal);
    expect(told).toHaveLength(2);
    await activate(gold, null);
    await expect(replaceMapping({ ...room, destinations }, dataflowId, mapping, signal)).rejects.toEqual(
      failing('destination_misconfigured', 'Mapping ID'),
    );
    await expect(replaceDetails({ ...room, destinations }, dataflowId, {}, signal)).rejects.toEqual(
      failing('destination_misconfigured', 'Mapping ID'),
    );
  });
});
