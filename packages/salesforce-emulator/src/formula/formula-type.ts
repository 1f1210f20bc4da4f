/**
 * Types of the formula language. `null` is the type of the word NULL alone and fits every other one. An id is
 * text of 15 characters, as formulas see ids. Picklists have no value of their own: only some functions take them.
 */
export type FormulaType =
  | 'text'
  | 'number'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'picklist'
  | 'multipicklist'
  | 'id'
  | 'null';

/** What a field can be. `percent` is a number that formulas see divided by 100: 50 % is 0.5. */
export type FormulaFieldType = Exclude<FormulaType, 'null'> | 'percent';

/** A value while a formula runs: dates as `YYYY-MM-DD`, instants as epoch milliseconds, blank as null. */
export type FormulaValue = string | number | boolean | null;

const labels: Readonly<Record<FormulaType, string>> = {
  text: 'Text',
  number: 'Number',
  boolean: 'Boolean',
  date: 'Date',
  datetime: 'DateTime',
  picklist: 'Picklist',
  multipicklist: 'Picklist (Multi-Select)',
  id: 'Lookup',
  null: 'Null',
};

/** The name Salesforce's messages give a type. */
export const typeLabel = (type: FormulaType): string => labels[type];

export const isTextual = (type: FormulaType): boolean => type === 'text' || type === 'id';

/** The type that values of both types have together, or undefined when they have none. */
export function commonType(left: FormulaType, right: FormulaType): FormulaType | undefined {
  if (left === 'null' || left === right) return right;
  if (right === 'null') return left;
  return isTextual(left) && isTextual(right) ? 'text' : undefined;
}
