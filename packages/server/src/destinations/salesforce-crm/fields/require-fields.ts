import { HeadraceError, nearestName } from '@headrace/core';
import type { FieldDescription, ObjectDescription } from './object-description.ts';
import { isCreating, type RecordPlan } from './record-plan.ts';
import { presetOf } from './target-presets.ts';
import { isWritable } from './targets.ts';

/**
 * What a dataflow cannot do without: a field that records can be matched by, and those without which none is made.
 * @throws HeadraceError `destination_misconfigured` that says what to do.
 */
export function requireFields(plan: RecordPlan): void {
  const { details, object, account } = plan;
  requireMatchField(object, details.matchField, 'Email');
  if (isCreating(plan))
    requireWritable(object, details.object === 'Lead' ? ['LastName', 'Company'] : ['LastName']);
  if (account !== undefined) requireMatchField(account, details.accountMatchField, 'Name');
}

/** @param standard matched by although it is no unique key */
function requireMatchField(object: ObjectDescription, name: string, standard: string): void {
  if (name === 'Id' && object.name !== 'Account') return;
  const field = object.byName.get(name);
  if (name === standard || (field?.externalId && field.unique)) {
    requireWritable(object, [name]);
    return;
  }
  const keys = [...object.byName.values()].filter(isUniqueKey).map((key) => key.name);
  const known = [standard, ...(object.name === 'Account' ? [] : ['Id']), ...keys];
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? `Usable: ${known.join(', ')}.` : `Did you mean "${nearest}"?`;
  const fault =
    field === undefined
      ? `The org shows no field ${JSON.stringify(name)} of ${object.name} to the user`
      : `${object.name}.${name} is not both External ID and Unique, so that two records could have one key`;
  throw misconfigured(`${fault}; records cannot be matched by it. ${hint}`);
}

const isUniqueKey = (field: FieldDescription): boolean =>
  field.externalId && field.unique && isWritable(field);

function requireWritable(object: ObjectDescription, names: readonly string[]): void {
  const lacking = names.filter((name) => {
    const field = object.byName.get(name);
    return field === undefined || !isWritable(field);
  });
  if (lacking.length > 0)
    throw misconfigured(
      `The user may not write the ${object.name} field ${lacking.join(' and ')}, without which no ${object.name} can be made or found. Give it edit access in Salesforce (Setup > Object Manager > ${object.name} > Fields, Set Field-Level Security).`,
    );
}

const misconfigured = (message: string): HeadraceError =>
  new HeadraceError('destination_misconfigured', message);

/** The usual fields that the user cannot write, each with the name of its target. */
export const findUnwritable = (object: ObjectDescription): readonly string[] =>
  presetOf(object.name === 'Lead' ? 'Lead' : 'Contact')
    .filter(({ isAccount }) => !isAccount)
    .filter(({ field }) => {
      const described = object.byName.get(field);
      return described === undefined || !isWritable(described);
    })
    .map(({ field, name }) => `${field} (${name})`);
