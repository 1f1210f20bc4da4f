import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeadraceError } from '../errors/headrace-error.ts';
import { composeSchema } from './compose.ts';
import { compileCsvMapping } from './csv-mapping.ts';
import { bindCsvHeader, mapRow } from './csv-row.ts';
import { boolean, object } from './field-builders.ts';
import { compileRecordValidator } from './validate.ts';

const profile = composeSchema({
  classId: 'xdm.individual-profile',
  fieldGroupIds: [
    'xdm.demographic-details',
    'xdm.personal-contact-details',
    'xdm.consent-and-preference-details',
    'xdm.identity-map',
    'xdm.loyalty-details',
    'shop',
  ],
  custom: [
    {
      id: 'shop',
      title: 'Shop',
      classIds: ['xdm.individual-profile'],
      properties: { shop: object('Shop', { vip: boolean('VIP') }) },
    },
  ],
});

const columns = {
  id: ['identityMap.CRMID[0].id', 'personID'],
  email: ['personalEmail.address'],
  born: 'person.birthDate',
  year: 'person.birthYear',
  points: 'loyalty.points',
  joined: 'loyalty.joinDate',
  vip: 'shop.vip',
  consent: { path: 'consents.marketing.email.val', values: { yes: 'y', no: 'n', '?': null } },
};
const header = Object.keys(columns);
const bound = bindCsvHeader(
  compileCsvMapping({ columns, constants: { 'identityMap.CRMID[0].primary': true } }, profile),
  header,
);
const cells = (given: Record<string, string>): string[] => header.map((name) => given[name] ?? '');

const refusal = (attempt: () => unknown): readonly string[] => {
  try {
    attempt();
  } catch (error) {
    if (error instanceof HeadraceError) return error.details.map(({ message }) => message);
    throw error;
  }
  throw new Error('accepted');
};

test('a row becomes a typed record that fits the schema', () => {
  const { record, errors } = mapRow(
    bound,
    cells({
      id: ' C-1 ',
      email: 'a@example.com',
      born: '1990-12-31',
      year: '1990',
      points: '12.50',
      joined: '2020-01-01T00:00:00Z',
      vip: 'No',
      consent: 'yes',
    }),
  );
  expect(errors).toEqual([]);
  expect(record).toEqual({
    identityMap: { CRMID: [{ id: 'C-1', primary: true }] },
    personID: 'C-1',
    personalEmail: { address: 'a@example.com' },
    person: { birthDate: '1990-12-31', birthYear: 1990 },
    loyalty: { points: 12.5, joinDate: '2020-01-01T00:00:00Z' },
    shop: { vip: false },
    consents: { marketing: { email: { val: 'y' } } },
  });
  expect(compileRecordValidator(profile)(record)).toEqual([]);
});

test('blank cells and cells that mean nothing leave no trace, nor does a constant beside them', () => {
  expect(mapRow(bound, cells({ email: '  ', consent: '?' }))).toEqual({ record: {}, errors: [] });
});

test('cells that do not fit are named by column, without their text', () => {
  const { record, errors } = mapRow(
    bound,
    cells({
      email: 'a@example.com',
      born: '31.12.1990',
      year: '19,90',
      points: '1.000,5',
      joined: '2020-01-01',
      vip: 'x',
      consent: 'maybe',
    }),
  );
  expect(record).toEqual({ personalEmail: { address: 'a@example.com' } });
  expect(errors.map(({ pointer, keyword }) => [pointer, keyword])).toEqual([
    ['/person/birthDate', 'format'],
    ['/person/birthYear', 'type'],
    ['/loyalty/points', 'type'],
    ['/loyalty/joinDate', 'format'],
    ['/shop/vip', 'type'],
    ['/consents/marketing/email/val', 'enum'],
  ]);
  expect(errors[0]?.message).toBe(
    'Column "born": expected a day that exists, written YYYY-MM-DD; found other text.',
  );
});

test('a ragged row is refused whole', () => {
  expect(mapRow(bound, ['only one'])).toEqual({
    record: {},
    errors: [
      { keyword: 'columns', message: 'The row has 1 cells, the header 8. Check its quotes and commas.' },
    ],
  });
});

test('lists close up when an earlier place is blank', () => {
  const mapping = compileCsvMapping(
    { columns: { a: 'loyalty.loyaltyID[0]', b: 'loyalty.loyaltyID[2]', c: 'loyalty.loyaltyID[1]' } },
    profile,
  );
  expect(mapRow(bindCsvHeader(mapping, ['a', 'b', 'c']), ['', '3', '2']).record).toEqual({
    loyalty: { loyaltyID: ['2', '3'] },
  });
});

test('any cells give a record whose only faults are in its text', () => {
  const validate = compileRecordValidator(profile);
  const cell = fc.oneof(
    fc.string(),
    fc.constantFrom('', '1', '-0', '1e999', 'y', '2024-02-29', '1'.repeat(20)),
  );
  fc.assert(
    fc.property(fc.array(cell, { minLength: header.length, maxLength: header.length }), (row) => {
      const keywords = validate(mapRow(bound, row).record).map(({ keyword }) => keyword);
      for (const keyword of keywords)
        expect(['unicode', 'minimum', 'maximum', 'maxLength']).toContain(keyword);
    }),
    { numRuns: 300 },
  );
});

describe('a faulty mapping', () => {
  test('is refused with every fault', () => {
    expect(
      refusal(() =>
        compileCsvMapping(
          {
            columns: {
              a: 'personalEmail.adress',
              b: 'homeAddress',
              c: 'person.name.firstName',
              d: 'person.name.firstName',
              e: '__proto__.polluted',
              f: 'identityMap.constructor[0].id',
              g: 'identityMap.CRMID.id',
              h: { path: 'consents.marketing.email.val', values: { ja: 'yes' } },
              i: 'firstName',
              j: 'loyalty.loyaltyID[1]',
              k: 'loyalty.loyaltyID[01]',
            },
            constants: { 'loyalty.points': '12' },
          },
          profile,
        ),
      ),
    ).toEqual([
      'The column "a" goes to "personalEmail.adress", which the schema does not have. Did you mean "personalEmail.address"?',
      'The column "b" goes to "homeAddress", which is of type object, not a single value.',
      'The column "d" goes to "person.name.firstName", as does the column "c".',
      'The column "e" goes to "__proto__.polluted", which the schema does not have.',
      expect.stringContaining('"identityMap.constructor[0].id", which the schema does not have.'),
      expect.stringContaining('"identityMap.CRMID.id", which the schema does not have.'),
      'The column "h" gives a cell a meaning that consents.marketing.email.val does not take.',
      'The column "i" goes to "firstName", which the schema does not have. Did you mean "person.name.firstName"?',
      'The column "k" goes to "loyalty.loyaltyID[01]", as does the column "j".',
      'The constant for loyalty.points is not a value that field takes.',
    ]);
  });

  test.each([
    [null],
    [[]],
    [{}],
    [{ columns: {} }],
    [{ columns: { a: 1 } }],
    [{ columns: { a: 'personID' }, x: 1 }],
  ])('%j is no mapping', (definition) =>
    expect(refusal(() => compileCsvMapping(definition, profile))).not.toEqual([]),
  );
});

test('a header that lacks or repeats mapped columns is refused; unmapped ones are named', () => {
  const mapping = compileCsvMapping({ columns: { email: 'personalEmail.address', id: 'personID' } }, profile);
  expect(refusal(() => bindCsvHeader(mapping, ['emial', 'id', 'id']))).toEqual([
    'The file has no column "email", which the mapping uses. It has "emial".',
    'The file has the column "id" twice.',
  ]);
  expect(bindCsvHeader(mapping, ['\uFEFFid', ' email ', 'note']).unmapped).toEqual(['note']);
});
