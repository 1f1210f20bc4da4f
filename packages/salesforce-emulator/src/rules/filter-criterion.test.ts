import { expect, test } from 'vitest';
import type { FilterCriterion } from '../definition/assignment-rules.ts';
import { type FieldType, makeField } from '../schema/field.ts';
import { passesFilter } from './filter-criterion.ts';

const cases: readonly [FieldType, string | number | null, FilterCriterion['operation'], string, boolean][] = [
  ['string', 'Rome', 'equals', 'oslo, rome', true],
  ['string', null, 'equals', '', true],
  ['string', null, 'notEqual', 'Rome', true],
  ['string', null, 'contains', '', false],
  ['string', 'Rome', 'startsWith', 'ro', true],
  ['string', 'Rome', 'notContain', 'om', false],
  ['int', 10, 'greaterThan', '9', true],
  ['int', 10, 'equals', '10.0', true],
  ['int', null, 'lessThan', '9', false],
  ['date', '2026-02-01', 'lessOrEqual', '2026-02-01', true],
  ['boolean', 1, 'equals', 'True', true],
  ['boolean', null, 'equals', 'False', true],
];

test.each(cases)('%s %s %s %s: %s', (type, stored, operation, value, expected) => {
  expect(passesFilter(makeField('F', type), { field: 'F', operation, value }, stored)).toBe(expected);
});
