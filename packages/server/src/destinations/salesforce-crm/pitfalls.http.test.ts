import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import type { DataflowDetails, DeliveryItem, DeliveryOutcome, MappedValues } from '@headrace/core';
import { afterEach, describe, expect, test } from 'vitest';
import { batchOf, type CrmOrg, item, never, openCrmOrg } from './crm-org.fixture.ts';

/*
 * What users of connectors to Salesforce report as having gone wrong, each by its name: mapped values on their way
 * through this adapter into an org of the emulator. What the engine decides stands in pitfalls.pg.test.ts.
 */

let crm: CrmOrg;
afterEach(() => crm.close());

type Definition = Parameters<typeof openCrmOrg>[0];
async function open(definition: Definition = {}, details: DataflowDetails = {}): Promise<void> {
  crm = await openCrmOrg(definition);
  await crm.connection.targetFields(details, never);
  crm.calls.length = 0;
}

const prepare = (values: MappedValues, details: DataflowDetails = {}) =>
  crm.connection.prepare({ values, ifEmpty: new Set(), details });

/** A record as the engine would hand it on. */
function itemOf(values: MappedValues, details: DataflowDetails = {}, recordId: string | null = null) {
  const record = prepare(values, details);
  if (record.kind !== 'record') throw new Error(record.message);
  return item(record.matchKey, record.fields, { recordId });
}

const send = (items: readonly DeliveryItem[], details: DataflowDetails = {}, connection = crm.connection) => {
  const group = items.every(({ recordId }) => recordId !== null) ? 'update' : 'create';
  return connection.deliver(batchOf(group, items, details), never);
};

async function write(values: MappedValues, details: DataflowDetails = {}, recordId: string | null = null) {
  const [outcome] = await send([itemOf(values, details, recordId)], details);
  return outcome;
}

const idOf = (outcome: DeliveryOutcome | undefined): string => {
  if (outcome?.kind !== 'activated') throw new Error(JSON.stringify(outcome));
  return outcome.recordId;
};

const roe = { email: 'roe@shop.example', lastName: 'Roe' };
const lead = { object: 'Lead' };
const leadRoe = { ...roe, company: 'Acme' };
const key = { object: 'Contact', name: 'Key__c', externalId: true, unique: true, length: 40 } as const;
const byKey = { match_field: 'Key__c' };

describe('Duplicates', () => {
  test('promise 3: queries followed by creates race; an upsert by a Unique External ID does not', async () => {
    await open({ customFields: [key] }, byKey);
    const servers = [crm.connection, crm.connect(), crm.connect(), crm.connect()];
    for (const server of servers) await server.targetFields(byKey, never);
    const person = itemOf({ ...roe, Key__c: 'K-1' }, byKey);
    const outcomes = await Promise.all(servers.map((server) => send([person], byKey, server)));
    const ids = outcomes.flat().map(idOf);
    expect(new Set(ids).size).toBe(1);
    expect(await crm.select('SELECT Id FROM Contact')).toHaveLength(1);
    expect(crm.calls.filter((purpose) => purpose === 'read')).toEqual([]);
  });

  test('an External ID that is not Unique is refused as a key, since two records could hold it', async () => {
    crm = await openCrmOrg({ customFields: [{ ...key, unique: false }] });
    await expect(crm.connection.targetFields(byKey, never)).rejects.toMatchObject({
      code: 'destination_misconfigured',
      message: expect.stringContaining('not both External ID and Unique'),
    });
  });

  test('promise 3: by e-mail, none there is a create, one an update, and two are an error with their ids', async () => {
    await open();
    const id = idOf(await write(roe));
    expect(await write({ email: 'ROE@Shop.Example', lastName: 'Roe-Doe' })).toEqual({
      kind: 'activated',
      recordId: id,
      created: false,
    });
    const twin = await crm.make('Contact', { LastName: 'Twin', Email: roe.email });
    const refused = await write({ ...roe, lastName: 'Nobody' });
    expect(refused).toMatchObject({ kind: 'failed', code: 'DUPLICATE_EXTERNAL_ID', retryable: false });
    for (const one of [id, twin]) expect(JSON.stringify(refused)).toContain(one);
    expect(await crm.select('SELECT LastName FROM Contact ORDER BY LastName')).toMatchObject([
      { LastName: 'Roe-Doe' },
      { LastName: 'Twin' },
    ]);
    const [found] = await crm.connection.read(batchOf('create', [itemOf(roe)]), never);
    expect(found).toMatchObject({ kind: 'several', recordIds: expect.arrayContaining([id, twin]) });
  });
});

describe('Type mismatch', () => {
  const number = { object: 'Contact', name: 'Number__c', type: 'double', precision: 10, scale: 0 } as const;
  const unique = { externalId: true, unique: true } as const;

  test('a key is quoted, or not, by the type of its field', async () => {
    const details = { match_field: 'Number__c' };
    await open({ customFields: [{ ...number, ...unique }] }, details);
    // Text in the source, a number in the org.
    const person = itemOf({ ...roe, Number__c: '0042' }, details);
    const id = idOf((await send([person], details))[0]);
    expect(await crm.connection.read(batchOf('create', [person], details), never)).toMatchObject([
      { kind: 'found', recordId: id, differing: [] },
    ]);
    const { query = '' } = crm.org.journal({ path: '/services/data/v67.0/query' })[0] ?? {};
    expect(JSON.stringify(query)).toMatch(/Number__c(\+|%20| )IN(\+|%20| )?(\(|%28)42(\)|%29)/i);
  });

  test('quotes and backslashes in keys are escaped, and are no query of their own', async () => {
    await open({ customFields: [key] }, byKey);
    await crm.make('Contact', { LastName: 'Bystander', Key__c: 'other' });
    const sly = ["o'brien", "x' OR Key__c LIKE '%", 'back\\slash', "\\'", 'a%_b'];
    const items = sly.map((Key__c, at) =>
      itemOf({ email: `${at}@shop.example`, lastName: 'Sly', Key__c }, byKey),
    );
    const ids = (await send(items, byKey)).map(idOf);
    expect(await crm.connection.read(batchOf('create', items, byKey), never)).toMatchObject(
      ids.map((recordId) => ({ kind: 'found', recordId, isUnderKey: true, differing: [] })),
    );
    expect(await crm.select('SELECT Id FROM Contact')).toHaveLength(sly.length + 1);
  });

  test('text for a number keeps one person back, and not the whole call', async () => {
    await open({ customFields: [number] });
    expect(prepare({ ...roe, Number__c: 'twelve' })).toMatchObject({
      kind: 'excluded',
      reason: 'value_not_sendable',
      target: 'Number__c',
    });
    expect(prepare({ ...roe, Number__c: '12' })).toMatchObject({ fields: { Number__c: 12 } });
  });
});

describe('Quota', () => {
  const people = (count: number) =>
    Array.from({ length: count }, (_, at) => itemOf({ email: `p${at}@shop.example`, lastName: `P${at}` }));

  test('a person costs no look-up beside the write', async () => {
    await open();
    const id = idOf(await write(roe));
    await write({ ...roe, city: 'Ulm' }, {}, id);
    expect(crm.calls).toEqual(['deliver', 'deliver']);
  });

  test('200 people are one call, and 1,000 are one where calls are scarce', async () => {
    await open();
    await send(people(200));
    await send(people(1_000));
    expect(crm.calls).toEqual(['deliver', 'deliver']);
    expect(crm.org.journal({ limit: 2 }).map(({ method }) => method)).toEqual(['POST', 'PATCH']);
    expect(await crm.other('GET', '/query?q=SELECT+COUNT()+FROM+Contact')).toMatchObject({
      totalSize: 1_000,
    });
  });
});

describe('Empty vs null', () => {
  test('promise 8: a value that is missing or blank clears nothing; null does', async () => {
    await open();
    const id = idOf(await write({ ...roe, city: 'Ulm', firstName: 'Ann', number: '1' }));
    await write({ ...roe, firstName: ' ', number: null }, {}, id);
    expect(await crm.select('SELECT MailingCity, FirstName, MobilePhone FROM Contact')).toMatchObject([
      { MailingCity: 'Ulm', FirstName: 'Ann', MobilePhone: null },
    ]);
  });

  test('promise 8: in one call, each person clears what they say and no more', async () => {
    await open();
    const values = { city: 'Ulm', number: '1' };
    const both = [
      { ...roe, ...values },
      { ...values, email: 'doe@shop.example', lastName: 'Doe' },
    ];
    await send(both.map((one) => itemOf(one)));
    await send([
      itemOf({ ...roe, city: null }),
      itemOf({ email: 'doe@shop.example', lastName: 'Doe', number: null }),
    ]);
    expect(await crm.select('SELECT MailingCity, MobilePhone FROM Contact ORDER BY LastName')).toMatchObject([
      { MailingCity: 'Ulm', MobilePhone: null },
      { MailingCity: null, MobilePhone: '1' },
    ]);
  });
});

describe('Converted lead', () => {
  const convert = (id: string) => crm.steer('POST', `/leads/${id}/convert`, {});

  test.each(['known', 'unknown'])(
    'promise 2: a Lead, %s, that was converted goes on as its Contact',
    async (how) => {
      await open({}, lead);
      const id = idOf(await write(leadRoe, lead));
      await convert(id);
      const contact = idOf(await write({ ...leadRoe, city: 'Ulm' }, lead, how === 'known' ? id : null));
      expect(await crm.select('SELECT Id, MailingCity FROM Contact')).toMatchObject([
        { Id: contact, MailingCity: 'Ulm' },
      ]);
      expect(await crm.select('SELECT City FROM Lead')).toMatchObject([{ City: null }]);
    },
  );

  test('without its Contact it is skipped, and told', async () => {
    await open({}, lead);
    const id = idOf(await write(leadRoe, lead));
    await convert(id);
    const [contact] = await crm.select('SELECT Id FROM Contact');
    await crm.other('DELETE', `/sobjects/Contact/${String(contact?.Id)}`);
    expect(await write({ ...leadRoe, city: 'Ulm' }, lead, id)).toMatchObject({
      kind: 'failed',
      code: 'lead_converted',
      retryable: false,
    });
  });
});

describe('Deleted/merged', () => {
  test('promise 2: the id of a record that was deleted is told to be gone, and the key finds or makes another', async () => {
    await open();
    const id = idOf(await write(roe));
    await crm.other('DELETE', `/sobjects/Contact/${id}`);
    const known = itemOf({ ...roe, city: 'Ulm' }, {}, id);
    expect(await crm.connection.read(batchOf('update', [known]), never)).toEqual([{ kind: 'absent' }]);
    expect(await send([known])).toMatchObject([{ kind: 'record_gone' }]);
    const anew = idOf(await write(roe));
    expect(anew).not.toBe(id);
    expect(await crm.select('SELECT Id FROM Contact WHERE IsDeleted = false')).toMatchObject([{ Id: anew }]);
  });

  test('promise 2: the id of a record that was merged is told to be gone, and the key finds the one that went on', async () => {
    await open();
    const id = idOf(await write(roe));
    const master = await crm.make('Contact', { LastName: 'Roe', Email: roe.email });
    await crm.steer('POST', '/merge', { object: 'Contact', master_id: master, ids: [id] });
    expect(await write({ ...roe, city: 'Ulm' }, {}, id)).toMatchObject({ kind: 'record_gone' });
    expect(idOf(await write({ ...roe, city: 'Ulm' }))).toBe(master);
    expect(await crm.select('SELECT MailingCity FROM Contact WHERE IsDeleted = false')).toMatchObject([
      { MailingCity: 'Ulm' },
    ]);
  });
});

describe('Lengths, picklists', () => {
  const tier = { object: 'Contact', name: 'Tier__c', type: 'picklist', values: ['Gold', 'Silver'] } as const;
  const long = 'L'.repeat(81);

  test('a value longer than its field is kept back, or cut where that was chosen, and never refused by Salesforce', async () => {
    await open();
    expect(prepare({ ...roe, lastName: long })).toMatchObject({
      reason: 'value_too_long',
      target: 'lastName',
    });
    await crm.connection.targetFields({ too_long: 'truncate' }, never);
    idOf(await write({ ...roe, lastName: long }, { too_long: 'truncate' }));
    expect(await crm.select('SELECT LastName FROM Contact')).toMatchObject([{ LastName: 'L'.repeat(80) }]);
  });

  test('a value that a restricted picklist does not list is kept back; one in another case is sent as it is listed', async () => {
    await open({ customFields: [tier] });
    expect(prepare({ ...roe, Tier__c: 'Bronze' })).toMatchObject({
      reason: 'value_not_in_picklist',
      target: 'Tier__c',
    });
    idOf(await write({ ...roe, Tier__c: 'gOLD' }));
    expect(await crm.select('SELECT Tier__c FROM Contact')).toMatchObject([{ Tier__c: 'Gold' }]);
  });

  test('what describe says is asked for once in ten minutes, not for each batch', async () => {
    await open({ customFields: [tier] });
    for (const city of ['Ulm', 'Bonn', 'Köln']) {
      await crm.connection.targetFields({}, never);
      idOf(await write({ ...roe, city }));
    }
    expect(crm.calls).toEqual(['deliver', 'deliver', 'deliver']);
    await crm.steer('PATCH', '/definition', { customFields: [{ ...tier, values: ['Gold', 'Bronze'] }] });
    crm.wait(10 * 60_000);
    await crm.connection.targetFields({}, never);
    expect(prepare({ ...roe, Tier__c: 'Bronze' })).toMatchObject({ fields: { Tier__c: 'Bronze' } });
    expect(crm.calls.slice(3)).toEqual(['describe', 'describe']);
  });

  test.each([
    ['names', 'Canada', 'Ontario'],
    ['codes', 'ca', 'on'],
    ['an ISO 3166-2 code', 'CA', 'CA-ON'],
  ])(
    'state and country by %s are written to the fields for codes, where the org has such',
    async (_how, country, state) => {
      await open({ stateAndCountryPicklists: true });
      idOf(await write({ ...roe, country, state }));
      expect(await crm.select('SELECT MailingCountryCode, MailingStateCode FROM Contact')).toMatchObject([
        { MailingCountryCode: 'CA', MailingStateCode: 'ON' },
      ]);
      const [call] = crm.org.journal({ method: 'PATCH' });
      expect(JSON.stringify(call?.request)).toContain('MailingStateCode');
      expect(JSON.stringify(call?.request)).not.toMatch(/Mailing(State|Country)"/);
    },
  );
});

describe('Person accounts', () => {
  test('are told when the connection is tested, with what becomes of such people', async () => {
    crm = await openCrmOrg({ personAccounts: true });
    const { findings } = await crm.connection.test(never);
    expect((findings ?? []).filter(({ subject }) => subject === 'person accounts')).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('updated as its Contact') },
    ]);
  });

  // The emulator has no person accounts to write: this is how Salesforce refuses another Account for one.
  const refusal = {
    match: { object: 'Contact' },
    count: 1,
    fault: {
      kind: 'record_error' as const,
      error_code: 'INVALID_FIELD_FOR_INSERT_UPDATE',
      message: 'Account: bad field names on insert/update call: AccountId',
      fields: ['AccountId'],
      positions: [1],
    },
  };
  const three = async () => {
    const AccountId = await crm.make('Account', { Name: 'Acme' });
    return [1, 2, 3].map((at) =>
      item(`${at}@shop.example`, { Email: `${at}@shop.example`, LastName: `P${at}`, AccountId }),
    );
  };

  test('the Contact of one keeps its own Account, and takes everything else', async () => {
    await open({ personAccounts: true });
    const items = await three();
    crm.org.faults({ rules: [refusal] });
    expect((await send(items)).map(({ kind }) => kind)).toEqual(['activated', 'activated', 'activated']);
    expect(await crm.select('SELECT LastName, Account.Name FROM Contact ORDER BY LastName')).toMatchObject([
      { LastName: 'P1', Account: { Name: 'Acme' } },
      { LastName: 'P2', Account: null },
      { LastName: 'P3', Account: { Name: 'Acme' } },
    ]);
    expect(crm.calls).toEqual(['deliver', 'deliver']);
  });

  test('a batch of nobody else does not stop the dataflow', async () => {
    await open({ personAccounts: true });
    const [one] = await three();
    if (one === undefined) throw new Error('Nobody.');
    const { positions: _, ...fault } = refusal.fault;
    crm.org.faults({ rules: [{ ...refusal, fault }] });
    expect(await send([one])).toMatchObject([{ kind: 'activated', created: true }]);
  });

  test('promise 3: an answer lost while one of them is written again leaves that one open, and no other', async () => {
    await open({ personAccounts: true });
    const items = await three();
    const match = { path_prefix: '/services/data/v67.0/composite' };
    const fault = { kind: 'cut', when: 'after_write' } as const;
    crm.org.faults({ rules: [refusal, { match, after: 1, count: 1, fault }] });
    expect(await send(items)).toMatchObject([
      { kind: 'activated' },
      { kind: 'failed', code: 'destination_outcome_unknown', unknown: true },
      { kind: 'activated' },
    ]);
  });

  test('in an org without them the same refusal is a missing right, which a person has to give', async () => {
    await open();
    const items = await three();
    crm.org.faults({ rules: [refusal] });
    expect(await send(items)).toMatchObject([
      { kind: 'activated' },
      { kind: 'failed', code: 'INVALID_FIELD_FOR_INSERT_UPDATE', retryable: false },
      { kind: 'activated' },
    ]);
  });
});

describe('Record types, owners', () => {
  const withTypes: Definition = {
    customFields: [
      { object: 'Contact', name: 'Tier__c', type: 'picklist', values: ['Gold', 'Silver'] },
      { object: 'Contact', name: 'Tags__c', type: 'multipicklist', values: ['Red', 'Blue'] },
    ],
    recordTypes: [
      {
        object: 'Contact',
        developerName: 'Guest',
        label: 'Guest of ours',
        default: true,
        picklists: { Tier__c: ['Silver'] },
      },
      { object: 'Contact', developerName: 'Partner', picklists: { Tier__c: ['Gold'] } },
      { object: 'Contact', developerName: 'Old', active: false },
    ],
  };

  test('a value that the record type does not allow fails for that person alone, with the field and why', async () => {
    await open(withTypes);
    const people = ['Gold', 'Silver'].map((Tier__c) =>
      itemOf({ email: `${Tier__c}@shop.example`, lastName: Tier__c, Tier__c }),
    );
    expect(await send(people)).toMatchObject([
      {
        kind: 'failed',
        code: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
        retryable: false,
        message: expect.stringMatching(/record type.*Tier__c/),
      },
      { kind: 'activated' },
    ]);
  });

  test('the record type is given by its API name or id, and then its picklists hold', async () => {
    await open(withTypes);
    const [type] = await crm.select("SELECT Id FROM RecordType WHERE DeveloperName = 'Partner'");
    const id = String(type?.Id);
    for (const RecordTypeId of ['Partner', 'partner', id, id.slice(0, 15)]) {
      idOf(await write({ ...roe, Tier__c: 'Gold', RecordTypeId }));
      expect(await crm.select('SELECT RecordTypeId, Tier__c FROM Contact')).toMatchObject([
        { RecordTypeId: id, Tier__c: 'Gold' },
      ]);
    }
    for (const RecordTypeId of ['Old', 'Master', '012000000000000AAA', 'Guest of ours'])
      expect(prepare({ ...roe, RecordTypeId })).toMatchObject({
        reason: 'value_not_in_picklist',
        message: expect.stringContaining('API name or id of a record type'),
      });
  });

  const queues: Definition = {
    queues: [{ name: 'Web', developerName: 'Web', objects: ['Lead'] }],
    assignmentRules: [{ object: 'Lead', name: 'All', active: true, entries: [{ assignTo: 'Web' }] }],
    users: [
      { username: 'us@x.example', password: 'p' },
      { username: 'seller@x.example', password: 'p', lastName: 'Seller' },
    ],
  };
  const ownerOf = async (): Promise<unknown> =>
    (await crm.select('SELECT Owner.Name, Owner.Type FROM Lead'))[0]?.Owner;

  test.each([
    ['none', 'User'],
    ['active', 'Queue'],
  ])('with assignment rules %s a new Lead belongs to a %s', async (assignment_rules, type) => {
    const details = { ...lead, assignment_rules };
    await open(queues, details);
    idOf(await write(leadRoe, details));
    expect(await ownerOf()).toMatchObject({ Type: type });
    const [call] = crm.org.journal({ method: 'PATCH' });
    expect(call?.headers['sforce-auto-assign']).toBe(type === 'User' ? 'FALSE' : 'TRUE');
  });

  test('the owner is the user signed in, or whom the mapping names, and a later change leaves it alone', async () => {
    await open(queues, lead);
    const [seller] = await crm.select("SELECT Id FROM User WHERE LastName = 'Seller'");
    const id = idOf(await write(leadRoe, lead));
    expect(await ownerOf()).not.toMatchObject({ Name: 'Seller' });
    await write({ ...leadRoe, OwnerId: String(seller?.Id) }, lead, id);
    await write({ ...leadRoe, city: 'Ulm' }, lead, id);
    expect(await ownerOf()).toMatchObject({ Name: 'Seller' });
    expect(prepare({ ...leadRoe, OwnerId: id }, lead)).toMatchObject({ reason: 'value_not_sendable' });
  });
});

describe('Phones, times', () => {
  const moment = { object: 'Contact', name: 'Moment__c', type: 'datetime' } as const;

  test.each(['+49 (0)731 1234-56', '0731/123456', '(020) 7946 0018 x12', '00 1 555 0100'])(
    'the phone %j is stored as it is written',
    async (number) => {
      await open();
      idOf(await write({ ...roe, number }));
      expect(await crm.select('SELECT MobilePhone FROM Contact')).toMatchObject([{ MobilePhone: number }]);
    },
  );

  test.each(['2026-03-29T01:30:00+01:00', '2026-03-28T20:30:00-04:00', '2026-03-29T00:30:00Z'])(
    'the time %s is the instant that its offset says',
    async (text) => {
      await open({ customFields: [moment] });
      idOf(await write({ ...roe, Moment__c: text }));
      const [row] = await crm.select('SELECT Moment__c FROM Contact');
      expect(Date.parse(String(row?.Moment__c).replace('+0000', 'Z'))).toBe(
        Date.parse('2026-03-29T00:30:00Z'),
      );
      const [call] = crm.org.journal({ method: 'PATCH' });
      expect(JSON.stringify(call?.request)).toContain('2026-03-29T00:30:00.000Z');
    },
  );

  test('a time without an offset, and a time for a day, are kept back rather than guessed', async () => {
    await open({ customFields: [moment] });
    expect(prepare({ ...roe, Moment__c: '2026-03-29T01:30:00' })).toMatchObject({
      reason: 'value_not_sendable',
    });
    expect(prepare({ ...roe, Birthdate: '1990-12-31T23:00:00Z' })).toMatchObject({
      reason: 'value_not_sendable',
    });
  });
});

describe('Slow triggers', () => {
  test('what triggers of the org do is too much for 1,000 people: smaller calls, and everyone written once', async () => {
    await open();
    crm.org.faults({ rules: [{ fault: { kind: 'governor', above: 300, scope: 'record' } }] });
    const people = Array.from({ length: 1_000 }, (_, at) =>
      itemOf({ email: `p${at}@shop.example`, lastName: `P${at}` }),
    );
    expect(new Set((await send(people)).map(idOf)).size).toBe(1_000);
    expect(crm.org.changes({ object: 'Contact', limit: 3_000 })).toHaveLength(1_000);
  });

  test('a lock that a trigger met passes by itself, and a rule that a trigger keeps does not', async () => {
    await open();
    for (const [message, retryable] of [
      ['T: execution of AfterUpdate caused by: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access', true],
      ['T: execution of BeforeInsert caused by: No members from Ulm', false],
    ] as const) {
      const fault = {
        kind: 'record_error',
        error_code: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
        message,
      } as const;
      crm.org.faults({ rules: [{ fault }] });
      expect(await write(roe)).toMatchObject({ kind: 'failed', retryable });
    }
  });

  test('ConcurrentPerOrgLongTxn is too much at once, which is neither a refusal of records nor a used-up day', async () => {
    await open();
    const message = 'ConcurrentPerOrgLongTxn Limit exceeded.';
    const fault = { kind: 'error', error_code: 'REQUEST_LIMIT_EXCEEDED', status: 403, message } as const;
    crm.org.faults({ rules: [{ count: 1, fault }] });
    await expect(write(roe)).rejects.toMatchObject({
      code: 'destination_rate_limited',
      retryAfterMs: 30_000,
      message: expect.stringContaining('Too many calls are running in the org at once'),
    });
    idOf(await write(roe));
  });
});

describe('Id-keyed upsert', () => {
  const byId = { match_field: 'Id' };

  test.each([
    ['empty', '', 'required_value_missing'],
    ['blank', ' ', 'required_value_missing'],
    ['null', null, 'required_value_missing'],
    ['malformed', 'n/a', 'value_not_sendable'],
    ['of another object', '00Q000000000001AAA', 'value_not_sendable'],
  ])('an id that is %s keeps its person back', async (_what, Id, reason) => {
    await open({}, byId);
    expect(prepare({ ...roe, Id }, byId)).toMatchObject({ kind: 'excluded', reason });
  });

  test('a record without its id is not sent, whoever asks', async () => {
    await open({}, byId);
    await expect(send([item('', { LastName: 'Roe' })], byId)).rejects.toMatchObject({ code: 'internal' });
    expect(crm.calls).toEqual([]);
  });

  test('an id that nobody has makes no record', async () => {
    await open({}, byId);
    const id = await crm.make('Contact', { LastName: 'Roe' });
    expect(idOf(await write({ ...roe, Id: id.slice(0, 15) }, byId))).toBe(id);
    await crm.other('DELETE', `/sobjects/Contact/${id}`);
    expect(await write({ ...roe, Id: id }, byId)).toMatchObject({
      kind: 'failed',
      code: 'no_match',
      retryable: false,
    });
    expect(await crm.select('SELECT Id FROM Contact WHERE IsDeleted = false')).toEqual([]);
  });
});

describe('Host', () => {
  let login: Server;
  afterEach(() => new Promise((resolve) => login.close(resolve)));

  /** A host that signs in and serves no API, as login.salesforce.com. @param instanceUrl of the org, if another */
  async function startLogin(instanceUrl?: string): Promise<{ url: string; paths: string[] }> {
    const paths: string[] = [];
    login = createServer(async (request, response) => {
      paths.push(request.url ?? '');
      const body = await text(request);
      const { 'content-type': type = '' } = request.headers;
      const answer = await fetch(`${crm.org.url}${request.url}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      const token: object = JSON.parse(await answer.text());
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ ...token, ...(instanceUrl !== undefined && { instance_url: instanceUrl }) }),
      );
    });
    await new Promise<void>((resolve) => login.listen(0, '127.0.0.1', resolve));
    const address = login.address();
    return { paths, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` };
  }

  test('calls go to the instance_url that came with the token, not to where the sign-in was', async () => {
    crm = await openCrmOrg();
    const { url, paths } = await startLogin();
    const connection = crm.connect(url);
    await connection.targetFields({}, never);
    idOf((await send([item(roe.email, { Email: roe.email, LastName: 'Roe' })], {}, connection))[0]);
    expect(paths).toEqual(['/services/oauth2/token']);
    expect(await crm.select('SELECT LastName FROM Contact')).toMatchObject([{ LastName: 'Roe' }]);
  });

  test('promise 9: an instance_url that is not Salesforce gets no token', async () => {
    crm = await openCrmOrg();
    const { url } = await startLogin('https://acme.my.salesforce.com.evil.example');
    const connection = crm.connect(url);
    await expect(connection.targetFields({}, never)).rejects.toMatchObject({
      code: 'destination_misconfigured',
      message: expect.stringContaining("not Salesforce's"),
    });
    expect(crm.calls).toEqual(['sign_in']);
  });
});
