import type { DeliveryBatch, DeliveryItem } from '@headrace/core';
import { describe, expect, test } from 'vitest';
import { readWriteAnswer, toWriteCall } from './deliver-contacts.ts';

const idA = '0035e00000AbCdEAAT';
const idB = '0035e00000AbCdFAAT';
const item = (matchKey: string, recordId: string | null = null): DeliveryItem => ({
  matchKey,
  recordId,
  fields: { Email: matchKey, LastName: 'X' },
  ifEmpty: [],
  lists: [],
});
const batch = (group: DeliveryBatch['group'], ...items: DeliveryItem[]): DeliveryBatch => ({
  version: 1,
  object: 'Contact',
  group,
  details: {},
  items,
});
const create = batch('create', item('a@x.example'), item('b@x.example'));
const update = batch('update', item('a@x.example', idA), item('b@x.example', idB));

describe('the call', () => {
  test('upserts by e-mail what is not known yet', () => {
    expect(toWriteCall(create)).toMatchObject({
      method: 'PATCH',
      path: '/composite/sobjects/Contact/Email',
      effect: 'write',
      purpose: 'deliver',
      body: {
        allOrNone: false,
        records: [
          { attributes: { type: 'Contact' }, Email: 'a@x.example', LastName: 'X' },
          { attributes: { type: 'Contact' }, Email: 'b@x.example', LastName: 'X' },
        ],
      },
    });
  });

  test('updates by id what is', () => {
    expect(toWriteCall(update)).toMatchObject({
      path: '/composite/sobjects',
      body: { records: [{ attributes: { type: 'Contact' }, id: idA }, { id: idB }] },
    });
  });

  test('a field cannot stand in for what says which record it is', () => {
    const sly = batch('update', { ...item('a@x.example', idA), fields: { id: idB, attributes: 'Lead' } });
    expect(toWriteCall(sly)).toMatchObject({
      body: { records: [{ attributes: { type: 'Contact' }, id: idA }] },
    });
  });

  test.each([
    ['the same key twice', batch('create', item('a@x.example'), item('a@x.example'))],
    [
      'the same record twice',
      batch('update', item('a@x.example', idA), item('b@x.example', idA.slice(0, 15))),
    ],
    ['an update without an id', batch('update', item('a@x.example'))],
    ['no record', batch('create')],
    ['too many', batch('create', ...Array.from({ length: 201 }, (_, at) => item(`${at}@x.example`)))],
    ['another object', { ...create, object: 'Lead' }],
  ])('%s is the mistake of the caller', (_what, wrong) => {
    expect(() => toWriteCall(wrong)).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});

describe('the answer', () => {
  test('gives one outcome for each record, in order', () => {
    const outcomes = readWriteAnswer(
      [
        { id: idA, success: true, errors: [], created: true },
        {
          success: false,
          errors: [{ statusCode: 'INVALID_EMAIL_ADDRESS', message: 'm', fields: ['Email'] }],
        },
      ],
      create,
    );
    expect(outcomes).toMatchObject([
      { kind: 'activated', recordId: idA, created: true },
      { kind: 'failed', code: 'INVALID_EMAIL_ADDRESS', retryable: false },
    ]);
  });

  test.each([
    ['no list', { ok: true }],
    ['too few', [{ id: idA, success: true, errors: [] }]],
    ['too many', Array(3).fill({ id: idA, success: true, errors: [] })],
    ['no outcome', [{ id: idA, success: true, errors: [] }, {}]],
    ['no id', [{ id: idA, success: true, errors: [] }, { success: true }]],
    [
      'a malformed id',
      [
        { id: idA, success: true, errors: [] },
        { id: '../x', success: true },
      ],
    ],
    ['null', [null, null]],
    ['text', 'x'],
  ])('%s leaves everything open', (_what, answer) => {
    expect(() => readWriteAnswer(answer, create)).toThrow(
      expect.objectContaining({ code: 'destination_outcome_unknown' }),
    );
  });

  test('results of other records leave everything open', () => {
    const swapped = [idB, idA].map((id) => ({ id, success: true, errors: [] }));
    expect(() => readWriteAnswer(swapped, update)).toThrow(
      expect.objectContaining({ code: 'destination_outcome_unknown' }),
    );
  });

  test('a field that nobody may write is one error, not many', () => {
    const refused = { success: false, errors: [{ statusCode: 'INVALID_FIELD', fields: ['Gone__c'] }] };
    expect(() => readWriteAnswer([refused, refused], create)).toThrow(
      expect.objectContaining({
        code: 'destination_misconfigured',
        message: expect.stringContaining('Gone__c'),
      }),
    );
    const written = { id: idA, success: true, errors: [], created: false };
    expect(readWriteAnswer([written, refused], create)).toMatchObject([
      { kind: 'activated' },
      { kind: 'failed', retryable: false },
    ]);
  });
});
