import {
  type ErrorDetail,
  exactPointerTo,
  HeadraceError,
  type InputField,
  nearestName,
} from '@headrace/core';

export type InputValues = Readonly<Record<string, string>>;

/**
 * Checks what a person filled in against the declared fields. Empty values count as left out, defaults are
 * filled in. Messages never hold a value.
 * @param pointer of the object the values stand in.
 * @throws HeadraceError `invalid_input` with a detail for each field that is missing, unknown or wrong.
 */
export function readInputValues(
  fields: readonly InputField[],
  given: InputValues,
  pointer: string,
): InputValues {
  const names = fields.map(({ name }) => name);
  const details: ErrorDetail[] = Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const nearest = nearestName(name, names);
      const hint =
        nearest !== undefined ? `Did you mean "${nearest}"?` : `Known: ${names.join(', ') || 'none'}.`;
      return {
        pointer: pointer + exactPointerTo([name.slice(0, 100)]),
        message: `There is no field ${JSON.stringify(name.slice(0, 100))}. ${hint}`,
      };
    });
  const values: Record<string, string> = {};
  for (const field of fields) {
    const text = Object.hasOwn(given, field.name) ? given[field.name] : undefined;
    const value = text === undefined || text === '' ? field.default : text;
    const problem = value === undefined ? missing(field) : faultOf(field, value);
    if (problem !== undefined) details.push({ pointer: `${pointer}/${field.name}`, message: problem });
    else if (value !== undefined) values[field.name] = value;
  }
  const [first] = details;
  if (first !== undefined) throw new HeadraceError('invalid_input', first.message, { details });
  return values;
}

const missing = (field: InputField): string | undefined =>
  field.required ? `"${field.title}" (${field.name}) is missing. ${field.description}` : undefined;

function faultOf(field: InputField, value: string): string | undefined {
  const label = `"${field.title}" (${field.name})`;
  if (field.maxLength !== undefined && value.length > field.maxLength)
    return `${label} has more than ${field.maxLength} characters.`;
  if (field.enum !== undefined && !field.enum.includes(value))
    return `${label} has to be one of ${field.enum.join(', ')}.`;
  if (field.pattern !== undefined && !new RegExp(field.pattern, 'u').test(value))
    return `${label} has to match ${field.pattern}. ${field.description}`;
  return undefined;
}

/** Divides values into those that may be read back and those that may not. */
export function splitSecrets(
  fields: readonly InputField[],
  values: InputValues,
): { readonly settings: InputValues; readonly secrets: InputValues } {
  const secretNames = new Set(fields.filter(({ secret }) => secret).map(({ name }) => name));
  const entries = Object.entries(values);
  return {
    settings: Object.fromEntries(entries.filter(([name]) => !secretNames.has(name))),
    secrets: Object.fromEntries(entries.filter(([name]) => secretNames.has(name))),
  };
}
