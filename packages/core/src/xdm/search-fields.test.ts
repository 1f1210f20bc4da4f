import { expect, test } from 'vitest';
import { composeSchema } from './compose.ts';
import { boolean, integer, object, text } from './field-builders.ts';
import { type FieldGroup, standardFieldGroups } from './field-groups.ts';
import { sourceFields } from './field-sources.ts';
import { listFields } from './path.ts';
import { type FieldType, searchFields } from './search-fields.ts';

const shop: FieldGroup = {
  id: 'custom.shop',
  title: 'Shop',
  classIds: ['xdm.individual-profile'],
  properties: {
    loyalty: object('Loyalty', {
      visits: integer('Visits', { size: 'short' }),
      email: text('Preferred address'),
    }),
    emailAllowed: boolean('May be mailed'),
  },
};
const fieldGroupIds = [
  'xdm.demographic-details',
  'xdm.personal-contact-details',
  'xdm.loyalty-details',
  'custom.shop',
];
const schema = composeSchema({ classId: 'xdm.individual-profile', fieldGroupIds, custom: [shop] });
const entries = [...listFields(schema)];
const find = (search: string, type?: FieldType): string[] =>
  searchFields(entries, { search, ...(type !== undefined && { type }) }).map(({ path }) => path);

test('the likeliest comes first: the step itself, a beginning, a part, a title', () => {
  expect(find('email').slice(0, 2)).toEqual(['loyalty.email', 'emailAllowed']);
  expect(find('email')).toContain('personalEmail.address');
  expect(find('LASTNAME')).toEqual(['person.name.lastName']);
  expect(find('person.name').slice(0, 2)).toEqual(['person.name.firstName', 'person.name.middleName']);
  expect(find('last name')).toEqual(['person.name.lastName']);
  expect(find('mailed')).toEqual(['emailAllowed']);
});

test('a typing error is forgiven when nothing else is found', () => {
  expect(find('lastNmae')).toContain('person.name.lastName');
  expect(find('vists')).toContain('loyalty.visits');
  expect(find('qqqqqqqq')).toEqual([]);
});

test('by type; without one everything but objects', () => {
  expect(find('', 'object')).toContain('person.name');
  expect(find('')).not.toContain('person.name');
  expect(find('', 'short')).toEqual(['loyalty.visits']);
  expect(find('', 'integer')).toEqual(['person.birthYear', 'loyalty.visits']);
  expect(find('birth', 'date')).toEqual(['person.birthDate']);
  expect(find('birth', 'string')).toEqual(['person.birthDayAndMonth']);
});

test('each field says which schemas and field groups it comes from, and all its labels', () => {
  const people = {
    schemaId: 'people',
    classId: 'xdm.individual-profile',
    fieldGroupIds,
    labels: { loyalty: ['C4'] },
  } as const;
  const other = {
    schemaId: 'other',
    classId: 'xdm.individual-profile',
    fieldGroupIds: ['xdm.loyalty-details'],
    labels: { 'loyalty.points': ['C2'] },
  } as const;
  const sourced = sourceFields(entries, [people, other], [...standardFieldGroups, shop]);
  const of = (path: string) => sourced.find((entry) => entry.path === path);
  expect(of('loyalty')).toMatchObject({
    labels: ['C4'],
    schemaIds: ['people', 'other'],
    fieldGroupIds: ['xdm.loyalty-details', 'custom.shop'],
  });
  expect(of('loyalty.points')).toMatchObject({
    labels: ['C2', 'C4'],
    fieldGroupIds: ['xdm.loyalty-details'],
  });
  expect(of('loyalty.visits')).toMatchObject({ schemaIds: ['people'], fieldGroupIds: ['custom.shop'] });
  expect(of('personID')).toMatchObject({ labels: [], schemaIds: ['people', 'other'], fieldGroupIds: [] });
});
