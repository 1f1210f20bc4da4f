import type { XdmObject, XdmString } from '../xdm/field.ts';

const text = (title: string): XdmString => ({ type: 'string', title });

/** The profile the tests of this folder write rules for, in the shape of the XDM field groups. */
export const sampleSchema: XdmObject = {
  type: 'object',
  title: 'Profile',
  properties: {
    person: {
      type: 'object',
      title: 'Person',
      properties: {
        name: {
          type: 'object',
          title: 'Name',
          properties: { firstName: text('First name'), lastName: text('Last name') },
        },
        birthDate: { type: 'string', format: 'date', title: 'Birth date' },
        gender: { type: 'string', title: 'Gender', enum: ['female', 'male', 'not_specified'] },
        count: { type: 'integer', title: 'Household size' },
      },
    },
    homeAddress: {
      type: 'object',
      title: 'Home address',
      properties: { city: text('City'), country: text('Country'), in: text('Care of') },
    },
    loyalty: {
      type: 'object',
      title: 'Loyalty',
      properties: {
        tier: { type: 'string', title: 'Tier', enum: ['bronze', 'silver', 'gold'] },
        points: { type: 'number', title: 'Points' },
        joined: { type: 'string', format: 'date-time', title: 'Joined' },
        active: { type: 'boolean', title: 'Active' },
      },
    },
    interests: { type: 'array', title: 'Interests', items: text('Interest') },
    scores: { type: 'array', title: 'Scores', items: { type: 'number', title: 'Score' } },
    visits: {
      type: 'array',
      title: 'Visits',
      items: { type: 'string', format: 'date', title: 'Visit' },
    },
    organizations: {
      type: 'array',
      title: 'Organizations',
      items: { type: 'object', title: 'Organization', properties: { name: text('Name') } },
    },
    labels: { type: 'map', title: 'Labels', values: text('Label') },
    identityMap: {
      type: 'map',
      title: 'Identities',
      values: {
        type: 'array',
        title: 'Identities of a namespace',
        items: { type: 'object', title: 'Identity', properties: { id: text('Id') } },
      },
    },
  },
};
