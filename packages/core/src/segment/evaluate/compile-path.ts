import type { JsonObject } from '../../xdm/field.ts';
import type { PqlType } from '../check/pql-type.ts';
import { conformTo } from './conform.ts';
import { countStep, countSteps, type Reader, type Run } from './run.ts';
import { isGroup, isList, type Value } from './value.ts';

/** The value at a key; into each item of a list. */
function stepInto(run: Run, value: Value, key: string): Value {
  if (isList(value)) {
    const found: Value[] = [];
    for (const item of value) {
      countStep(run);
      const inside = stepInto(run, item, key);
      if (isList(inside)) {
        countSteps(run, inside.length);
        for (const one of inside) found.push(one);
      } else if (inside !== undefined && inside !== null) found.push(inside);
    }
    return found;
  }
  if (value instanceof Map) return value.get(key);
  return isGroup(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Reads what is found some steps from a base, as far as it is what the schema says. */
export function pathReader(base: Reader, keys: readonly string[], type: PqlType | undefined): Reader {
  const raw = rawReader(base, keys);
  const conform = type === undefined ? undefined : conformTo(type);
  return conform === undefined ? raw : (run) => conform(run, raw(run));
}

function rawReader(base: Reader, keys: readonly string[]): Reader {
  const [first, second, third] = keys;
  if (first === undefined) return base;
  if (second === undefined)
    return (run) => {
      const value = base(run);
      return isPlain(value) ? ownValue(value, first) : stepInto(run, value, first);
    };
  if (third === undefined)
    return (run) => {
      const value = base(run);
      const inner = isPlain(value) ? ownValue(value, first) : stepInto(run, value, first);
      return isPlain(inner) ? ownValue(inner, second) : stepInto(run, inner, second);
    };
  return (run) => {
    let value = base(run);
    for (const key of keys) {
      if (value === undefined) return undefined;
      value = isPlain(value) ? ownValue(value, key) : stepInto(run, value, key);
    }
    return value;
  };
}

/** An object as JSON has it: the fast way of most steps. */
const isPlain = (value: Value): value is JsonObject =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const ownValue = (value: JsonObject, key: string): Value =>
  Object.hasOwn(value, key) ? value[key] : undefined;
