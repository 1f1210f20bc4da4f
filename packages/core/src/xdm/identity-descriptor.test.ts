import { expect, test } from 'vitest';
import { composeSchema } from './compose.ts';
import { checkIdentityDescriptors } from './identity-descriptor.ts';

const schema = composeSchema({
  classId: 'xdm.individual-profile',
  fieldGroupIds: ['xdm.personal-contact-details', 'xdm.loyalty-details'],
});

test('text fields can be identities, one of them primary', () => {
  expect(
    checkIdentityDescriptors(schema, [
      { path: 'personID', namespace: 'CRMID', primary: true },
      { path: 'personalEmail.address', namespace: 'Email', primary: false },
    ]),
  ).toEqual([]);
});

test('every faulty descriptor is named', () => {
  expect(
    checkIdentityDescriptors(schema, [
      { path: 'personalEmail.adress', namespace: 'Email', primary: true },
      { path: 'loyalty.points', namespace: 'Points', primary: false },
      { path: 'personID', namespace: 'CRMID', primary: true },
      { path: 'personID', namespace: 'CRMID', primary: false },
    ]),
  ).toEqual([
    {
      pointer: '/0/path',
      message: 'The schema has no field "personalEmail.adress". Did you mean "personalEmail.address"?',
    },
    { pointer: '/1/path', message: '"loyalty.points" is number; an identity has to be a text field.' },
    {
      pointer: '/2/primary',
      message: 'Only one identity can be primary, and "personalEmail.adress" is already.',
    },
    { pointer: '/3/path', message: '"personID" is an identity already.' },
  ]);
});
