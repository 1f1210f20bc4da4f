import { expect, test } from 'vitest';
import { readStatus } from './bulk-status.ts';

const ended = (state: string, errorMessage?: string) =>
  readStatus({ state, numberRecordsProcessed: 5, numberRecordsFailed: 2, errorMessage });

test.each([
  ['Open', 'open'],
  ['UploadComplete', 'working'],
  ['InProgress', 'working'],
])('%s', (state, kind) => expect(readStatus({ state })).toEqual({ kind }));

test('a job that was worked off', () =>
  expect(ended('JobComplete')).toEqual({ kind: 'ended', processed: 5, failed: 2, error: null }));

test('a job that is not there', () => expect(readStatus(null)).toEqual({ kind: 'gone' }));

test.each([
  ['InvalidBatch : Field name not found : Secret__c', 'destination_misconfigured', 'field Secret__c'],
  ['ExceededQuota : ApiBatchItems Limit exceeded.', 'destination_rate_limited', 'ExceededQuota'],
  ['TooManyLockFailure : 003', 'destination_unavailable', 'Others were writing'],
  ['Something else: anna@example.com', 'destination_unavailable', '(Failed)'],
])('%s', (message, code, part) => {
  const status = ended('Failed', message);
  expect(status).toMatchObject({ kind: 'ended', error: { code } });
  const text = status.kind === 'ended' ? status.error?.message : '';
  expect(text).toContain(part);
  expect(text).not.toContain('anna');
});

test('what is no job is refused', () =>
  expect(() => readStatus({ state: 'Elsewhere' })).toThrow('answered something else'));
