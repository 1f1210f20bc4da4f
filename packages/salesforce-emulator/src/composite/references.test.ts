import { expect, test } from 'vitest';
import { type Referable, referencesIn, resolveBody, resolveUrl } from './references.ts';

const answered = (body: unknown, isRow = true): Referable => ({ body, isFailed: false, isRow });
const earlier = new Map<string, Referable>([
  [
    'Acc',
    answered({ id: '001A', Name: 'A & B', Count: 7, Open: false, Site: null, Parts: { city: 'Rome' } }),
  ],
  ['Found', answered({ records: [{ Id: '003A', Site: null }] }, false)],
  ['Many', answered([{ id: '003B', success: true }, { success: false }])],
  ['Bad', { body: [{ errorCode: 'X' }], isFailed: true, isRow: true }],
]);

test('a reference that is the whole text keeps its type; inside a text it becomes text', () => {
  const body = {
    AccountId: '@{Acc.id}',
    Count__c: '@{Acc.Count}',
    Open__c: '@{Acc.Open}',
    list: ['@{Found.records[0].Id}', '@{Many[0].id}', '@{Acc.Parts.city}'],
    Description: 'for @{Acc.Name}: @{Acc.Count}',
    Plain: 'a@{b',
  };
  expect(resolveBody(body, earlier, true)).toEqual({
    value: {
      AccountId: '001A',
      Count__c: 7,
      Open__c: false,
      list: ['003A', '003B', 'Rome'],
      Description: 'for A & B: 7',
      Plain: 'a@{b',
    },
  });
  expect(resolveUrl('/x/@{Acc.id}?q=@{Acc.Name}', earlier, true)).toEqual({ value: '/x/001A?q=A%20%26%20B' });
});

test('what has no single value is missing', () => {
  const names = [
    'Acc.Id',
    'acc.id',
    'Acc',
    'Acc.Parts',
    'Found.records[1].Id',
    'Found.records.0.Id.x',
    'Many[1].id',
  ];
  const others = [
    'Bad[0].errorCode',
    'Later.id',
    '',
    'hello world',
    '__proto__.x',
    'Acc.constructor',
    'Acc.toString',
  ];
  for (const name of [...names, ...others, 'Acc.__proto__', 'Many.length', 'Many[99999999999].id']) {
    expect(resolveBody({ a: [`@{${name}}`] }, earlier, true), name).toEqual({ missing: name });
    expect(resolveUrl(`/x/@{${name}}`, earlier, true), name).toEqual({ missing: name });
  }
});

test('a null can be referred to in a row, from version 52.0 on', () => {
  expect(resolveBody({ Site: '@{Acc.Site}', Text: 'a@{Acc.Site}b' }, earlier, true)).toEqual({
    value: { Site: null, Text: 'ab' },
  });
  expect(resolveBody({ Site: '@{Acc.Site}' }, earlier, false)).toEqual({ missing: 'Acc.Site' });
  expect(resolveBody('@{Found.records[0].Site}', earlier, true)).toEqual({
    missing: 'Found.records[0].Site',
  });
});

test('keys of a body stay as they are, whatever they are called', () => {
  const body = JSON.parse('{"__proto__":"@{Acc.id}","@{Acc.id}":1}');
  expect(JSON.stringify(resolveBody(body, earlier, true))).toBe(
    '{"value":{"__proto__":"001A","@{Acc.id}":1}}',
  );
});

test('references cannot blow up a request', () => {
  const long = new Map([['a', answered({ text: 'x'.repeat(32_000) })]]);
  const body = { Description: '@{a.text}'.repeat(100_000) };
  expect(() => resolveBody(body, long, true)).toThrow(/more than 5000000 characters/);
  expect(() => resolveUrl(body.Description, long, true)).toThrow(/more than 5000000 characters/);
  expect(resolveBody({ Description: '@{a.text}'.repeat(100) }, long, true)).toHaveProperty('value');
});

test('the references of a value, wherever they stand, each once', () => {
  const body = { a: ['@{Acc.id}', { b: 'x @{Con.records[0].Id} @{Acc.Name}' }], c: 7, d: null };
  expect([...referencesIn(body)]).toEqual(['Acc', 'Con']);
  expect(referencesIn('@{a.id}'.repeat(500_000)).size).toBe(1);
});
