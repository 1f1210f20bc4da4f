import { maxShownChoices, type TargetField, type ValueKind } from '@headrace/core';
import { codeFieldOf, isPlaceCode } from './fit-place.ts';
import type { FieldDescription, ObjectDescription } from './object-description.ts';
import {
  hiddenField,
  isCreating,
  isNeededToCreate,
  linkField,
  matchFieldFor,
  type RecordPlan,
} from './record-plan.ts';
import { presetOf } from './target-presets.ts';

/** A target with the field that its values are written to. */
export type Target = {
  readonly shown: TargetField;
  readonly field: FieldDescription;
  readonly isAccount: boolean;
};

/** Field types a plain value can be written to and read back from; the rest are parts, files or formulas. */
const kinds: Readonly<Record<string, ValueKind>> = {
  string: 'text',
  textarea: 'text',
  email: 'text',
  phone: 'text',
  url: 'text',
  picklist: 'text',
  combobox: 'text',
  reference: 'text',
  time: 'text',
  multipicklist: 'list',
  boolean: 'boolean',
  int: 'integer',
  double: 'number',
  currency: 'number',
  percent: 'number',
  date: 'date',
  datetime: 'instant',
};

export const isWritable = (field: FieldDescription): boolean =>
  field.createable && field.updateable && field.type in kinds;

/** What a mapping may target: the usual fields first, by the names of the destination's page, then the org's others. */
export function targetsOf(plan: RecordPlan): readonly Target[] {
  const { object, account } = plan;
  const targets = [
    ...targetsIn(plan, object, false),
    ...(account === undefined ? [] : targetsIn(plan, account, true)),
  ];
  const places = new Map(presetOf(plan.details.object).map(({ name }, place) => [name, place]));
  const placeOf = ({ shown }: Target): number => places.get(shown.name) ?? places.size;
  return targets.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function targetsIn(plan: RecordPlan, object: ObjectDescription, isAccount: boolean): Target[] {
  const preset = presetOf(plan.details.object).filter((entry) => entry.isAccount === isAccount);
  const ownName = (field: string): string => (isAccount ? `Account.${field}` : field);
  const codes = new Set<string>();
  const targets = [...object.byName.values()].flatMap((described): Target[] => {
    if (described.name === 'Id' ? matchFieldFor(plan, isAccount) !== 'Id' : !isWritable(described)) return [];
    const code = codeFieldOf(described, object);
    const field = code !== undefined && isWritable(code) ? code : described;
    const usual = preset.find((entry) => entry.field === described.name);
    const names = [ownName(described.name)];
    if (usual !== undefined && field !== described) {
      codes.add(field.name);
      names.push(ownName(field.name));
    }
    const name = usual?.name ?? ownName(described.name);
    const title = usual?.title ?? (isAccount ? titleInAccount(described.label) : described.label);
    const aliases = [...names, ...(usual?.aliases ?? [])].filter((other) => other !== name);
    return [{ shown: show(plan, field, { name, title, aliases, isAccount }), field, isAccount }];
  });
  return targets.filter(({ shown }) => !codes.has(shown.name.replace(/^Account\./, '')));
}

const titleInAccount = (label: string): string => (/^Account\b/.test(label) ? label : `Account ${label}`);

type Naming = {
  readonly name: string;
  readonly title: string;
  readonly aliases: readonly string[];
  readonly isAccount: boolean;
};

function show(
  plan: RecordPlan,
  field: FieldDescription,
  { isAccount, aliases, ...naming }: Naming,
): TargetField {
  const isMatchKey = field.name === matchFieldFor(plan, isAccount);
  const active = field.choices.filter((choice) => choice.active);
  const isKey = isMatchKey || field.name === 'Id';
  return {
    ...naming,
    field: field.name,
    type: field.type,
    maxLength: field.length > 0 ? field.length : null,
    required: isMatchKey || (isNeededToCreate(field) && (isAccount || isCreating(plan))),
    matchKey: isMatchKey,
    kind: kinds[field.type] ?? 'text',
    ...(aliases.length > 0 && { aliases }),
    ...(active.length > 0 && {
      choices: active.slice(0, maxShownChoices).map(({ value, label }) => ({ value, label })),
      // Of a country or state more is taken than is listed: names in English, codes with their country.
      restricted: field.restricted && active.length <= maxShownChoices && !isPlaceCode(field),
    }),
    unique: field.unique,
    externalId: field.externalId,
    idLookup: field.idLookup,
    updateable: field.updateable,
    clearable: field.nillable && field.type !== 'boolean' && !isKey,
    ...(isAccount && { parent: { object: 'Account', linkField } }),
  };
}

/** The target that a mapping calls by a name. */
export const targetNamed = (
  plan: RecordPlan & { readonly byName: ReadonlyMap<string, Target> },
  name: string,
): Target => plan.byName.get(name) ?? hiddenTarget(plan, name);

/**
 * The target of a name that is not listed. What the org does not let the user write is taken all the same, so that Salesforce refuses it
 * and the dataflow stops with one clear error instead of losing the field silently.
 */
function hiddenTarget(plan: RecordPlan, name: string): Target {
  const usual = presetOf(plan.details.object).find((entry) => [entry.name, ...entry.aliases].includes(name));
  const isAccount = usual?.isAccount ?? (plan.details.object === 'Contact' && name.startsWith('Account.'));
  const field = usual?.field ?? (isAccount ? name.slice('Account.'.length) : name);
  const object = isAccount ? plan.account : plan.object;
  const described = object?.byName.get(field) ?? hiddenField(field);
  return {
    shown: show(plan, described, { name, title: name, aliases: [], isAccount }),
    field: described,
    isAccount,
  };
}
