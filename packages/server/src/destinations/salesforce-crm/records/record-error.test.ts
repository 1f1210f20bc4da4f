import type { DeliveryGroup } from '@headrace/core';
import { describe, expect, test } from 'vitest';
import { readRecordError } from './read-record-error.ts';
import { findConnectionError, toOutcome } from './record-error.ts';

const value = 'kim@person.example';
const error = (statusCode: string, fields: readonly string[] = [], message = `text with ${value}`) =>
  readRecordError({ statusCode, message, fields });

/** Code, fields, group, what becomes of the record. */
const rows: readonly (readonly [string, readonly string[], DeliveryGroup, string])[] = [
  ['REQUIRED_FIELD_MISSING', ['LastName'], 'create', 'failed'],
  ['STRING_TOO_LONG', ['LastName'], 'create', 'failed'],
  ['INVALID_EMAIL_ADDRESS', ['Email'], 'create', 'failed'],
  ['INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', ['LeadSource'], 'create', 'failed'],
  ['FIELD_INTEGRITY_EXCEPTION', ['MailingCountry'], 'create', 'failed'],
  ['FIELD_CUSTOM_VALIDATION_EXCEPTION', [], 'create', 'failed'],
  ['FIELD_FILTER_VALIDATION_EXCEPTION', [], 'create', 'failed'],
  ['INVALID_FIELD', [], 'create', 'failed'],
  ['INVALID_FIELD_FOR_INSERT_UPDATE', ['MobilePhone'], 'create', 'failed'],
  ['NUMBER_OUTSIDE_VALID_RANGE', ['Score__c'], 'create', 'failed'],
  ['INVALID_TYPE_ON_FIELD_IN_RECORD', [], 'create', 'failed'],
  ['JSON_PARSER_ERROR', [], 'create', 'failed'],
  ['INVALID_TYPE', [], 'create', 'failed'],
  ['DUPLICATE_VALUE', ['Code__c'], 'create', 'failed'],
  ['DUPLICATE_VALUE', ['Email'], 'create', 'retry'],
  ['DUPLICATE_VALUE', ['Email'], 'update', 'failed'],
  ['DUPLICATE_EXTERNAL_ID', ['Email'], 'create', 'failed'],
  ['DUPLICATES_DETECTED', [], 'create', 'failed'],
  ['MALFORMED_ID', ['AccountId'], 'create', 'failed'],
  ['INVALID_CROSS_REFERENCE_KEY', [], 'create', 'failed'],
  ['INVALID_CROSS_REFERENCE_KEY', [], 'update', 'record_gone'],
  ['INVALID_CROSS_REFERENCE_KEY', ['AccountId'], 'update', 'failed'],
  ['ENTITY_IS_DELETED', [], 'update', 'record_gone'],
  ['ENTITY_IS_DELETED', ['Id'], 'update', 'record_gone'],
  ['ENTITY_IS_DELETED', [], 'create', 'retry'],
  ['NOT_FOUND', [], 'update', 'record_gone'],
  ['CANNOT_UPDATE_CONVERTED_LEAD', [], 'update', 'failed'],
  ['ENTITY_IS_LOCKED', [], 'update', 'failed'],
  ['INACTIVE_OWNER_OR_USER', ['OwnerId'], 'update', 'failed'],
  ['INSUFFICIENT_ACCESS_OR_READONLY', [], 'update', 'failed'],
  ['INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY', [], 'update', 'failed'],
  ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', [], 'create', 'failed'],
  ['CANNOT_EXECUTE_FLOW_TRIGGER', [], 'create', 'failed'],
  ['UNABLE_TO_LOCK_ROW', [], 'update', 'retry'],
  ['SERVER_UNAVAILABLE', [], 'update', 'retry'],
  ['UNKNOWN_EXCEPTION', [], 'update', 'retry'],
  ['ALL_OR_NONE_OPERATION_ROLLED_BACK', [], 'update', 'retry'],
  ['PROCESSING_HALTED', [], 'update', 'retry'],
  ['REQUEST_LIMIT_EXCEEDED', [], 'update', 'retry'],
  ['STORAGE_LIMIT_EXCEEDED', [], 'create', 'failed'],
  ['SOMETHING_NEW', [], 'create', 'failed'],
];

test.each(rows)('%s %j in a batch of %s: %s', (code, fields, group, expected) => {
  const outcome = toOutcome([error(code, fields)], { object: 'Contact', matchField: 'Email', group });
  expect(outcome.kind === 'failed' && outcome.retryable ? 'retry' : outcome.kind).toBe(expected);
  expect(outcome).toMatchObject({ code });
  expect(JSON.stringify(outcome)).not.toContain('person.example');
  if (outcome.kind === 'failed') for (const field of fields) expect(outcome.message).toContain(field);
});

const creating = { object: 'Contact', matchField: 'Email', group: 'create' } as const;

test('one permanent error among transient ones is the one to tell', () => {
  const outcome = toOutcome([error('UNABLE_TO_LOCK_ROW'), error('STRING_TOO_LONG', ['City'])], creating);
  expect(outcome).toMatchObject({ code: 'STRING_TOO_LONG', retryable: false });
});

test('a refusal without a reason is tried again', () => {
  expect(toOutcome([], creating)).toMatchObject({ code: 'NO_ERROR_GIVEN', retryable: true });
});

test('ids of several matches are told, whatever else stands in the text', () => {
  const text = `Email: more than one record found for external id field: [0035e00000AbCdE, 0035e00000AbCdFAAT] ${value}`;
  const outcome = toOutcome([error('DUPLICATE_EXTERNAL_ID', ['Email'], text)], creating);
  expect(outcome).toMatchObject({ message: expect.stringContaining('0035e00000AbCdE, 0035e00000AbCdFAAT') });
  expect(JSON.stringify(outcome)).not.toContain('person.example');
});

describe('the error of all records', () => {
  const hidden = error('INVALID_FIELD_FOR_INSERT_UPDATE', ['MobilePhone']);

  test('stops the connection when every record has it', () => {
    const found = findConnectionError([[hidden], [hidden]]);
    expect(found).toMatchObject({ code: 'destination_misconfigured' });
    expect(found?.message).toContain('MobilePhone');
  });

  test('does not when one record has another', () => {
    expect(findConnectionError([[hidden], [error('STRING_TOO_LONG')]])).toBeUndefined();
    expect(findConnectionError([[error('STRING_TOO_LONG')], [hidden]])).toBeUndefined();
    expect(findConnectionError([])).toBeUndefined();
  });
});

test('names that are none do not pass', () => {
  expect(readRecordError({ statusCode: `kim ${value}`, fields: [value, 7, 'City'], message: 5 })).toEqual({
    statusCode: 'UNKNOWN_ERROR_CODE',
    fields: ['City'],
    recordIds: [],
    cause: undefined,
  });
  expect(readRecordError(null).statusCode).toBe('UNKNOWN_ERROR_CODE');
});

const trigger = 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY';
test.each([
  [
    trigger,
    'T: execution of BeforeInsert caused by: System.DmlException: UNABLE_TO_LOCK_ROW, unable',
    true,
    true,
  ],
  [trigger, 'T: System.LimitException: Too many SOQL queries: 101', true, true],
  ['CANNOT_EXECUTE_FLOW_TRIGGER', 'System.LimitException: Apex CPU time limit exceeded', true, true],
  [
    'UNABLE_TO_LOCK_ROW',
    'unable to obtain exclusive access to this record or 1 records: 0015e00000AbCdE',
    true,
    true,
  ],
  ['UNKNOWN_EXCEPTION', 'An unexpected error occurred', true, false],
  [trigger, 'T: execution of BeforeInsert caused by: line 1: kim must not be changed', false, false],
  [
    'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    'UNABLE_TO_LOCK_ROW is a word in the rule of an administrator',
    false,
    false,
  ],
])('%s "%s": again %s, fewer at once %s', (code, text, retryable, contention) => {
  const outcome = toOutcome([error(code, [], text)], creating);
  expect(outcome).toMatchObject({ code, retryable });
  expect('contention' in outcome).toBe(contention);
});

test('an object that the user may not write is one error for all', () => {
  const text = 'entity type cannot be inserted: Campaign Member';
  expect(findConnectionError([[error(trigger, [], text)]])?.message).toContain('Marketing User');
});

test('a duplicate on the match field is told from others by its name in the text', () => {
  const text = 'duplicate value found: Key__c duplicates value on record with id: 0035e00000AbCdE';
  const byKey = { object: 'Contact', matchField: 'Key__c', group: 'create' } as const;
  expect(toOutcome([error('DUPLICATE_VALUE', [], text)], byKey)).toMatchObject({ retryable: true });
  expect(toOutcome([error('DUPLICATE_VALUE', [], text)], creating)).toMatchObject({
    retryable: false,
    message: expect.stringContaining('Key__c, records 0035e00000AbCdE'),
  });
});
