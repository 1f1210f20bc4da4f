import type { ExcludedRecord, FieldValue, RecordFields } from '@headrace/core';
import { describeClass, type Fit } from './fit.ts';
import { fitCountry, fitState, isPlaceCode } from './fit-place.ts';
import { fitRecordId } from './fit-record-id.ts';
import { fitValue } from './fit-value.ts';
import type { PreparedPlan } from './prepared-plan.ts';
import { type Target, targetNamed } from './targets.ts';
import { trimmed } from './trim.ts';

/** A mapped value with where it goes. */
export type Given = { readonly name: string; readonly value: FieldValue; readonly target: Target };

/** Countries go before states: which states there are depends on them. */
export function givenOf(values: RecordFields, plan: PreparedPlan): readonly Given[] {
  const given = Object.entries(values).map(([name, value]) => ({
    name,
    value,
    target: targetNamed(plan, name),
  }));
  const states = given.filter(isState);
  return states.length === 0 ? given : [...given.filter((one) => !isState(one)), ...states];
}

const isState = ({ target: { field } }: Given): boolean =>
  field.controllerName !== null && isPlaceCode(field);

/** @param fields of the same record, as far as they are fitted */
export function fitTarget(
  { value, target: { field, isAccount } }: Given,
  fields: RecordFields,
  plan: PreparedPlan,
): Fit {
  const isBlank = value === null || trimmed(String(value)) === '';
  if (field.name === 'Id' && !isBlank) return fitRecordId(String(value), [plan.details.object]);
  if (!isPlaceCode(field) || isBlank) return fitValue(value, field, plan.details.tooLong);
  if (field.controllerName === null) return fitCountry(String(value), field);
  const country = fields[field.controllerName];
  const object = isAccount ? plan.account : plan.object;
  const countries = object?.byName.get(field.controllerName)?.choices ?? [];
  return fitState(String(value), field, typeof country === 'string' ? country : undefined, countries);
}

/** The field does not take the value. */
export function unfitValue(
  { name, value, target: { field, isAccount } }: Given,
  { reason, rule }: Fit & { kind: 'unfit' },
): ExcludedRecord {
  const where = `${isAccount ? 'Account.' : ''}${field.name} (${field.type})`;
  const message = `The value for ${name} (${describeClass(value)}) cannot be held by the field ${where}: expected ${rule}.`;
  return { kind: 'excluded', reason, message, target: name };
}
