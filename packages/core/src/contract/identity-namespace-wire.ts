import Type from 'typebox';
import { type Wire, wireChoice, wireList, wireName, wireObject } from './wire.ts';

const idType = wireChoice(
  ['COOKIE', 'CROSS_DEVICE', 'DEVICE', 'EMAIL', 'PHONE', 'NON_PEOPLE', 'PARTNER'],
  'What kind of thing an identity names. NON_PEOPLE and PARTNER identities join nobody.',
);

export const newIdentityNamespaceWire = wireObject(
  {
    code: Type.String({
      pattern: '^[A-Za-z][A-Za-z0-9_.]{0,49}$',
      description: 'Unique whatever its case, unchangeable, for example `CRMID`.',
    }),
    title: wireName('What people call it; unique whatever its case.'),
    id_type: idType,
  },
  { title: 'New identity namespace' },
);
export type NewIdentityNamespaceWire = Wire<typeof newIdentityNamespaceWire>;

export const identityNamespaceChangeWire = wireObject(
  { title: wireName('What people call it; unique whatever its case.') },
  { title: 'Change of an identity namespace' },
);

export const identityNamespaceWire = wireObject(
  {
    code: Type.String(),
    title: Type.String(),
    id_type: idType,
    standard: Type.Boolean({ description: 'Comes with Headrace and cannot be changed.' }),
    normalisation: Type.String({ description: 'How two writings of one identity are made equal.' }),
  },
  { title: 'Identity namespace' },
);
export const identityNamespaceListWire = wireList(identityNamespaceWire, 'Identity namespaces');
