import { expect, test } from 'vitest';
import { HeadraceError } from '../errors/headrace-error.ts';
import { composeSchema, type SchemaParts } from './compose.ts';
import { object, text } from './field-builders.ts';
import { type FieldGroup, standardFieldGroups } from './field-groups.ts';
import { fieldAt, listFields, parseXdmPath } from './path.ts';

const idsFor = (classId: SchemaParts['classId']): string[] =>
  standardFieldGroups.filter(({ classIds }) => classIds.includes(classId)).map(({ id }) => id);

const custom = (properties: FieldGroup['properties']): FieldGroup => ({
  id: 'custom.shop',
  title: 'Shop',
  classIds: ['xdm.individual-profile'],
  properties,
});

const refusal = (parts: SchemaParts): HeadraceError => {
  try {
    composeSchema(parts);
  } catch (error) {
    if (error instanceof HeadraceError) return error;
    throw error;
  }
  throw new Error('composeSchema accepted it');
};

test.each([
  ['xdm.individual-profile', 'person.name.lastName'],
  ['xdm.individual-profile', 'personalEmail.address'],
  ['xdm.individual-profile', 'mobilePhone.number'],
  ['xdm.individual-profile', 'homeAddress.postalCode'],
  ['xdm.individual-profile', 'workAddress.countryCode'],
  ['xdm.individual-profile', 'b2b.companyName'],
  ['xdm.individual-profile', 'consents.marketing.commercialEmail.reason'],
  ['xdm.individual-profile', 'consents.idSpecific.Email.someone.marketing.email.val'],
  ['xdm.individual-profile', 'consents.marketing.email.subscriptions.weekly.subscribers.someone.time'],
  ['xdm.individual-profile', 'loyalty.tierUpgradeDate'],
  ['xdm.individual-profile', 'identityMap.CRMID'],
  ['xdm.experience-event', 'commerce.order.priceTotal'],
  ['xdm.experience-event', 'commerce.purchases.value'],
  ['xdm.experience-event', 'productListItems'],
] as const)('a schema of %s with all its groups has %s', (classId, path) => {
  const schema = composeSchema({ classId, fieldGroupIds: idsFor(classId) });
  expect(fieldAt(schema, parseXdmPath(path))).toBeDefined();
});

test('an event requires its id and time, a profile nothing', () => {
  expect(composeSchema({ classId: 'xdm.experience-event', fieldGroupIds: [] }).required).toEqual([
    '_id',
    'timestamp',
  ]);
  expect(composeSchema({ classId: 'xdm.individual-profile', fieldGroupIds: [] }).required).toBeUndefined();
});

test('custom fields join the objects of standard groups', () => {
  const schema = composeSchema({
    classId: 'xdm.individual-profile',
    fieldGroupIds: ['xdm.loyalty-details', 'custom.shop'],
    custom: [custom({ loyalty: object('Loyalty', { shop: text('Shop'), tier: text('Level') }, ['tier']) })],
  });
  const paths = [...listFields(schema)].map(({ path }) => path);
  expect(paths).toContain('loyalty.shop');
  expect(paths).toContain('loyalty.points');
  expect(fieldAt(schema, ['loyalty'])).toMatchObject({ required: ['tier'] });
  expect(fieldAt(schema, ['loyalty', 'tier'])?.title).toBe('Tier');
});

test('the same group twice changes nothing', () => {
  const once = composeSchema({ classId: 'xdm.individual-profile', fieldGroupIds: ['xdm.loyalty-details'] });
  const twice = composeSchema({
    classId: 'xdm.individual-profile',
    fieldGroupIds: ['xdm.loyalty-details', 'xdm.loyalty-details'],
  });
  expect(twice).toEqual(once);
});

test('every reason against a schema is named at once', () => {
  const error = refusal({
    classId: 'xdm.individual-profile',
    fieldGroupIds: ['xdm.loyalty-detail', 'xdm.commerce-details', 'xdm.loyalty-details', 'custom.shop'],
    custom: [
      custom({
        loyalty: object('Loyalty', { points: text('Points'), tier: text('Tier', { maxLength: 5 }) }),
        'shop name': text('Shop name'),
        constructor: text('Trap'),
      }),
    ],
  });
  expect(error.code).toBe('invalid_input');
  expect(error.details.map(({ message }) => message)).toEqual([
    'There is no field group "xdm.loyalty-detail". Did you mean "xdm.loyalty-details"?',
    'The field group "Commerce Details" does not go with XDM Individual Profile.',
    expect.stringContaining('"shop name" is not allowed'),
    expect.stringContaining('"constructor" is not allowed'),
    'The field group "Shop" defines loyalty.points as string, but "Loyalty Details" defines it as number. Rename the field or leave one group out.',
    'The field group "Shop" defines loyalty.tier with other rules than "Loyalty Details" does (string). Rename the field or leave one group out.',
  ]);
});

test('a schema has a bounded number of fields', () => {
  const many = Object.fromEntries(Array.from({ length: 5_001 }, (_, index) => [`f${index}`, text('F')]));
  const error = refusal({
    classId: 'xdm.individual-profile',
    fieldGroupIds: ['custom.shop'],
    custom: [custom(many)],
  });
  expect(error.message).toContain('at most 5000');
});
