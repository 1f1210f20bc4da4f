import type { DeliveryOutcome } from '@headrace/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { batchOf, type CrmOrg, item, never, openCrmOrg, people, person } from '../crm-org.fixture.ts';

let crm: CrmOrg;
beforeEach(async () => {
  crm = await openCrmOrg({
    customFields: [
      { object: 'Contact', name: 'Key__c', externalId: true, unique: true },
      { object: 'Contact', name: 'Number__c', type: 'double', externalId: true, unique: true },
    ],
    assignmentRules: [
      {
        name: 'All',
        object: 'Lead',
        active: true,
        entries: [{ formula: 'TRUE', assignTo: 'Hot' }],
      },
    ],
    queues: [{ name: 'Hot', developerName: 'Hot' }],
    duplicateRules: [
      {
        object: 'Lead',
        name: 'Same_Phone',
        onCreate: 'alert',
        onUpdate: 'allow',
        matchingRules: [{ name: 'Phone', fields: [{ field: 'Phone' }] }],
      },
    ],
  });
  await crm.connection.targetFields({}, never);
  crm.calls.length = 0;
});
afterEach(() => crm.close());

const idOf = (outcome: DeliveryOutcome | undefined): string => {
  if (outcome?.kind !== 'activated') throw new Error(JSON.stringify(outcome));
  return outcome.recordId;
};
const kindsOf = (outcomes: readonly DeliveryOutcome[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(outcomes, ({ kind }) => kind)].map(([kind, of]) => [kind, of.length]));
const deliver = (...batch: Parameters<typeof batchOf>) => crm.connection.deliver(batchOf(...batch), never);
const count = async (object = 'Contact') => (await crm.select(`SELECT Id FROM ${object}`)).length;

describe('in few calls', () => {
  test('200 records are one call, and so are 1,000', async () => {
    expect(kindsOf(await deliver('create', people(200)))).toEqual({ activated: 200 });
    expect(crm.calls).toEqual(['deliver']);
    const used = () => crm.other('GET', '/limits') as Promise<{ DailyApiRequests: { Remaining: number } }>;
    const before = (await used()).DailyApiRequests.Remaining;
    const outcomes = await deliver('create', people(1_000));
    expect(outcomes.filter((outcome) => outcome.kind === 'activated' && outcome.created)).toHaveLength(800);
    expect(crm.calls).toEqual(['deliver', 'deliver']);
    // What the org itself counted: this call, and the one that asks.
    expect(before - (await used()).DailyApiRequests.Remaining).toBe(2);
    expect(await count()).toBe(1_000);
  });

  test('each of a thousand known records gets its own values, in order', async () => {
    const ids = (await deliver('create', people(1_000))).map(idOf);
    const items = ids.map((recordId, at) => person(at, { recordId, fields: { Title: `Title ${at}` } }));
    expect((await deliver('update', items.toReversed())).map(idOf)).toEqual(ids.toReversed());
    const rows = await crm.select('SELECT Id, Title, LastName FROM Contact');
    expect(rows).toHaveLength(1_000);
    for (const row of rows) expect(row.Title).toBe(String(row.LastName).replace('Person', 'Title'));
  });

  test('one bad record among many fails for itself', async () => {
    const bad = new Set([3, 250, 999]);
    const items = people(1_000).map((one, at) =>
      bad.has(at) ? person(at, { fields: { Email: `person${at} at shop` } }) : one,
    );
    const outcomes = await deliver(
      'create',
      items.map((one) => ({ ...one, matchKey: String(one.fields.Email) })),
    );
    expect(kindsOf(outcomes)).toEqual({ activated: 997, failed: 3 });
    for (const at of bad)
      expect(outcomes[at]).toMatchObject({ code: 'INVALID_EMAIL_ADDRESS', retryable: false });
    expect(await count()).toBe(997);
  });

  test('a value that Composite would take for a reference is written as it is', async () => {
    const sly = '@{p0.records[0].Id}';
    const items = people(300).map((one, at) => (at === 5 ? person(at, { fields: { Title: sly } }) : one));
    expect(kindsOf(await deliver('create', items))).toEqual({ activated: 300 });
    expect(crm.calls).toEqual(['deliver', 'deliver']);
    expect(
      await crm.select(`SELECT Title FROM Contact WHERE Email = 'person5@shop.example.com'`),
    ).toMatchObject([{ Title: sly }]);
  });
});

describe('governor limits', () => {
  test.each(['record', 'call'])(
    'of a %s halve the call, and only what was not written goes again',
    async (scope) => {
      await crm.steer('PUT', '/faults', { rules: [{ fault: { kind: 'governor', above: 300, scope } }] });
      const outcomes = await deliver('create', people(1_000));
      expect(kindsOf(outcomes)).toEqual({ activated: 1_000 });
      expect(outcomes.every((outcome) => outcome.kind === 'activated' && outcome.created)).toBe(true);
      expect(await count()).toBe(1_000);
      expect(crm.org.changes({ object: 'Contact', limit: 3_000 })).toHaveLength(1_000);
      expect(crm.calls.length).toBeLessThanOrEqual(7);
    },
  );

  test('found once are kept to: the next thousand cost no call that is refused', async () => {
    await crm.steer('PUT', '/faults', {
      rules: [{ fault: { kind: 'governor', above: 300, scope: 'call' } }],
    });
    await deliver('create', people(1_000));
    crm.calls.length = 0;
    expect(kindsOf(await deliver('create', people(1_000)))).toEqual({ activated: 1_000 });
    expect(crm.calls).toHaveLength(5);
    // Each was written once by each of the two.
    expect(crm.org.changes({ object: 'Contact', limit: 3_000 })).toHaveLength(2_000);
  });

  test('that leave no room for a few records put them off, with fewer at once', async () => {
    await crm.steer('PUT', '/faults', { rules: [{ fault: { kind: 'governor', above: 0 } }] });
    const outcomes = await deliver('create', people(40));
    expect(kindsOf(outcomes)).toEqual({ failed: 40 });
    expect(outcomes[0]).toMatchObject({ retryable: true, contention: true });
    expect(await count()).toBe(0);
  });
});

describe('what is sent', () => {
  test('promise 8: a row never clears what it does not carry, and clears what it says', async () => {
    const [first, second] = await deliver('create', [
      person(1, { fields: { Title: 'A', Phone: '1' } }),
      person(2, { fields: { Title: 'B', Phone: '2' } }),
    ]);
    await deliver('update', [
      item('person1@shop.example.com', { Title: null }, { recordId: idOf(first) }),
      item('person2@shop.example.com', { Phone: '3' }, { recordId: idOf(second) }),
    ]);
    expect(await crm.select('SELECT Title, Phone FROM Contact ORDER BY Email')).toMatchObject([
      { Title: null, Phone: '1' },
      { Title: 'B', Phone: '3' },
    ]);
  });

  test('a field cannot stand in for what says which record it is', async () => {
    const [first, second] = await deliver('create', people(2));
    const sly = { id: idOf(second), attributes: 'Lead', LastName: 'Sly' };
    await deliver('update', [item('x', sly, { recordId: idOf(first) })]);
    expect(await crm.select('SELECT LastName FROM Contact ORDER BY Email')).toMatchObject([
      { LastName: 'Sly' },
      { LastName: 'Person 1' },
    ]);
  });

  test('15 and 18 characters of an id are one record', async () => {
    const id = idOf((await deliver('create', [person(1)]))[0]);
    const short = person(1, { recordId: id.slice(0, 15), fields: { Title: 'Short' } });
    expect(await deliver('update', [short])).toMatchObject([{ kind: 'activated', recordId: id }]);
    await expect(deliver('update', [short, person(2, { recordId: id })])).rejects.toMatchObject({
      code: 'internal',
    });
  });

  test('nothing to write is no call', async () => {
    const known = item('x', {}, { recordId: '003000000000001AAA' });
    expect(await deliver('update', [known])).toMatchObject([{ kind: 'activated', created: false }]);
    expect(crm.calls).toEqual([]);
  });

  test.each([
    [{}, 'FALSE', undefined],
    [{ assignment_rules: 'active', duplicate_alerts: 'pass' }, 'TRUE', 'allowSave=true'],
  ])('with %j the headers ask for assignment rules %s', async (details, assign, duplicates) => {
    const lead = (at: number) =>
      item(`l${at}@x.example`, { LastName: 'L', Company: 'C', Email: `l${at}@x.example`, Phone: '1' });
    const details2 = { object: 'Lead', ...details };
    const outcomes = [
      ...(await deliver('create', [lead(1)], details2)),
      ...(await deliver('create', [lead(2)], details2)),
    ];
    const [call] = crm.org.journal({ method: 'PATCH' });
    expect(call?.headers['sforce-auto-assign']).toBe(assign);
    expect(call?.headers['sforce-duplicate-rule-header']).toBe(duplicates);
    expect(outcomes[1]).toMatchObject(
      duplicates ? { kind: 'activated' } : { kind: 'failed', code: 'DUPLICATES_DETECTED' },
    );
    const owners = await crm.select(`SELECT Owner.Type FROM Lead WHERE Email = 'l1@x.example'`);
    expect(owners).toMatchObject([{ Owner: { Type: assign === 'TRUE' ? 'Queue' : 'User' } }]);
  });

  test('a Lead that is there already keeps its owner, and what is new gets one, at the price of a read', async () => {
    const lead = (at: number) =>
      item(`l${at}@x.example`, { LastName: `L${at}`, Company: 'C', Email: `l${at}@x.example` });
    const theirs = await crm.make('Lead', { LastName: 'L1', Company: 'C', Email: 'l1@x.example' });
    const details = { object: 'Lead', assignment_rules: 'active' };
    expect(await deliver('create', [lead(1), lead(2)], details)).toMatchObject([
      { kind: 'activated', recordId: theirs, created: false },
      { kind: 'activated', created: true },
    ]);
    // The newest first: rules for the new one alone.
    expect(crm.org.journal({ method: 'PATCH' }).map(({ headers }) => headers['sforce-auto-assign'])).toEqual([
      'TRUE',
      'FALSE',
    ]);
    expect(crm.calls).toEqual(expect.arrayContaining(['read', 'deliver', 'deliver']));
  });

  test('the options reach every part of a Composite', async () => {
    const leads = Array.from({ length: 201 }, (_, at) =>
      item(`l${at}@x.example`, { LastName: `L${at}`, Company: 'C', Email: `l${at}@x.example` }),
    );
    await deliver('create', leads, { object: 'Lead' });
    expect(await crm.select(`SELECT Id FROM Lead WHERE Owner.Type = 'Queue'`)).toEqual([]);
    const [call] = crm.org.journal({ path: '/services/data/v67.0/composite' });
    expect(JSON.stringify(call?.request)).toContain('sforce-auto-assign');
  });
});

describe('keys', () => {
  const sly = [
    "o'brien@x.example",
    'a@x.photography',
    'a.b+c@x.museum',
    'x@mail.co.uk',
    "it's\\@x.example",
    'a@xn--bcher-kva.example',
  ];

  test.each(sly)('the address %s finds its record', async (email) => {
    const one = item(email, { Email: email, LastName: 'X' });
    const [made] = await deliver('create', [one]);
    if (made?.kind === 'failed') {
      // Salesforce's own judgement of the form; to read by it must not break either.
      expect(made.code).toBe('INVALID_EMAIL_ADDRESS');
      expect(await crm.connection.read(batchOf('create', [one]), never)).toEqual([{ kind: 'absent' }]);
      return;
    }
    expect(await deliver('create', [one])).toEqual([
      { kind: 'activated', recordId: idOf(made), created: false },
    ]);
    expect(await crm.connection.read(batchOf('create', [one]), never)).toMatchObject([
      { kind: 'found', recordId: idOf(made), isUnderKey: true, differing: [] },
    ]);
  });

  test.each([
    ['Key__c', 'o\'Brien "1" \\ %_', 'O\'BRIEN "1" \\ %_'],
    ['Key__c', 'a/b?c=d&e', 'A/B?C=D&E'],
    ['Number__c', '42', '42'],
  ])('the %s %s finds its record, in any case', async (matchField, key, other) => {
    const details = { match_field: matchField };
    const value = matchField === 'Number__c' ? Number(key) : key;
    const one = item(key, { [matchField]: value, LastName: 'X' });
    const [made] = await deliver('create', [one], details);
    expect(await deliver('create', [item(other, { LastName: 'Y' })], details)).toEqual([
      { kind: 'activated', recordId: idOf(made), created: false },
    ]);
    expect(await crm.connection.read(batchOf('create', [one], details), never)).toMatchObject([
      { kind: 'found', recordId: idOf(made), differing: ['LastName'] },
    ]);
  });
});

describe('a dataflow that only updates', () => {
  const details = { write: 'update_only' };

  test('makes nothing, and tells so', async () => {
    const [made] = await deliver('create', [person(1)]);
    crm.calls.length = 0;
    const changed = person(1, { fields: { Title: 'New' } });
    expect(await deliver('create', [changed, person(2)], details)).toMatchObject([
      { kind: 'activated', recordId: idOf(made), created: false },
      { kind: 'failed', code: 'no_match', retryable: false },
    ]);
    expect(crm.calls).toEqual(['read', 'deliver']);
    expect(await crm.select('SELECT Title FROM Contact')).toMatchObject([{ Title: 'New' }]);
  });

  test('matched by Id, whatever the write', async () => {
    const id = idOf((await deliver('create', [person(1)]))[0]);
    const byId = { match_field: 'Id' };
    expect(
      await deliver('create', [item(id, { Title: 'A' }), item('003000000000001AAA', { Title: 'B' })], byId),
    ).toMatchObject([
      { kind: 'activated', recordId: id },
      { kind: 'failed', code: 'no_match' },
    ]);
    expect(await deliver('create', [item(id, { Title: 'C' })], { ...byId, ...details })).toMatchObject([
      { kind: 'activated', recordId: id },
    ]);
    expect(await crm.select('SELECT Title FROM Contact')).toMatchObject([{ Title: 'C' }]);
  });
});

describe('a dataflow that only creates', () => {
  const details = { write: 'create_only' };

  test('makes a record once and leaves it alone', async () => {
    const id = idOf((await deliver('create', [person(1)], details))[0]);
    const changed = person(1, { recordId: id, fields: { Title: 'New' } });
    expect(await deliver('update', [changed], details)).toEqual([
      { kind: 'activated', recordId: id, created: false },
    ]);
    expect(await crm.connection.read(batchOf('update', [changed], details), never)).toMatchObject([
      { kind: 'found', differing: [] },
    ]);
    expect(await crm.select('SELECT Title FROM Contact')).toMatchObject([{ Title: null }]);
  });

  test('what is there already under a unique key counts as delivered, unchanged', async () => {
    const byKey = { ...details, match_field: 'Key__c' };
    const id = await crm.make('Contact', { LastName: 'Theirs', Key__c: 'k1' });
    const items = [
      item('k1', { Key__c: 'K1', LastName: 'Ours' }),
      item('k2', { Key__c: 'k2', LastName: 'Ours' }),
    ];
    expect(await deliver('create', items, byKey)).toMatchObject([
      { kind: 'activated', recordId: id, created: false },
      { kind: 'activated', created: true },
    ]);
    expect(await crm.select('SELECT LastName FROM Contact ORDER BY Key__c')).toMatchObject([
      { LastName: 'Theirs' },
      { LastName: 'Ours' },
    ]);
  });
});

test('Accounts are made under their names when nothing was found, and updated by id', async () => {
  const acme = item('acme', { Name: 'Acme' });
  const [found] = await crm.connection.read(batchOf('create', [acme], {}, 'Account'), never);
  expect(found).toEqual({ kind: 'absent' });
  const [made] = await deliver('create', [acme], {}, 'Account');
  expect(made).toMatchObject({ kind: 'activated', created: true });
  expect(await crm.connection.read(batchOf('create', [acme], {}, 'Account'), never)).toMatchObject([
    { kind: 'found', recordId: idOf(made), isUnderKey: true, differing: [] },
  ]);
});
