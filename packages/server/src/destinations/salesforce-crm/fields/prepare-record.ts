import type {
  ExcludedRecord,
  ExclusionReason,
  FieldValue,
  ParentRecord,
  PreparedRecord,
  PrepareInput,
} from '@headrace/core';
import { keyOf } from '../records/match-field.ts';
import { describeClass, type Fit } from './fit.ts';
import { fitCountry, fitState, isPlaceCode } from './fit-place.ts';
import { fitRecordId } from './fit-record-id.ts';
import { fitValue } from './fit-value.ts';
import type { FieldDescription, ObjectDescription } from './object-description.ts';
import { isCreating, isNeededToCreate, linkField, matchFieldFor, type RecordPlan } from './record-plan.ts';
import { hiddenTarget, isWritable, type Target, targetsOf } from './targets.ts';
import { trimmed } from './trim.ts';

/** A plan with its targets by every name a mapping may call them by. */
export type PreparedPlan = RecordPlan & { readonly byName: ReadonlyMap<string, Target> };

export function preparePlan(plan: RecordPlan): PreparedPlan {
  const byName = new Map(
    targetsOf(plan).flatMap((target) =>
      [target.shown.name, ...(target.shown.aliases ?? [])].map((name) => [name, target] as const),
    ),
  );
  return { ...plan, byName };
}

/** Values of one object, as they are written. */
class Draft {
  readonly fields: Record<string, FieldValue> = {};
  readonly ifEmpty: string[] = [];
}
type Given = { readonly name: string; readonly value: FieldValue; readonly target: Target };

/**
 * Turns mapped values into a record of the dataflow's object, with the Account it belongs to, or says why the profile
 * cannot be one. Blank text is no value: it clears nothing. Pure.
 */
export function prepareRecord({ values, ifEmpty }: PrepareInput, plan: PreparedPlan): PreparedRecord {
  const own = new Draft();
  const account = new Draft();
  for (const given of inOrder(values, plan)) {
    const { name, value, target } = given;
    const draft = target.isAccount ? account : own;
    const fit = fitGiven(given, draft, plan);
    if (fit.kind === 'unfit') return unfitValue(name, value, target, fit);
    if (fit.kind === 'blank') continue;
    draft.fields[target.field.name] = fit.value;
    if (ifEmpty.has(name)) draft.ifEmpty.push(target.field.name);
  }
  const { object, details } = plan;
  const keyField = matchFieldFor(plan, false);
  const lacking = findLacking(own, object, keyField, isCreating(plan));
  if (lacking !== undefined) return missingValue(plan, lacking, details.object);
  const parent = prepareParent(account, plan);
  if (parent !== null && parent.kind === 'excluded') return parent;
  const matchKey = keyText(own.fields[keyField], keyField, object);
  const { Id: _, ...fields } = own.fields;
  return {
    kind: 'record',
    object: details.object,
    matchKey,
    fields,
    ifEmpty: own.ifEmpty,
    compare: own.ifEmpty.length > 0 ? 'always' : compareBy(keyField, details.write),
    parent: parent?.record ?? null,
  };
}

/** Countries go before states: which states there are depends on them. */
function inOrder(values: PrepareInput['values'], plan: PreparedPlan): Given[] {
  const given = Object.entries(values).map(([name, value]) => ({
    name,
    value,
    target: plan.byName.get(name) ?? hiddenTarget(plan, name),
  }));
  const isState = ({ target: { field } }: Given): boolean =>
    isPlaceCode(field) && field.controllerName !== null;
  return [...given.filter((one) => !isState(one)), ...given.filter(isState)];
}

function fitGiven({ value, target: { field, isAccount } }: Given, draft: Draft, plan: PreparedPlan): Fit {
  const object = isAccount ? plan.account : plan.object;
  if (field.name === 'Id' && typeof value === 'string') return fitRecordId(value, [plan.details.object]);
  if (!isPlaceCode(field) || value === null || trimmed(String(value)) === '')
    return fitValue(value, field, plan.details.tooLong);
  if (field.controllerName === null) return fitCountry(String(value), field);
  const country = draft.fields[field.controllerName];
  const countries = object?.byName.get(field.controllerName)?.choices ?? [];
  return fitState(String(value), field, typeof country === 'string' ? country : undefined, countries);
}

/** The first field without a value that a record needs. */
function findLacking(
  { fields }: Draft,
  object: ObjectDescription,
  keyField: string,
  isMade: boolean,
): string | undefined {
  const needed = isMade
    ? [...object.byName.values()].filter((field) => isWritable(field) && isNeededToCreate(field))
    : [];
  return [...needed.map(({ name }) => name), keyField].find((name) => (fields[name] ?? null) === null);
}

type Parent = { readonly kind: 'record'; readonly record: ParentRecord };

/** The Account, where the profile has its key. */
function prepareParent(draft: Draft, plan: PreparedPlan): Parent | ExcludedRecord | null {
  const keyField = matchFieldFor(plan, true);
  if (plan.account === undefined || (draft.fields[keyField] ?? null) === null) return null;
  const lacking = findLacking(draft, plan.account, keyField, true);
  if (lacking !== undefined) return missingValue(plan, lacking, 'Account');
  const record: ParentRecord = {
    object: 'Account',
    matchKey: keyText(draft.fields[keyField], keyField, plan.account),
    fields: draft.fields,
    ifEmpty: draft.ifEmpty,
    // A name is no key of Salesforce's own: whether it is there has to be read.
    compare: draft.ifEmpty.length > 0 ? 'always' : keyField === 'Name' ? 'first' : 'never',
    linkField,
  };
  return { kind: 'record', record };
}

/** A unique key is safe without reading. By an address Salesforce creates and updates, but does not do one alone. */
const compareBy = (keyField: string, write: RecordPlan['details']['write']): 'never' | 'first' =>
  keyField === 'Email' && write !== 'upsert' ? 'first' : 'never';

function keyText(value: FieldValue | undefined, keyField: string, object: ObjectDescription): string {
  if (keyField === 'Id') return String(value);
  const field: FieldDescription | undefined = object.byName.get(keyField);
  return field === undefined ? String(value) : keyOf(value, field);
}

const excluded = (reason: ExclusionReason, target: string, message: string): ExcludedRecord => ({
  kind: 'excluded',
  reason,
  message,
  target,
});

const unfitValue = (
  name: string,
  value: FieldValue,
  { field, isAccount }: Target,
  fit: Fit & { kind: 'unfit' },
) =>
  excluded(
    fit.reason,
    name,
    `The value for ${name} (${describeClass(value)}) cannot be held by the field ${isAccount ? 'Account.' : ''}${field.name} (${field.type}): expected ${fit.rule}.`,
  );

function missingValue(plan: PreparedPlan, field: string, object: string): ExcludedRecord {
  const isAccount = object === 'Account';
  const target = [...plan.byName.values()].find(
    (candidate) => candidate.isAccount === isAccount && candidate.field.name === field,
  );
  const name = target?.shown.name ?? field;
  return excluded(
    'required_value_missing',
    name,
    `The profile has no value for ${name} (${field}), which every ${object} needs.`,
  );
}
