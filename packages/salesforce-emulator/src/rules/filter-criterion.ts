import type { FilterCriterion } from '../definition/assignment-rules.ts';
import type { FieldDefinition, StoredValue } from '../schema/field.ts';

const numeric: ReadonlySet<FieldDefinition['type']> = new Set(['int', 'double', 'currency', 'percent']);

/**
 * Whether a stored value passes a filter as Salesforce's list of criteria has them: text without regard to case,
 * several values with commas between them, nothing for blank, `True` and `False` for check boxes.
 */
export function passesFilter(
  field: FieldDefinition,
  { operation, value }: FilterCriterion,
  stored: StoredValue,
): boolean {
  const wanted = value.split(',').map((each) => each.trim().toLowerCase());
  const text = shownText(field, stored);
  const isEqual = (each: string): boolean =>
    numeric.has(field.type) && each !== '' && stored !== null ? Number(each) === stored : each === text;
  switch (operation) {
    case 'equals':
      return wanted.some(isEqual);
    case 'notEqual':
      return !wanted.some(isEqual);
    case 'contains':
      return text !== '' && wanted.some((each) => text.includes(each));
    case 'notContain':
      return !wanted.some((each) => text.includes(each));
    case 'startsWith':
      return text !== '' && wanted.some((each) => text.startsWith(each));
    default:
      return text !== '' && wanted.some((each) => compares(operation, order(field, text, each)));
  }
}

const shownText = (field: FieldDefinition, stored: StoredValue): string => {
  if (field.type === 'boolean') return stored === 1 ? 'true' : 'false';
  if (field.type === 'datetime' && typeof stored === 'number')
    return new Date(stored).toISOString().toLowerCase();
  return stored === null ? '' : String(stored).toLowerCase();
};

const order = (field: FieldDefinition, left: string, right: string): number =>
  numeric.has(field.type) ? Number(left) - Number(right) : left < right ? -1 : left > right ? 1 : 0;

function compares(
  operation: 'lessThan' | 'greaterThan' | 'lessOrEqual' | 'greaterOrEqual',
  difference: number,
): boolean {
  switch (operation) {
    case 'lessThan':
      return difference < 0;
    case 'greaterThan':
      return difference > 0;
    case 'lessOrEqual':
      return difference <= 0;
    case 'greaterOrEqual':
      return difference >= 0;
  }
}
