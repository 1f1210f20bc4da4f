import type { JsonObject, XdmObject, XdmString } from '../xdm/field.ts';
import { clockAt, type RuleSchema, type SegmentRule, subjectOf } from './segment-rule.ts';

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

const number = (title: string) => ({ type: 'number', title }) as const;

/** What rules of tests may name. Events are in the shape of the XDM commerce field group. */
export const sampleRules: RuleSchema = {
  profile: sampleSchema,
  event: {
    type: 'object',
    title: 'Event',
    properties: {
      _id: text('Event id'),
      timestamp: { type: 'string', format: 'date-time', title: 'Timestamp' },
      eventType: text('Event type'),
      channel: text('Channel'),
      commerce: {
        type: 'object',
        title: 'Commerce',
        properties: {
          order: {
            type: 'object',
            title: 'Order',
            properties: { priceTotal: number('Price total'), purchaseID: text('Purchase id') },
          },
        },
      },
      productListItems: {
        type: 'array',
        title: 'Product list items',
        items: {
          type: 'object',
          title: 'Product',
          properties: {
            SKU: text('SKU'),
            name: text('Name'),
            priceTotal: number('Price'),
            quantity: { type: 'integer', title: 'Quantity' },
          },
        },
      },
    },
  },
};

/** Whether a profile without events is a member now. */
export const holds = (rule: SegmentRule, document: JsonObject): boolean =>
  rule.evaluate(subjectOf(document), clockAt(new Date()));
