import { expect, test } from 'vitest';
import type { IdentityNamespace } from '../identity/namespaces.ts';
import { composeSchema } from './compose.ts';
import { checkDescriptorEvolution, checkIdentityDescriptors } from './identity-descriptor.ts';

const schema = composeSchema({
  classId: 'xdm.individual-profile',
  fieldGroupIds: ['xdm.personal-contact-details', 'xdm.loyalty-details', 'xdm.identity-map'],
});
const custom: readonly IdentityNamespace[] = [
  { code: 'CRMID', title: 'CRM', idType: 'CROSS_DEVICE' },
  { code: 'Store', title: 'Store', idType: 'NON_PEOPLE' },
];

test('text fields can be identities, one of them primary', () => {
  expect(
    checkIdentityDescriptors(
      schema,
      [
        { path: 'personID', namespace: 'CRMID', primary: true },
        { path: 'personalEmail.address', namespace: 'Email', primary: false },
        { path: 'loyalty.program', namespace: 'store', primary: false },
      ],
      custom,
    ),
  ).toEqual([]);
});

test('every faulty descriptor is named', () => {
  expect(
    checkIdentityDescriptors(
      schema,
      [
        { path: 'personalEmail.adress', namespace: 'Emial', primary: true },
        { path: 'loyalty.points', namespace: 'CRMID', primary: false },
        { path: 'personID', namespace: 'CRMID', primary: true },
        { path: 'personID', namespace: 'CRMID', primary: false },
        { path: 'identityMap.CRMID.id', namespace: 'CRMID', primary: false },
        { path: 'loyalty.pointsExpiration.pointsExpiring', namespace: 'CRMID', primary: false },
      ],
      custom,
    ),
  ).toEqual([
    {
      pointer: '/0/path',
      message: 'The schema has no field "personalEmail.adress". Did you mean "personalEmail.address"?',
    },
    {
      pointer: '/0/namespace',
      message: 'There is no identity namespace "Emial". Did you mean "Email"?',
    },
    { pointer: '/1/path', message: '"loyalty.points" is number; an identity has to be a text field.' },
    {
      pointer: '/2/primary',
      message: 'Only one identity can be primary, and "personalEmail.adress" is already.',
    },
    { pointer: '/3/path', message: '"personID" is an identity already.' },
    { pointer: '/4/path', message: expect.stringContaining('in a map, "identityMap"') },
    { pointer: '/5/path', message: expect.stringContaining('in a list, "loyalty.pointsExpiration"') },
  ]);
});

test('what stands for nobody cannot be primary', () => {
  expect(
    checkIdentityDescriptors(schema, [{ path: 'personID', namespace: 'Store', primary: true }], custom),
  ).toEqual([{ pointer: '/0/primary', message: expect.stringContaining('Store (NON_PEOPLE)') }]);
});

test('once there are records, identities are only added, and none that is primary', () => {
  const crm = { path: 'personID', namespace: 'CRMID', primary: true };
  const mail = { path: 'personalEmail.address', namespace: 'Email', primary: false };
  const change = (before: (typeof crm)[], after: (typeof crm)[], hasRecords = true) =>
    checkDescriptorEvolution(before, after, { hasRecords }).map(
      ({ pointer, message }) => `${pointer} ${message}`,
    );
  expect(change([crm], [mail, crm])).toEqual([]);
  expect(change([crm, mail], [{ ...mail, primary: true }], false)).toEqual([]);
  expect(change([crm, mail], [crm])).toEqual([
    expect.stringContaining('"personalEmail.address" (Email) is an'),
  ]);
  expect(change([crm], [{ ...crm, namespace: 'Email' }])).toEqual([
    expect.stringContaining('the primary identity'),
  ]);
  expect(change([mail], [mail, crm])).toEqual([
    expect.stringContaining('/1/primary Records were ingested already'),
  ]);
  expect(change([mail], [{ ...mail, primary: true }])).toEqual([
    expect.stringContaining('is an identity of records'),
    expect.stringContaining('/0/primary'),
  ]);
});
