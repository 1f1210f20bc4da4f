import type { XdmField, XdmObject } from './field.ts';
import { isUnsafeKey } from './unsafe-keys.ts';

/** One step into a record: a key of an object or map, or the position in a list. */
export type CsvPathStep = string | number;

/** Lists of a flat row are short; a larger index is a mistake, and would only leave holes. */
const largestIndex = 99;

/**
 * The steps of a path such as `productListItems[0].SKU` or `identityMap.CRMID[0].id`, with the field they lead
 * to; undefined when the path is malformed, unsafe or leads nowhere in the schema.
 */
export function resolveCsvPath(
  schema: XdmObject,
  path: string,
): { readonly steps: readonly CsvPathStep[]; readonly field: XdmField } | undefined {
  const steps = parseSteps(path);
  if (steps === undefined) return undefined;
  let field: XdmField | undefined = schema;
  for (const step of steps) {
    field = fieldBelow(field, step);
    if (field === undefined) return undefined;
  }
  return { steps, field };
}

function parseSteps(path: string): readonly CsvPathStep[] | undefined {
  const steps: CsvPathStep[] = [];
  for (const part of path.split('.')) {
    const match = /^([^[\]]{1,200})((?:\[\d{1,3}\])*)$/.exec(part);
    const key = match?.[1];
    if (key === undefined || isUnsafeKey(key)) return undefined;
    const indexes = [...(match?.[2] ?? '').matchAll(/\d+/g)].map(([digits]) => Number(digits));
    if (indexes.some((index) => index > largestIndex)) return undefined;
    steps.push(key, ...indexes);
  }
  return steps;
}

function fieldBelow(field: XdmField, step: CsvPathStep): XdmField | undefined {
  if (field.type === 'array') return typeof step === 'number' ? field.items : undefined;
  if (typeof step === 'number') return undefined;
  if (field.type === 'map') return field.values;
  if (field.type !== 'object') return undefined;
  return Object.hasOwn(field.properties, step) ? field.properties[step] : undefined;
}
