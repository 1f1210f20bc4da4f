import type { DeliveryItem, DeliveryOutcome, ListMembership } from '@headrace/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exitedStatus, memberStatus } from '../campaign-status.ts';
import { batchOf, type CrmOrg, never, openCrmOrg, people, person } from '../crm-org.fixture.ts';

const details = { membership: 'campaign' };
const username = 'sales@shop.example';
let crm: CrmOrg;
let gold: string;
beforeEach(async () => {
  crm = await openCrmOrg();
  await crm.connection.targetFields({}, never);
  gold = await ensure('Gold');
  crm.calls.length = 0;
});
afterEach(() => crm.close());

async function ensure(name: string): Promise<string> {
  const id = await crm.connection.ensureList({ segmentId: name, name, mappingId: null }, details, never);
  if (id === null) throw new Error('no list');
  return id;
}
const on = (status: string | null = memberStatus, listId = gold): ListMembership[] => [{ listId, status }];
const deliver = (group: 'create' | 'update', items: readonly DeliveryItem[], object = 'Contact') =>
  crm.connection.deliver(batchOf(group, items, { ...details, object }), never);
const read = (items: readonly DeliveryItem[]) =>
  crm.connection.read(batchOf('create', items, details), never);
const idOf = (outcome: DeliveryOutcome | undefined): string => {
  if (outcome?.kind !== 'activated') throw new Error(JSON.stringify(outcome));
  return outcome.recordId;
};
/** Known, with nothing to change but its lists. */
const listed = (at: number, recordId: string, lists: readonly ListMembership[]): DeliveryItem => ({
  ...person(at, { recordId, lists }),
  fields: {},
});
const members = () =>
  crm.select(
    'SELECT Status, ContactId, LeadId, CampaignId FROM CampaignMember WHERE IsDeleted = false ORDER BY CreatedDate',
  );

test('new people are made and put on their list in two calls for a thousand', async () => {
  const outcomes = await deliver(
    'create',
    people(1_000).map((one) => ({ ...one, lists: on() })),
  );
  expect(outcomes.every((outcome) => outcome.kind === 'activated' && outcome.created)).toBe(true);
  expect(crm.calls).toEqual(['deliver', 'deliver']);
  const made = await crm.select('SELECT ContactId FROM CampaignMember');
  expect(new Set(made.map(({ ContactId }) => ContactId))).toEqual(new Set(outcomes.map(idOf)));
});

test('of a thousand known ones some join, some exit, some are taken off: three calls', async () => {
  const ids = (
    await deliver(
      'create',
      people(1_000).map((one, at) => ({ ...one, lists: at < 600 ? on() : [] })),
    )
  ).map(idOf);
  crm.calls.length = 0;
  const statusAt = (at: number) => (at < 200 ? exitedStatus : at < 400 ? null : memberStatus);
  const items = ids.map((recordId, at) =>
    person(at, { recordId, fields: { Title: 'New' }, lists: on(statusAt(at)) }),
  );
  expect((await deliver('update', items)).map(idOf)).toEqual(ids);
  expect(crm.calls).toEqual(['deliver', 'read', 'deliver']);
  const byStatus = Map.groupBy(await members(), ({ Status }) => Status);
  expect([...byStatus].map(([status, rows]) => [status, rows.length]).sort()).toEqual([
    [exitedStatus, 200],
    [memberStatus, 600],
  ]);
  // The same again writes nothing; lists alone touch no record.
  crm.calls.length = 0;
  const listsAlone = items.map((one) => ({ ...one, fields: {} }));
  expect((await deliver('update', listsAlone)).map(idOf)).toEqual(ids);
  expect(crm.calls).toEqual(['read']);
});

test('reading tells the lists on which a record stands otherwise', async () => {
  const silver = await ensure('Silver');
  const lists = [...on(), ...on(exitedStatus, silver)];
  await deliver('create', [person(1, { lists }), person(2)]);
  crm.calls.length = 0;
  const items = [
    person(1, { lists: [...on(memberStatus.toUpperCase()), ...on(null, silver)] }),
    person(2, { lists: [...on(null), ...on(memberStatus, silver)] }),
    person(3, { lists }),
  ];
  expect(await read(items)).toMatchObject([
    { kind: 'found', differingLists: [silver] },
    { kind: 'found', differingLists: [silver] },
    { kind: 'absent' },
  ]);
  expect(crm.calls).toEqual(['read', 'read']);
});

test('Leads are put on lists as Leads', async () => {
  const lead = person(1, { fields: { Company: 'Acme' }, lists: on() });
  const id = idOf((await deliver('create', [lead], 'Lead'))[0]);
  expect(await members()).toMatchObject([{ LeadId: id, ContactId: null, Status: memberStatus }]);
  const answer = await crm.steer('POST', `/leads/${id}/convert`, {});
  expect(
    await deliver('update', [{ ...lead, recordId: id, fields: {}, lists: on(exitedStatus) }], 'Lead'),
  ).toMatchObject([{ kind: 'activated' }]);
  expect(await members()).toMatchObject([{ Status: exitedStatus }]);
  // A list it was not on yet takes the Contact; the Lead is found to have moved on.
  const silver = await ensure('Silver');
  const later = { ...lead, recordId: id, fields: {}, lists: on(memberStatus, silver) };
  expect(await deliver('update', [later], 'Lead')).toMatchObject([{ kind: 'record_gone' }]);
  expect(await deliver('create', [{ ...later, recordId: null, fields: lead.fields }], 'Lead')).toMatchObject([
    { kind: 'activated', recordId: (answer as { contact_id: string }).contact_id },
  ]);
  expect(await members()).toHaveLength(2);
});

describe('meanwhile', () => {
  test('"Already a campaign member" is a success, with the status that was wanted', async () => {
    // Two writers read at once that the person is no member: the later finds it is one.
    const id = idOf((await deliver('create', [person(1)]))[0]);
    await crm.steer('PUT', '/faults', {
      rules: [
        { match: { object: 'CampaignMember' }, fault: { kind: 'latency', distribution: 'fixed', ms: 1 } },
      ],
    });
    const both = [memberStatus, exitedStatus].map((status) => deliver('update', [listed(1, id, on(status))]));
    expect((await Promise.all(both)).flat().map(idOf)).toEqual([id, id]);
    expect(await members()).toHaveLength(1);
  });

  test('a member taken off since it was read is put on again', async () => {
    const id = idOf((await deliver('create', [person(1, { lists: on() })]))[0]);
    await crm.steer('PUT', '/faults', {
      rules: [
        {
          match: { method: 'PATCH', path: '/services/data/v67.0/composite/sobjects' },
          count: 1,
          fault: { kind: 'record_error', error_code: 'ENTITY_IS_DELETED' },
        },
      ],
    });
    const item = listed(1, id, on(exitedStatus));
    expect((await deliver('update', [item])).map(idOf)).toEqual([id]);
    expect(await members()).toMatchObject([{ Status: exitedStatus }]);
  });
});

describe('what fails', () => {
  test('a locked Campaign leaves the record written, its list to be tried again', async () => {
    await crm.steer('PUT', '/faults', {
      rules: [
        {
          match: { operation: 'create', object: 'CampaignMember' },
          count: 1,
          fault: { kind: 'record_error', error_code: 'UNABLE_TO_LOCK_ROW' },
        },
      ],
    });
    const [outcome] = await deliver('create', [person(1, { lists: on() })]);
    expect(outcome).toMatchObject({
      kind: 'failed',
      code: 'UNABLE_TO_LOCK_ROW',
      retryable: true,
      contention: true,
      recordId: expect.stringMatching(/^003/),
      created: true,
    });
    expect(await crm.select('SELECT Id FROM Contact')).toHaveLength(1);
    expect(await deliver('create', [person(1, { lists: on() })])).toMatchObject([
      { kind: 'activated', created: false },
    ]);
    expect(await members()).toHaveLength(1);
  });

  test('a Campaign that is gone is told by its id', async () => {
    await crm.other('DELETE', `/sobjects/Campaign/${gold}`);
    expect(await deliver('create', [person(1, { lists: on() })])).toMatchObject([
      {
        kind: 'failed',
        code: 'campaign_gone',
        retryable: false,
        recordId: expect.any(String),
        created: true,
        message: expect.stringContaining(gold),
      },
    ]);
  });

  test('a person that is gone is matched again', async () => {
    const id = idOf((await deliver('create', [person(1)]))[0]);
    await crm.other('DELETE', `/sobjects/Contact/${id}`);
    expect(await deliver('update', [listed(1, id, on())])).toMatchObject([{ kind: 'record_gone' }]);
  });

  test('promise 3: a Campaign that is gone makes nobody forget the person, who may have another address by now', async () => {
    const [kept, lost] = (await deliver('create', people(2))).map(idOf);
    if (kept === undefined || lost === undefined) throw new Error('not made');
    await crm.other('PATCH', `/sobjects/Contact/${kept}`, { Email: 'corrected@shop.example.com' });
    await crm.other('DELETE', `/sobjects/Contact/${lost}`);
    await crm.other('DELETE', `/sobjects/Campaign/${gold}`);
    crm.calls.length = 0;
    expect(await deliver('update', [listed(0, kept, on()), listed(1, lost, on())])).toMatchObject([
      { kind: 'failed', code: 'campaign_gone', retryable: false, recordId: kept, created: false },
      { kind: 'record_gone' },
    ]);
    expect(crm.calls).toEqual(['read', 'deliver', 'read']);
  });

  test.each(['before_write', 'after_write'])(
    'promise 3: an answer lost %s is unknown, and reading tells',
    async (when) => {
      await crm.steer('PUT', '/faults', {
        rules: [
          {
            match: { method: 'POST', path: '/services/data/v67.0/composite/sobjects' },
            count: 1,
            fault: { kind: 'cut', when },
          },
        ],
      });
      const one = person(1, { lists: on() });
      expect(await deliver('create', [one])).toMatchObject([
        {
          kind: 'failed',
          code: 'destination_outcome_unknown',
          unknown: true,
          recordId: expect.any(String),
          created: true,
        },
      ]);
      expect(await read([one])).toMatchObject([
        { kind: 'found', differing: [], differingLists: when === 'before_write' ? [gold] : [] },
      ]);
    },
  );
});

test('deliveries to one Campaign that lock each other out go one after another then', async () => {
  const ids = (await deliver('create', people(40))).map(idOf);
  await crm.steer('PUT', '/faults', { locks: { transaction_ms: 100, timeout_ms: 10 } });
  const put = (status: string) =>
    Promise.all(
      [0, 10, 20, 30].map((from) =>
        deliver(
          'update',
          ids.slice(from, from + 10).map((id, at) => listed(from + at, id, on(status))),
        ),
      ),
    );
  const first = (await put(memberStatus)).flat();
  expect(first.some((outcome) => outcome.kind === 'failed' && outcome.contention === true)).toBe(true);
  const second = (await put(exitedStatus)).flat();
  expect(second.every((outcome) => outcome.kind === 'activated')).toBe(true);
});

test('without Marketing User one error says so', async () => {
  await crm.close();
  crm = await openCrmOrg({ users: [{ username, password: 'secret-1', marketingUser: false }] });
  await expect(ensure('Gold')).rejects.toMatchObject({
    code: 'destination_misconfigured',
    message: expect.stringContaining('Marketing User'),
  });
});

describe('two segments of one Campaign', () => {
  const long = 'x'.repeat(80);
  const refused = expect.objectContaining({
    code: 'destination_misconfigured',
    message: expect.stringContaining('would share one Campaign'),
  });
  test.each([
    ['of one Mapping ID', ['Gold', 'Silver'], 'Shared'],
    ['whose names are alike as far as a Campaign holds them', [`${long}A`, `${long}B`], null],
    ['whose names differ in case', ['Platinum', 'PLATINUM'], null],
    ['of one id', ['Gold', 'Silver'], '701000000000001AAA'],
  ])('%s are refused', async (_, names, mappingId) => {
    const segments = names.map((name) => ({ segmentId: name, name, mappingId }));
    const check = (some: typeof segments) =>
      crm.connection.checkMemberships(some, { details, mapping: [] }, never);
    await expect(check(segments)).rejects.toEqual(refused);
    await check(segments.slice(0, 1));
  });

  test('one named by its id, the other by its name: who is in one of them is a member, whatever they left', async () => {
    const segments = [
      { segmentId: 'a', name: 'Gold', mappingId: null, status: 'realized' },
      { segmentId: 'b', name: 'Other', mappingId: gold, status: 'exited' },
    ] as const;
    const standings = segments.map((one) => ({ ...one, listId: gold, onExit: 'write_status' as const }));
    const told = crm.connection.prepareMemberships(standings, details);
    idOf((await deliver('create', [person(1, { lists: told.lists })]))[0]);
    expect(await members()).toMatchObject([{ Status: memberStatus }]);
  });
});
