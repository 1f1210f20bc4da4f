import { type CompiledFormula, compileFormula, type FormulaFault } from './compile-formula.ts';
import type { ResolveField } from './field-term.ts';
import type { FormulaFieldType, FormulaValue } from './formula-type.ts';

const fields: readonly [path: string, type: FormulaFieldType][] = [
  ['Account.Name', 'text'],
  ['AccountId', 'id'],
  ['AccountNumber', 'text'],
  ['Active__c', 'boolean'],
  ['Amount', 'number'],
  ['AnnualRevenue', 'number'],
  ['BillingCountry', 'text'],
  ['BillingPostalCode', 'text'],
  ['BillingState', 'text'],
  ['CloseDate', 'date'],
  ['CreatedDate', 'datetime'],
  ['Discount__c', 'percent'],
  ['Email', 'text'],
  ['Hobbies__c', 'multipicklist'],
  ['MailingState', 'text'],
  ['My_Date__c', 'date'],
  ['Name', 'text'],
  ['Null_Check__c', 'text'],
  ['Other__c', 'number'],
  ['OwnerId', 'id'],
  ['Phone', 'text'],
  ['StageName', 'picklist'],
  ['Text__c', 'text'],
  ['$Profile.Name', 'text'],
  ['$User.Id', 'id'],
  ['$UserRole.Name', 'text'],
];
const byPath = new Map(fields.map(([path, type]) => [path.toLowerCase(), { path, type }]));

/** A few fields of every type, found in any case. */
export const resolveSample: ResolveField = (path) => byPath.get(path.toLowerCase());

export interface SampleRecord {
  readonly values?: Readonly<Record<string, FormulaValue>>;
  /** Left out for a new record. */
  readonly prior?: Readonly<Record<string, FormulaValue>>;
}

/** 2026-09-22T10:15:00Z, a Tuesday. */
export const sampleNow = Date.UTC(2026, 8, 22, 10, 15);

/** The compiled formula, which must be one. */
export function compiled(text: string): CompiledFormula {
  const formula = compileFormula(text, resolveSample);
  if (formula.kind !== 'compiled') throw new Error(`${text}: ${formula.message} at ${formula.offset}`);
  return formula;
}

/** What a formula says of a record. */
export function evaluateSample(
  text: string,
  { values = {}, prior }: SampleRecord = {},
): boolean | FormulaFault {
  return compiled(text).evaluate({
    value: (path) => values[path] ?? null,
    prior: (path) => prior?.[path] ?? null,
    isNew: prior === undefined,
    now: sampleNow,
  });
}
