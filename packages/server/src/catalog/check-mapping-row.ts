import {
  canTake,
  type ErrorDetail,
  fieldAt,
  isOfKind,
  kindOfField,
  listFields,
  type MappingRow,
  nameOfKind,
  nearestName,
  parseXdmPath,
  type TargetField,
  type ValueKind,
  type XdmObject,
} from '@headrace/core';
import { findTarget, missingTarget } from './find-target.ts';

/** What mappings may read. */
export type KnownSources = {
  readonly union: XdmObject;
  readonly paths: readonly string[];
  readonly namespaces: readonly string[];
};

export const knownSourcesOf = (union: XdmObject, namespaces: readonly string[]): KnownSources => ({
  union,
  paths: [...listFields(union)].map(({ path }) => path),
  namespaces,
});

/** What is wrong with one row by itself. */
export function checkRow(
  row: MappingRow,
  pointer: string,
  targets: readonly TargetField[],
  known: KnownSources,
): ErrorDetail[] {
  const target = findTarget(targets, row.target);
  const source = checkSource(row.source, `${pointer}/source`, known);
  const details = 'kind' in source ? [] : [source];
  if (target === undefined)
    return [...details, { pointer: `${pointer}/target`, message: missingTarget(targets, row.target) }];
  const fault = 'kind' in source ? fitFault(row.source, source, target) : undefined;
  if (fault !== undefined) details.push({ pointer: `${pointer}/source`, message: fault });
  return [...details, ...checkChoices(row, pointer, target)];
}

type Source = { readonly kind: ValueKind; readonly name: string };

function checkSource(
  source: MappingRow['source'],
  pointer: string,
  known: KnownSources,
): Source | ErrorDetail {
  if ('constant' in source) return { kind: 'text', name: 'The constant' };
  if ('attribute' in source) return checkAttribute(source.attribute, `${pointer}/attribute`, known);
  const { identity } = source;
  const { namespaces } = known;
  if (namespaces.includes(identity)) return { kind: 'text', name: `The identity ${identity}` };
  const nearest = nearestName(identity, namespaces);
  const hint = nearest === undefined ? `Known: ${namespaces.join(', ')}.` : `Did you mean "${nearest}"?`;
  const message = `There is no identity namespace ${JSON.stringify(identity)}. ${hint}`;
  return { pointer: `${pointer}/identity`, message };
}

function checkAttribute(
  attribute: string,
  pointer: string,
  { union, paths }: KnownSources,
): Source | ErrorDetail {
  const field = fieldAt(union, parseXdmPath(attribute));
  if (field === undefined) {
    const last = attribute.slice(attribute.lastIndexOf('.') + 1).toLowerCase();
    const nearest =
      nearestName(attribute, paths) ?? paths.find((path) => path.toLowerCase().endsWith(`.${last}`));
    const hint =
      nearest === undefined ? 'Add a field group that has it to a schema.' : `Did you mean "${nearest}"?`;
    return { pointer, message: `The union schema has no field ${JSON.stringify(attribute)}. ${hint}` };
  }
  const kind = kindOfField(field);
  if (kind !== undefined) return { kind, name: `"${attribute}"` };
  const message = `"${attribute}" is of type ${field.type}; a mapping takes fields that hold a single value, or a list of them.`;
  return { pointer, message };
}

/** Why a source does not fit its target. */
function fitFault(
  source: MappingRow['source'],
  { kind, name }: Source,
  target: TargetField,
): string | undefined {
  const wanted = target.kind ?? 'text';
  if ('constant' in source) return constantFault(source.constant, target);
  if (canTake(wanted, kind)) return undefined;
  return `${name} holds ${nameOfKind(kind)}, and the target "${target.name}" (${target.type}) takes ${nameOfKind(wanted)}. Map another attribute.`;
}

function constantFault(constant: string | number | boolean, target: TargetField): string | undefined {
  const { kind = 'text', name, type, maxLength, restricted, choices = [] } = target;
  if (typeof constant === 'string' && constant.trim() === '')
    return `The constant for "${name}" is blank. Leave the row out, or clear the field by when_empty.`;
  if (!isOfKind(constant, kind)) return `The constant for "${name}" (${type}) has to be ${nameOfKind(kind)}.`;
  const text = String(constant).trim();
  if (restricted === true) {
    const known = new Set(choices.flatMap(({ value, label }) => [value.toLowerCase(), label.toLowerCase()]));
    const items = kind === 'list' ? text.split(';').map((item) => item.trim()) : [text];
    const wrong = items.find((item) => item !== '' && !known.has(item.toLowerCase()));
    if (wrong !== undefined) return unlistedConstant(wrong, name, choices);
  }
  if (kind === 'text' && maxLength !== null && text.length > maxLength)
    return `The constant for "${name}" has ${text.length} characters; the field holds ${maxLength}.`;
  return undefined;
}

function unlistedConstant(wrong: string, name: string, choices: NonNullable<TargetField['choices']>): string {
  const values = choices.map(({ value }) => value);
  const nearest = nearestName(wrong, values);
  const hint =
    nearest === undefined ? `Listed: ${values.slice(0, 20).join(', ')}.` : `Did you mean "${nearest}"?`;
  return `The target "${name}" takes listed values only, and ${JSON.stringify(wrong.slice(0, 100))} is none of them. ${hint}`;
}

function checkChoices(row: MappingRow, pointer: string, target: TargetField): ErrorDetail[] {
  const details: ErrorDetail[] = [];
  const { name } = target;
  if (row.when_empty === 'clear' && (target.matchKey || target.required || target.clearable === false))
    details.push({
      pointer: `${pointer}/when_empty`,
      message: target.matchKey
        ? `Records are matched by "${name}", which cannot be cleared. Leave when_empty out.`
        : `The target "${name}" cannot be empty at the destination, and so not be cleared. Leave when_empty out.`,
    });
  if (row.overwrite === 'if_empty' && target.matchKey)
    details.push({
      pointer: `${pointer}/overwrite`,
      message: `Records are matched by "${name}", which is never empty in them. Leave overwrite out.`,
    });
  return details;
}
