import { maxRecordsPerRequest } from '@headrace/core';
import { expect, test } from 'vitest';
import { readRecordsBody } from './record-bodies.ts';

const datasetId = '5f9e6d8c-0000-4000-8000-000000000001';
const read = (body: object) => readRecordsBody(body, datasetId);
const details = (body: object) => {
  try {
    read(body);
  } catch (error) {
    return error;
  }
  return undefined;
};

test('one record, several, one message, several messages', () => {
  const record = { personID: '1' };
  const message = { header: { datasetId, schemaRef: {} }, body: { xdmMeta: {}, xdmEntity: record } };
  expect(read(record)).toEqual([{ pointer: '', record }]);
  expect(read({ records: [record] })).toEqual([{ pointer: '/records/0', record }]);
  expect(read(message)).toEqual([{ pointer: '/body/xdmEntity', record }]);
  expect(read({ messages: [{ body: { xdmEntity: record } }, message] })).toEqual([
    { pointer: '/messages/0/body/xdmEntity', record },
    { pointer: '/messages/1/body/xdmEntity', record },
  ]);
});

test('a record with a field of its own named body is a record', () => {
  const record = { personID: '1', body: { height: 180 } };
  expect(read(record)).toEqual([{ pointer: '', record }]);
});

test('what is no list of records says where', () => {
  const bad = [
    [{ records: 1 }, '/records'],
    [{ records: [], x: 1 }, '/records'],
    [{ records: [] }, '/records'],
    [{ messages: Array(maxRecordsPerRequest + 1).fill({ body: { xdmEntity: {} } }) }, '/messages'],
    [{ messages: [{ body: { xdmEntity: {} } }, { body: {} }] }, '/messages/1/body/xdmEntity'],
    [{ messages: [null] }, '/messages/0/body/xdmEntity'],
    [{ header: { datasetId: 'other' }, body: { xdmEntity: {} } }, '/header/datasetId'],
    [
      { messages: [{ header: { datasetId: 'other' }, body: { xdmEntity: {} } }] },
      '/messages/0/header/datasetId',
    ],
  ] as const;
  for (const [body, pointer] of bad)
    expect(details(body)).toMatchObject({ code: 'invalid_input', details: [{ pointer }] });
});
