import type { ExcludedRecord, FieldValue, ParentRecord, PreparedRecord, PrepareInput } from '@headrace/core';
import { keyOf } from '../records/match-field.ts';
import { fitTarget, givenOf, unfitValue } from './fit-target.ts';
import type { ObjectDescription } from './object-description.ts';
import type { PreparedPlan } from './prepared-plan.ts';
import { hiddenField, linkField, matchFieldFor, type RecordPlan } from './record-plan.ts';

/** Values of one object, as they are written. */
class Draft {
  readonly fields: Record<string, FieldValue> = {};
  readonly ifEmpty: string[] = [];
}

/**
 * Turns mapped values into a record of the dataflow's object, with the Account it belongs to, or says why the profile
 * cannot be one. Blank text is no value: it clears nothing. Pure.
 */
export function prepareRecord({ values, ifEmpty }: PrepareInput, plan: PreparedPlan): PreparedRecord {
  const own = new Draft();
  const account = new Draft();
  for (const given of givenOf(values, plan)) {
    const draft = given.target.isAccount ? account : own;
    const fit = fitTarget(given, draft.fields, plan);
    if (fit.kind === 'unfit') return unfitValue(given, fit);
    if (fit.kind === 'blank') continue;
    const { name } = given.target.field;
    draft.fields[name] = fit.value;
    if (ifEmpty.has(given.name)) draft.ifEmpty.push(name);
  }
  const { object, details } = plan;
  const lacking = plan.needed.find((name) => (own.fields[name] ?? null) === null);
  if (lacking !== undefined) return missingValue(plan, lacking, details.object);
  const parent = prepareParent(account, plan);
  if (parent !== null && 'kind' in parent) return parent;
  const keyField = matchFieldFor(plan, false);
  const { Id: _, ...fields } = own.fields;
  return {
    kind: 'record',
    object: details.object,
    matchKey: keyText(own.fields[keyField], keyField, object),
    fields,
    ifEmpty: own.ifEmpty,
    compare: own.ifEmpty.length > 0 ? 'always' : compareBy(keyField, details.write),
    parent,
  };
}

/**
 * The Account, where the profile has its key. Where the org hides Accounts it is wanted all the same: the dataflow stops
 * with what Salesforce says to it, in place of losing the company silently.
 */
function prepareParent({ fields, ifEmpty }: Draft, plan: PreparedPlan): ParentRecord | ExcludedRecord | null {
  const keyField = matchFieldFor(plan, true);
  if ((fields[keyField] ?? null) === null) return null;
  const lacking = plan.neededByAccount.find((name) => (fields[name] ?? null) === null);
  if (lacking !== undefined) return missingValue(plan, lacking, 'Account');
  return {
    object: 'Account',
    matchKey: keyText(fields[keyField], keyField, plan.account ?? hiddenObject(keyField)),
    fields,
    ifEmpty,
    // A name is no key of Salesforce's own: whether it is there has to be read.
    compare: ifEmpty.length > 0 ? 'always' : keyField === 'Name' ? 'first' : 'never',
    linkField,
  };
}

const hiddenObject = (keyField: string): Described => ({
  byName: new Map([[keyField, hiddenField(keyField)]]),
});

/** A unique key is safe without reading. By an address Salesforce creates and updates, but does not do one alone. */
const compareBy = (keyField: string, write: RecordPlan['details']['write']): 'never' | 'first' =>
  keyField === 'Email' && write !== 'upsert' ? 'first' : 'never';

type Described = Pick<ObjectDescription, 'byName'>;

/** Equal for values that Salesforce takes for one key. */
function keyText(value: FieldValue | undefined, keyField: string, { byName }: Described): string {
  const field = byName.get(keyField);
  return keyField === 'Id' || field === undefined ? String(value) : keyOf(value, field);
}

function missingValue(plan: PreparedPlan, field: string, object: string): ExcludedRecord {
  const isAccount = object === 'Account';
  const target = [...plan.byName.values()].find(
    (candidate) => candidate.isAccount === isAccount && candidate.field.name === field,
  );
  const name = target?.shown.name ?? field;
  const message = `The profile has no value for ${name} (${field}), which every ${object} needs.`;
  return { kind: 'excluded', reason: 'required_value_missing', message, target: name };
}
