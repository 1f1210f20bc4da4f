import { compileWireCheck, invalidInput, type Wire, type WireCheck, type WireSchema } from '@headrace/core';

const checks = new WeakMap<WireSchema, WireCheck>();

const checkOf = (schema: WireSchema): WireCheck => {
  const known = checks.get(schema);
  if (known !== undefined) return known;
  const check = compileWireCheck(schema);
  checks.set(schema, check);
  return check;
};

const fits = <Schema extends WireSchema>(schema: Schema, value: unknown): value is Wire<Schema> =>
  checkOf(schema)(value).length === 0;

/** The value as the contract describes it. Throws `invalid_input`, naming `what` and all that is wrong with it. */
export const readWire = <Schema extends WireSchema>(
  schema: Schema,
  value: unknown,
  what: string,
): Wire<Schema> => {
  if (fits(schema, value)) return value;
  throw invalidInput(`${what} is not as the API describes it.`, checkOf(schema)(value));
};
