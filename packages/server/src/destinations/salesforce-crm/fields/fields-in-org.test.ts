import type { DataflowDetails, FieldValue, MappedValues, SendableRecord } from '@headrace/core';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { batchOf, type CrmOrg, item, never, openCrmOrg } from '../crm-org.fixture.ts';

/* Against the emulator: what it describes, and what it stores of what was prepared. */

let crm: CrmOrg;
afterEach(() => crm.close());

function prepare(values: MappedValues, details: DataflowDetails, ifEmpty: readonly string[] = []) {
  const record = crm.connection.prepare({ values, ifEmpty: new Set(ifEmpty), details });
  if (record.kind !== 'record') throw new Error(record.message);
  return record;
}
const toItem = ({ matchKey, fields }: Pick<SendableRecord, 'matchKey' | 'fields'>) => item(matchKey, fields);

/** Writes records and reads them back. @returns the names of fields that came out other than they went in */
async function roundTrip(records: readonly SendableRecord[], details: DataflowDetails): Promise<string[][]> {
  const items = records.map(toItem);
  const outcomes = await crm.connection.deliver(batchOf('create', items, details), never);
  for (const outcome of outcomes)
    if (outcome.kind !== 'activated') throw new Error(JSON.stringify({ outcome, items }));
  const read = await crm.connection.read(batchOf('create', items, details), never);
  return read.map((entry) => (entry.kind === 'found' ? [...entry.differing] : [entry.kind]));
}

const customFields = [
  { object: 'Contact', name: 'Key__c', externalId: true, unique: true, length: 40 },
  { object: 'Contact', name: 'Text__c', length: 30 },
  { object: 'Contact', name: 'Notes__c', type: 'textarea', length: 60 },
  { object: 'Contact', name: 'Flag__c', type: 'boolean' },
  { object: 'Contact', name: 'Whole__c', type: 'int' },
  { object: 'Contact', name: 'Amount__c', type: 'currency', precision: 10, scale: 2 },
  { object: 'Contact', name: 'Share__c', type: 'percent', precision: 5, scale: 1 },
  { object: 'Contact', name: 'Day__c', type: 'date' },
  { object: 'Contact', name: 'Moment__c', type: 'datetime' },
  { object: 'Contact', name: 'Link__c', type: 'url' },
  { object: 'Contact', name: 'Tier__c', type: 'picklist', values: ['Gold', 'Silver'] },
  { object: 'Contact', name: 'Open__c', type: 'picklist', values: ['Gold'], restricted: false },
  { object: 'Contact', name: 'Tags__c', type: 'multipicklist', values: ['Red', 'Green', 'Blue'] },
] as const;

/** Values of each type as sources may hold them, what fits and what does not. */
const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({
    unit: fc.constantFrom('a', 'Ä', ' ', '\n', '\r', '\t', '\u00a0', '😀', '\\', "'", '"', '<', '&'),
  }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
);
const day = fc
  .date({ min: new Date('1690-01-01'), max: new Date('4010-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const offset = fc.constantFrom('Z', '+00:00', '+0530', '-11:00', '+14:00');
const instant = fc
  .tuple(day, fc.constantFrom('00:00', '23:59:59', '12:30:15.987654'), offset)
  .map(([date, time, zone]) => `${date}T${time}${zone}`);
const of = (...texts: string[]) => fc.oneof(fc.constantFrom(...texts), anything);
const byTarget: Readonly<Record<string, fc.Arbitrary<FieldValue>>> = {
  Text__c: anything,
  firstName: anything,
  Notes__c: anything,
  MailingStreet: anything,
  number: of('+49 (30) 12-34', ' 030 '),
  Flag__c: of('TRUE', 'false', '1', '0'),
  Whole__c: fc.oneof(
    anything,
    fc.integer({ min: -99_999_999, max: 99_999_999 }),
    fc.constantFrom('+7', '-0', '1e3'),
  ),
  Amount__c: fc.oneof(anything, fc.double({ min: -1e9, max: 1e9, noNaN: true }), of('1.005', '-2.345', '.5')),
  Share__c: fc.oneof(fc.double({ min: -1e4, max: 1e4, noNaN: true }), of('99.95', '0.05')),
  Day__c: fc.oneof(day, anything),
  Birthdate: day,
  Moment__c: fc.oneof(instant, anything),
  Link__c: of('https://example.com/?a=B', 'example.com'),
  Tier__c: of('gold', ' SILVER', 'Gold'),
  Open__c: of('GOLD', 'else'),
  Tags__c: of('blue;Red', 'red;RED; green;', ';', 'Pink'),
};

describe.each(['exclude', 'truncate'])(
  'what is prepared is written and read back equal (too long: %s)',
  (too_long) => {
    const details = { match_field: 'Key__c', too_long };
    test('whatever the value and the type', async () => {
      crm = await openCrmOrg({ customFields: [...customFields] });
      await crm.connection.targetFields(details, never);
      let sent = 0;
      let at = 0;
      const people = fc.array(fc.record<Record<string, FieldValue>>(byTarget, { requiredKeys: [] }), {
        minLength: 40,
        maxLength: 60,
      });
      await fc.assert(
        fc.asyncProperty(people, async (given) => {
          const records = given.flatMap((values) => {
            at += 1;
            // What does not fit is left out, so that one value does not hide the others.
            const fitting = Object.entries(values).filter(
              ([name, value]) =>
                crm.connection.prepare({
                  values: { lastName: 'X', Key__c: 'k', [name]: value },
                  ifEmpty: new Set(),
                  details,
                }).kind === 'record',
            );
            const kept: MappedValues = Object.fromEntries(fitting);
            sent += fitting.length;
            return [prepare({ ...kept, lastName: `L${at}`, Key__c: `Key ${at}` }, details)];
          });
          for (const differing of await roundTrip(records, details)) expect(differing).toEqual([]);
        }),
        { numRuns: 12, endOnFailure: true },
      );
      expect(sent).toBeGreaterThan(1_000);
    });
  },
);

test('Contact, Lead and Account as the org describes them', async () => {
  crm = await openCrmOrg({ customFields: [...customFields] });
  const targets = await crm.connection.targetFields({}, never);
  const contact = new Map(targets.map((target) => [target.name, target]));
  expect(crm.org.journal().filter(({ path }) => path.endsWith('/describe'))).toHaveLength(2);
  expect(contact.get('Tier__c')).toMatchObject({
    restricted: true,
    choices: [
      { value: 'Gold', label: 'Gold' },
      { value: 'Silver', label: 'Silver' },
    ],
  });
  expect(contact.get('company')).toMatchObject({
    field: 'Name',
    maxLength: 255,
    parent: { object: 'Account' },
  });
  expect(contact.get('Account.Website')).toMatchObject({ type: 'url' });
  const required = targets.filter((target) => target.required).map(({ name }) => name);
  expect(required).toEqual(['lastName', 'email', 'company']);
  const lead = await crm.connection.targetFields({ object: 'Lead' }, never);
  expect(lead.filter((target) => target.required).map(({ name }) => name)).toEqual([
    'lastName',
    'email',
    'company',
  ]);
  expect(lead.map(({ name }) => name)).toEqual(expect.arrayContaining(['state', 'Status', 'AnnualRevenue']));
  expect(lead.some(({ name }) => name === 'IsConverted')).toBe(false);
  // Asked for once in ten minutes, whoever asks.
  crm.calls.length = 0;
  await Promise.all([
    crm.connection.targetFields({}, never),
    crm.connection.targetFields({ object: 'Lead' }, never),
  ]);
  expect(crm.calls).toEqual([]);
});

test('the same by either object, each with its own names', async () => {
  crm = await openCrmOrg();
  const values = {
    lastName: 'Roe',
    email: 'roe@x.example',
    city: 'Ulm',
    state: 'Bayern',
    country: 'Deutschland',
    postalCode: '89073',
    number: '+49 731 1',
    firstName: 'Jo',
    company: 'Acme',
  };
  for (const object of ['Contact', 'Lead']) {
    const details = { object };
    await crm.connection.targetFields(details, never);
    expect(await roundTrip([prepare(values, details)], details)).toEqual([[]]);
  }
  expect(await crm.select('SELECT City, State, Company FROM Lead')).toMatchObject([
    { City: 'Ulm', State: 'Bayern', Company: 'Acme' },
  ]);
  expect(await crm.select('SELECT MailingCity, AccountId FROM Contact')).toMatchObject([
    { MailingCity: 'Ulm', AccountId: null },
  ]);
});

test('an Account is made by its name once, and the Contact belongs to it', async () => {
  crm = await openCrmOrg();
  const details = {};
  await crm.connection.targetFields(details, never);
  const record = prepare({ lastName: 'Roe', email: 'roe@x.example', company: ' Acme ' }, details);
  const { parent } = record;
  if (parent === null) throw new Error('no parent');
  const account = batchOf('create', [toItem(parent)], details, 'Account');
  expect(await crm.connection.read(account, never)).toEqual([{ kind: 'absent' }]);
  const [made] = await crm.connection.deliver(account, never);
  if (made?.kind !== 'activated') throw new Error(JSON.stringify(made));
  const { parent: same } = prepare({ lastName: 'Doe', email: 'doe@x.example', company: 'ACME' }, details);
  if (same === null) throw new Error('no parent');
  expect(same.matchKey).toBe(parent.matchKey);
  expect(
    await crm.connection.read(batchOf('create', [toItem(same)], details, 'Account'), never),
  ).toMatchObject([{ kind: 'found', recordId: made.recordId, isUnderKey: true, differing: ['Name'] }]);
  const contact = { ...record, fields: { ...record.fields, [parent.linkField]: made.recordId } };
  expect(await roundTrip([contact], details)).toEqual([[]]);
  expect(await crm.select('SELECT Account.Name FROM Contact')).toMatchObject([{ Account: { Name: 'Acme' } }]);
});

describe('an org with picklists of states and countries', () => {
  test.each([
    [{ country: 'Germany' }, ['DE', null]],
    [{ country: 'de', state: null }, ['DE', null]],
    [{ country: 'US', state: 'WA' }, ['US', 'WA']],
    [{ state: 'Washington', country: 'united states' }, ['US', 'WA']],
    [{ state: 'US-WA', country: 'US' }, ['US', 'WA']],
    [{ state: 'AU-WA', country: 'Australia' }, ['AU', 'WA']],
    [{ MailingState: 'São Paulo', MailingCountryCode: 'BR' }, ['BR', 'SP']],
  ])('%j is %j', async (given, [country, state]) => {
    crm = await openCrmOrg({ stateAndCountryPicklists: true });
    const details = {};
    await crm.connection.targetFields(details, never);
    const record = prepare({ lastName: 'Roe', email: 'roe@x.example', ...given }, details);
    expect(await roundTrip([record], details)).toEqual([[]]);
    expect(await crm.select('SELECT MailingCountryCode, MailingStateCode FROM Contact')).toMatchObject([
      { MailingCountryCode: country, MailingStateCode: state },
    ]);
  });

  test('what is not on its lists stays here', async () => {
    crm = await openCrmOrg({ stateAndCountryPicklists: true });
    await crm.connection.targetFields({}, never);
    for (const given of [
      { country: 'Atlantis' },
      { country: 'Germany', state: 'Washington' },
      { country: 'US', state: 'AU-WA' },
    ])
      expect(
        crm.connection.prepare({
          values: { lastName: 'Roe', email: 'roe@x.example', ...given },
          ifEmpty: new Set(),
          details: {},
        }),
      ).toMatchObject({ kind: 'excluded', reason: 'value_not_in_picklist' });
  });
});

test('segments in fields of their own, and in one for all, are written and read back equal', async () => {
  crm = await openCrmOrg({
    customFields: [
      { object: 'Contact', name: 'Gold__c' },
      { object: 'Contact', name: 'Tags__c', type: 'multipicklist', values: ['Vip', 'Gold'] },
    ],
  });
  const standing = { segmentId: 's', listId: null, status: 'realized', onExit: 'write_status' } as const;
  const segments = [
    { ...standing, name: 'Gold', mappingId: 'Gold__c' },
    { ...standing, name: 'Vip', mappingId: 'Vip' },
  ];
  const ways = [
    [{ membership: 'segment_fields' }, segments.slice(0, 1), { Gold__c: 'realized' }],
    [
      { membership: 'one_field', membership_field: 'Tags__c' },
      segments.map((segment) => ({ ...segment, mappingId: null })),
      { Tags__c: 'Vip;Gold' },
    ],
  ] as const;
  for (const [details, told, fields] of ways) {
    await crm.connection.checkMemberships(told, { details, mapping: [] }, never);
    const { fields: own, ...record } = prepare({ lastName: 'Roe', email: 'roe@x.example' }, details);
    const memberships = crm.connection.prepareMemberships(told, details);
    expect(memberships).toEqual({ fields, lists: [] });
    expect(await roundTrip([{ ...record, fields: { ...own, ...memberships.fields } }], details)).toEqual([
      [],
    ]);
  }
  await expect(
    crm.connection.checkMemberships(segments, { details: ways[0][0], mapping: [] }, never),
  ).rejects.toMatchObject({
    code: 'destination_misconfigured',
    message: expect.stringContaining('Vip'),
  });
  crm.calls.length = 0;
  await crm.connection.checkMemberships(segments, { details: {}, mapping: [] }, never);
  expect(crm.calls).toEqual([]);
});

test('a user who may not see Accounts maps none, and the org is not asked again', async () => {
  crm = await openCrmOrg({
    profiles: [{ name: 'People only', objectPermissions: [{ object: 'Account' }] }],
    users: [{ username: 'u@x.example', password: 'p', profile: 'People only' }],
  });
  const targets = await crm.connection.targetFields({}, never);
  expect(targets.some(({ parent }) => parent !== undefined)).toBe(false);
  crm.calls.length = 0;
  await crm.connection.targetFields({}, never);
  expect(crm.calls).toEqual([]);
});

test.each([
  [{}, { 'Account.Name': 'Acme' }],
  [{ account_match_field: 'Ext__c' }, { company: 'Acme', 'Account.Ext__c': 'K1' }],
])(
  'a company that is mapped, %j, stops the dataflow once Accounts are hidden, and is not lost',
  async (details, values) => {
    crm = await openCrmOrg({
      profiles: [{ name: 'People only', objectPermissions: [{ object: 'Account' }] }],
      users: [{ username: 'u@x.example', password: 'p', profile: 'People only' }],
    });
    await crm.connection.targetFields(details, never);
    const { parent } = prepare({ lastName: 'Roe', email: 'roe@x.example', ...values }, details);
    expect(parent).toMatchObject({ object: 'Account', fields: { Name: 'Acme' } });
    if (parent === null) return;
    const { matchKey, fields, ifEmpty, compare } = parent;
    const item = { matchKey, fields, ifEmpty, recordId: null, lists: [] };
    const batch = batchOf('create', [item], details, 'Account');
    const attempt =
      compare === 'first' ? crm.connection.read(batch, never) : crm.connection.deliver(batch, never);
    await expect(attempt).rejects.toMatchObject({
      code: 'destination_misconfigured',
      message: expect.stringContaining('Account'),
    });
  },
);

test('what an administrator has set up is told when the connection is tested', async () => {
  crm = await openCrmOrg({
    personAccounts: true,
    customFields: [{ object: 'Contact', name: 'Tier__c', required: true }],
  });
  const { warnings } = await crm.connection.test(never);
  expect(warnings.join('\n')).toMatch(/requires the Contact field Tier__c/);
  expect(warnings.join('\n')).toMatch(/person accounts/);
  const targets = await crm.connection.targetFields({}, never);
  expect(targets.find(({ name }) => name === 'Tier__c')).toMatchObject({ required: true, clearable: false });
});
