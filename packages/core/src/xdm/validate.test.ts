import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { composeSchema } from './compose.ts';
import { array, boolean, integer, object, text } from './field-builders.ts';
import { standardFieldGroups } from './field-groups.ts';
import { compileRecordValidator, maxErrorsPerRecord } from './validate.ts';

const schema = composeSchema({
  classId: 'xdm.individual-profile',
  fieldGroupIds: [
    ...standardFieldGroups
      .filter(({ classIds }) => classIds.includes('xdm.individual-profile'))
      .map(({ id }) => id),
    'custom.shop',
  ],
  custom: [
    {
      id: 'custom.shop',
      title: 'Shop',
      classIds: ['xdm.individual-profile'],
      properties: {
        shop: object('Shop', {
          visits: integer('Visits', { minimum: 0 }),
          vip: boolean('VIP'),
          site: text('Site', { format: 'uri' }),
          page: text('Page', { format: 'uri-reference', minLength: 2 }),
          tags: array('Tags', text('Tag', { maxLength: 3 })),
        }),
      },
    },
  ],
});
const validate = compileRecordValidator(schema);

test('a full record fits', () => {
  expect(
    validate({
      _id: '1',
      personID: 'C-1',
      person: { name: { firstName: 'Zoë', lastName: 'Ælfric' }, birthDate: '1984-02-29', gender: 'female' },
      personalEmail: { address: 'not quite an address' },
      homeAddress: { country: 'Österreich', countryCode: 'AT', stateProvince: 'AT-9' },
      loyalty: { points: 12.5, joinDate: '2020-01-01T00:00:00.5+02:00', loyaltyID: ['a'] },
      consents: {
        marketing: { preferred: 'phyMail', email: { val: 'n', time: '2024-05-06T07:08:09Z' } },
        idSpecific: { Email: { 'a@example.com': { marketing: { email: { val: 'y' } } } } },
      },
      identityMap: { CRMID: [{ id: '1', primary: true, authenticatedState: 'authenticated' }] },
      shop: { visits: 3, vip: true, site: 'https://example.com/', tags: ['abc'] },
    }),
  ).toEqual([]);
});

test.each<[string, unknown, string, string, string]>([
  ['no object', [], '', 'type', 'Expected an object; found a list.'],
  ['null instead of a record', null, '', 'type', 'Expected an object; found null.'],
  ['null', { homeAddress: null }, '/homeAddress', 'null', 'Found null. Omit the key when there is no value.'],
  [
    'empty text',
    { person: { gender: '' } },
    '/person/gender',
    'empty',
    'Found empty text. Omit the key when there is no value.',
  ],
  [
    'text for a number',
    { loyalty: { points: '7' } },
    '/loyalty/points',
    'type',
    'Expected a number; found text.',
  ],
  [
    'a fraction for a whole number',
    { shop: { visits: 1.5 } },
    '/shop/visits',
    'type',
    'Expected a whole number; found a number.',
  ],
  [
    'a number below the least',
    { shop: { visits: -1 } },
    '/shop/visits',
    'minimum',
    'Expected at least 0; found a whole number that is not.',
  ],
  [
    'a number no double holds exactly',
    { shop: { visits: 2 ** 60 } },
    '/shop/visits',
    'maximum',
    'Expected at most 9007199254740991; found a whole number that is not.',
  ],
  [
    'a day that does not exist',
    { person: { birthDate: '2023-02-29' } },
    '/person/birthDate',
    'format',
    'Expected a day that exists, written YYYY-MM-DD; found text that is not.',
  ],
  [
    'long text in a list',
    { shop: { tags: ['a', 'abcd'] } },
    '/shop/tags/1',
    'maxLength',
    'Expected text of at most 3 characters; found text that is not.',
  ],
  [
    'text that is too short',
    { shop: { page: '/' } },
    '/shop/page',
    'minLength',
    'Expected text of at least 2 characters; found text that is not.',
  ],
  [
    'a missing required key',
    { consents: { marketing: { email: {} } } },
    '/consents/marketing/email/val',
    'required',
    '"val" is required and missing.',
  ],
  [
    'a mistyped key',
    { person: { nmae: {} } },
    '/person/nmae',
    'additionalProperties',
    '"nmae" is no field of the schema here. Did you mean "name"?',
  ],
  [
    'a key that belongs elsewhere',
    { lastName: 'x' },
    '/lastName',
    'additionalProperties',
    '"lastName" is no field of the schema here. Did you mean "person.name.lastName"?',
  ],
  [
    'what only Headrace writes',
    { segmentMembership: { ups: { 'not an id': { status: 'odd', x: 1 } } } },
    '/segmentMembership',
    'readOnly',
    '"segmentMembership" is written by Headrace only. Leave it out of the record.',
  ],
  [
    'NUL',
    { personID: 'a\0b' },
    '/personID',
    'unicode',
    'Found text with NUL or half a character (unpaired surrogate). Remove it.',
  ],
])('promise 11: %s is refused', (_, record, pointer, keyword, message) => {
  expect(validate(record)).toEqual([{ pointer, keyword, message }]);
});

test('promise 9: errors name no value and no key that may be one', () => {
  const secret = 'jane.doe@example.com';
  const errors = validate({
    [secret]: 1,
    person: { birthDate: secret, gender: secret },
    consents: { idSpecific: { Email: { [secret]: { collect: { val: secret } } } } },
    identityMap: { Email: [{ id: secret, primary: secret }] },
  });
  expect(errors.map(({ pointer }) => pointer)).toContain('/consents/idSpecific/Email/*/collect/val');
  expect(errors).toHaveLength(5);
  expect(JSON.stringify(errors)).not.toContain('jane');
});

describe('hostile input', () => {
  test.each(['__proto__', 'constructor', 'prototype'])('the key %s is refused anywhere', (key) => {
    for (const json of [
      `{"${key}":{"polluted":true}}`,
      `{"identityMap":{"${key}":[{"id":"1"}]}}`,
      `{"shop":{"${key}":1}}`,
    ])
      expect(validate(JSON.parse(json))).toEqual([expect.objectContaining({ keyword: 'unsafeKey' })]);
    expect({}).not.toHaveProperty('polluted');
  });

  test('deep nesting, huge text and huge lists end in one error each', () => {
    let deep: unknown = {};
    for (let level = 0; level < 100_000; level++) deep = { identityMap: deep };
    expect(validate(deep)).toMatchObject([{ keyword: 'maxDepth' }]);
    expect(validate({ personID: 'x'.repeat(10_000_000) })).toMatchObject([{ keyword: 'maxLength' }]);
    expect(validate({ shop: { tags: Array(1_000_000).fill(1) } })).toMatchObject([{ keyword: 'maxValues' }]);
  });

  test('no more than the stated number of errors', () => {
    expect(validate({ shop: { tags: Array(5_000).fill(1) } })).toHaveLength(maxErrorsPerRecord);
    expect(validate({ shop: { tags: Array(5_000).fill(null) } })).toHaveLength(maxErrorsPerRecord);
  });

  test('an address that regular expressions stumble over is answered at once', () => {
    const startedAt = performance.now();
    validate({ shop: { site: `http://${'a:'.repeat(30_000)}` } });
    validate({ shop: { site: `http://${'%'.repeat(60_000)}` } });
    validate({ shop: { page: `//${'a:'.repeat(30_000)}` } });
    validate({ shop: { page: `${'a/'.repeat(30_000)} ` } });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  test('anything JSON is answered without throwing, and what fits is what the schema says', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (json) => {
        const record: unknown = JSON.parse(json);
        const isEmptyObject =
          typeof record === 'object' &&
          record !== null &&
          !Array.isArray(record) &&
          Object.keys(record).length === 0;
        expect(validate(record).length === 0).toBe(isEmptyObject);
      }),
      { numRuns: 300 },
    );
  });
});

test('a faulty regular expression in a custom field is the fault of the schema', () => {
  expect(() => compileRecordValidator(object('Odd', { code: text('Code', { pattern: '(' }) }))).toThrow(
    /The schema "Odd" cannot be used for validation/,
  );
});
