import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeadraceError } from '../errors/headrace-error.ts';
import { composeSchema } from '../xdm/compose.ts';
import type { JsonObject, XdmObject } from '../xdm/field.ts';
import { array, boolean, date, dateTime, number, object, text } from '../xdm/field-builders.ts';
import { compileSegmentRule } from './compile-segment-rule.ts';

const base = composeSchema({ classId: 'xdm.individual-profile', fieldGroupIds: ['xdm.demographic-details'] });
const schema: XdmObject = {
  ...base,
  properties: {
    ...base.properties,
    t: text('Text'),
    u: text('Other text'),
    n: number('Number'),
    m: number('Other number'),
    b: boolean('Flag'),
    day: date('Day'),
    at: dateTime('Instant'),
    tier: text('Tier', { enum: ['gold', 'silver'] }),
    tags: array('Tags', text('Tag')),
    visits: array('Visits', dateTime('Visit')),
    address: object('Address', { city: text('City'), in: text('In') }),
    orders: array('Orders', object('Order', { price: number('Price') })),
  },
};

const run = (rule: string, document: JsonObject): boolean =>
  compileSegmentRule(rule, schema).evaluate(document);

const refused = (rule: string): HeadraceError => {
  try {
    compileSegmentRule(rule, schema);
  } catch (error) {
    if (error instanceof HeadraceError) return error;
    throw error;
  }
  throw new Error(`The rule was accepted: ${rule}`);
};
