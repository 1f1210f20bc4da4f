import type { JsonObject } from '../../xdm/field.ts';
import type { PqlType } from '../check/pql-type.ts';
import { countStep, countSteps, type Reader, type Run } from './run.ts';
import { asTime, isGroup, isList, type Value } from './value.ts';

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

/** Reads what is found some steps from a base; as a time where the schema says that it is one. */
export function pathReader(base: Reader, keys: readonly string[], type: PqlType | undefined): Reader {
  const raw = rawReader(base, keys);
  switch (type?.kind) {
    case 'date':
    case 'instant':
      return (run) => asTime(raw(run));
    case 'text':
      return ofType(raw, 'string');
    case 'number':
      return ofType(raw, 'number');
    case 'boolean':
      return ofType(raw, 'boolean');
    case 'list':
      return listReader(raw, type.items);
    default:
      return raw;
  }
}

/** A value of another type than the schema declares is read as absent. */
const ofType =
  (raw: Reader, wanted: 'string' | 'number' | 'boolean'): Reader =>
  (run) => {
    const value = raw(run);
    return typeof value === wanted ? value : undefined;
  };

function listReader(raw: Reader, items: PqlType): Reader {
  if (items.kind !== 'date' && items.kind !== 'instant') return raw;
  return (run) => {
    const list = raw(run);
    if (isList(list)) countSteps(run, list.length);
    return isList(list) ? list.map((item) => asTime(item)) : list;
  };
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
