import type { DeliveryOutcome, RecordFields } from '@headrace/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { batchOf, type CrmOrg, item, never, openCrmOrg } from '../crm-org.fixture.ts';

let crm: CrmOrg;
beforeEach(async () => {
  crm = await openCrmOrg();
  await crm.connection.targetFields({}, never);
});
afterEach(() => crm.close());

const email = 'kim@shop.example.com';
const lead = { object: 'Lead' };
const kim = (fields: RecordFields = {}, recordId: string | null = null) =>
  item(email, { LastName: 'Kim', Email: email, ...fields }, { recordId });
const deliver = (...batch: Parameters<typeof batchOf>) => crm.connection.deliver(batchOf(...batch), never);
const read = (...batch: Parameters<typeof batchOf>) => crm.connection.read(batchOf(...batch), never);
const idOf = ([outcome]: readonly DeliveryOutcome[]): string => {
  if (outcome?.kind !== 'activated') throw new Error(JSON.stringify(outcome));
  return outcome.recordId;
};
const convert = async (leadId: string): Promise<string> => {
  const answer = await crm.steer('POST', `/leads/${leadId}/convert`, {});
  return typeof answer === 'object' && answer !== null && 'contact_id' in answer
    ? String(answer.contact_id)
    : '';
};

describe('promise 2: a Lead that was converted goes on in its Contact', () => {
  const person = { Company: 'Acme', City: 'Rio', Title: 'Dr' };
  let leadId: string;
  let contactId: string;
  beforeEach(async () => {
    leadId = idOf(await deliver('create', [kim(person)], lead));
    contactId = await convert(leadId);
  });

  test.each(['known', 'unknown'])('when it is written, %s', async (how) => {
    const changed = kim({ ...person, City: 'Lima' }, how === 'known' ? leadId : null);
    const bystander = item('b@x.example', { LastName: 'B', Company: 'C', Email: 'b@x.example' });
    const known = how === 'known' ? [changed] : [changed, bystander];
    const outcomes = await deliver(how === 'known' ? 'update' : 'create', known, lead);
    expect(outcomes[0]).toEqual({ kind: 'activated', recordId: contactId, created: false });
    expect(await crm.select('SELECT MailingCity, Title FROM Contact')).toMatchObject([
      { MailingCity: 'Lima', Title: 'Dr' },
    ]);
    // And from then on under its own id, beside Leads in one call.
    const otherId =
      how === 'known' ? idOf(await deliver('create', [bystander], lead)) : idOf(outcomes.slice(1));
    crm.calls.length = 0;
    const next = [
      kim({ City: 'Oslo' }, contactId),
      item('b@x.example', { City: 'Oslo' }, { recordId: otherId }),
    ];
    expect(await deliver('update', next, lead)).toMatchObject([
      { kind: 'activated', recordId: contactId },
      { kind: 'activated', recordId: otherId },
    ]);
    expect(crm.calls.filter((purpose) => purpose === 'deliver')).toHaveLength(1);
    expect(await crm.select('SELECT MailingCity FROM Contact')).toMatchObject([{ MailingCity: 'Oslo' }]);
    expect(await crm.select('SELECT City FROM Lead ORDER BY Email')).toMatchObject([
      { City: 'Oslo' },
      { City: 'Rio' },
    ]);
  });

  test.each(['known', 'unknown'])(
    'when it is read, %s: fields a Contact lacks differ in nothing',
    async (how) => {
      const one = kim({ ...person, City: 'Lima', Company: 'Other' }, how === 'known' ? leadId : null);
      expect(await read('create', [one], lead)).toEqual([
        { kind: 'found', recordId: contactId, isUnderKey: true, differing: ['City'], differingLists: [] },
      ]);
      expect(await read('update', [kim({ City: 'Rio' }, contactId)], lead)).toMatchObject([
        { kind: 'found', recordId: contactId, isUnderKey: true, differing: [] },
      ]);
    },
  );

  test('what is written only where the record is empty is decided by the Contact', async () => {
    await crm.other('PATCH', `/sobjects/Contact/${contactId}`, { Title: 'Prof', MailingCity: null });
    // As it was compared before the conversion.
    const one = item(
      email,
      { LastName: 'Kim', Email: email, Title: 'Dr', City: 'Lima' },
      { recordId: leadId, ifEmpty: ['Title', 'City'] },
    );
    expect(await deliver('update', [one], lead)).toMatchObject([{ kind: 'activated', recordId: contactId }]);
    expect(await crm.select('SELECT MailingCity, Title FROM Contact')).toMatchObject([
      { MailingCity: 'Lima', Title: 'Prof' },
    ]);
  });

  test('an open Lead of the same key goes before it', async () => {
    const openId = await crm.make('Lead', { LastName: 'Kim', Company: 'New', Email: email });
    expect(await read('create', [kim()], lead)).toMatchObject([{ kind: 'found', recordId: openId }]);
    expect(idOf(await deliver('create', [kim(person)], lead))).toBe(openId);
  });

  test('and so did another Lead: the Contact is kept for one of them', async () => {
    const second = item('two@x.example', { LastName: 'Two', Company: 'Acme', Email: 'two@x.example' });
    const secondId = idOf(await deliver('create', [second], lead));
    const [account] = await crm.select('SELECT AccountId FROM Contact');
    await crm.steer('POST', `/leads/${secondId}/convert`, {
      contact_id: contactId,
      account_id: account?.AccountId,
    });
    const both = [kim(person, leadId), { ...second, recordId: secondId }];
    expect(await deliver('update', both, lead)).toMatchObject([
      { kind: 'activated', recordId: contactId },
      { kind: 'failed', code: 'record_held', retryable: false },
    ]);
  });

  test('with its Contact gone, a person is told', async () => {
    await crm.other('DELETE', `/sobjects/Contact/${contactId}`);
    for (const recordId of [leadId, null])
      expect(
        await deliver(recordId === null ? 'create' : 'update', [kim(person, recordId)], lead),
      ).toMatchObject([{ kind: 'failed', code: 'lead_converted', retryable: false }]);
  });
});

describe('promise 2: a record that was merged', () => {
  const merge = (masterId: string, id: string) =>
    crm.steer('POST', '/merge', { object: 'Contact', master_id: masterId, ids: [id] });

  test('is the one that went on, where that holds the key', async () => {
    const id = idOf(await deliver('create', [kim()]));
    const masterId = await crm.make('Contact', { LastName: 'Kim', Email: email, Title: 'Boss' });
    await merge(masterId, id);
    expect(await read('update', [kim({ Title: 'Dr' }, id)])).toEqual([
      { kind: 'found', recordId: masterId, isUnderKey: true, differing: ['Title'], differingLists: [] },
    ]);
    expect(await deliver('update', [kim({ Title: 'Dr' }, id)])).toMatchObject([{ kind: 'record_gone' }]);
    expect(idOf(await deliver('create', [kim({ Title: 'Dr' })]))).toBe(masterId);
  });

  test('is absent where that is kept under another key', async () => {
    const id = idOf(await deliver('create', [kim()]));
    await merge(await crm.make('Contact', { LastName: 'K', Email: 'other@x.example' }), id);
    expect(await read('update', [kim({}, id)])).toEqual([{ kind: 'absent' }]);
  });

  test('and was matched by its id is followed to the other', async () => {
    const byId = { match_field: 'Id' };
    const id = idOf(await deliver('create', [kim()]));
    const masterId = await crm.make('Contact', { LastName: 'K', Email: 'other@x.example' });
    await merge(masterId, id);
    const one = item(id, { Title: 'Dr' });
    expect(await read('create', [one], byId)).toMatchObject([
      { kind: 'found', recordId: masterId, isUnderKey: true },
    ]);
    expect(await deliver('create', [one], byId)).toEqual([
      { kind: 'activated', recordId: masterId, created: false },
    ]);
    expect(await crm.select(`SELECT Title FROM Contact WHERE Id = '${masterId}'`)).toMatchObject([
      { Title: 'Dr' },
    ]);
  });
});

test('a record that was deleted is absent, and after its return itself again', async () => {
  const id = idOf(await deliver('create', [kim()]));
  await crm.other('DELETE', `/sobjects/Contact/${id}`);
  expect(await read('update', [kim({}, id)])).toEqual([{ kind: 'absent' }]);
  expect(await deliver('update', [kim({}, id)])).toMatchObject([
    { kind: 'record_gone', code: 'ENTITY_IS_DELETED' },
  ]);
  await crm.steer('POST', '/undelete', { ids: [id] });
  expect(idOf(await deliver('create', [kim()]))).toBe(id);
});

describe('reading', () => {
  test('promise 8: fields for an empty place differ only where nothing is held', async () => {
    const id = await crm.make('Contact', { LastName: 'Kim', Email: email, Title: 'Boss' });
    const one = item(
      email,
      { LastName: 'Other', Title: 'Dr', Phone: '1', HasOptedOutOfEmail: true },
      { ifEmpty: ['Title', 'Phone', 'HasOptedOutOfEmail'] },
    );
    expect(await read('create', [one])).toEqual([
      { kind: 'found', recordId: id, isUnderKey: true, differing: ['LastName', 'Phone'], differingLists: [] },
    ]);
  });

  test('two thousand known ids, and as many keys, are one call', async () => {
    const ids = Array.from({ length: 2_000 }, (_, at) => `003${String(at).padStart(12, '0')}AAA`);
    crm.calls.length = 0;
    const unknown = Array.from({ length: 2_000 }, (_, at) => item(`n${at}@x.example`, { LastName: 'N' }));
    expect(await read('create', unknown)).toHaveLength(2_000);
    expect(crm.calls).toEqual(['read']);
    const id = idOf(await deliver('create', [kim()]));
    crm.calls.length = 0;
    const known = [
      kim({}, id),
      ...ids.slice(1).map((recordId) => item('x', { LastName: 'N' }, { recordId })),
    ];
    expect((await read('update', known))[0]).toMatchObject({ kind: 'found', recordId: id });
    // What is not there is looked for once more among what was merged.
    expect(crm.calls).toEqual(['read', 'read']);
  });
});
