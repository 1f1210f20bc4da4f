import type Type from 'typebox';
import Value from 'typebox/value';
import { isJsonObject } from '../json.ts';

/**
 * A part of an org definition with its defaults filled in. Throws an Error that says where the first fault is,
 * what was expected there, and which keys are known when one is not.
 */
export function checkSection<Schema extends Type.TSchema>(
  schema: Schema,
  input: unknown,
  where: string,
): Type.Static<Schema> {
  const value = Value.Default(schema, structuredClone(input));
  if (Value.Check(schema, value)) return value;
  // An unknown key is reported twice, first as a value that may not be.
  const errors = Value.Errors(schema, value);
  const error = errors.find(({ keyword }) => keyword !== 'boolean') ?? errors[0];
  if (error === undefined) throw new Error(`${where}: it is not what was expected.`);
  const at = describePointer(error.instancePath);
  const place = at === '' ? where : `${where}: ${at}`;
  if (error.keyword === 'additionalProperties') {
    const unknown = error.params.additionalProperties[0] ?? '';
    const known = knownKeys(schema, error.schemaPath);
    throw new Error(`${place}: unknown key "${unknown}".${known === '' ? '' : ` Known keys are ${known}.`}`);
  }
  if (error.keyword === 'required')
    throw new Error(`${place}: "${error.params.requiredProperties[0] ?? ''}" is required.`);
  if (error.keyword === 'enum')
    throw new Error(`${place}: expected one of ${error.params.allowedValues.join(', ')}.`);
  throw new Error(`${place}: ${error.message}.`);
}

/** `/users/0/name` as `users[0].name`. */
const describePointer = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .map((step, index) => (/^\d+$/.test(step) ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');

/** The property names of the schema that a path such as `#/properties/users/items` leads to. */
function knownKeys(schema: object, path: string): string {
  let found: unknown = schema;
  for (const step of path.split('/').slice(1)) {
    if (typeof found !== 'object' || found === null) return '';
    found = Object.getOwnPropertyDescriptor(found, step)?.value;
  }
  if (typeof found !== 'object' || found === null || !('properties' in found)) return '';
  return isJsonObject(found.properties) ? Object.keys(found.properties).join(', ') : '';
}
