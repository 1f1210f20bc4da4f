import type { PqlType } from '../check/pql-type.ts';
import { countSteps, type Run } from './run.ts';
import { asTime, isList, isMap, type Value } from './value.ts';

/**
 * Makes a value what the schema says it is: a text a time where times are declared. A value of another kind is absent, and
 * one among the items of a list is not in it. Undefined for a type of which nothing is known.
 */
export function conformTo(type: PqlType): ((run: Run, value: Value) => Value) | undefined {
  switch (type.kind) {
    case 'date':
    case 'instant':
      return (_run, value) => asTime(value);
    case 'text':
      return (_run, value) => (typeof value === 'string' ? value : undefined);
    case 'number':
      return (_run, value) => (typeof value === 'number' ? value : undefined);
    case 'boolean':
      return (_run, value) => (typeof value === 'boolean' ? value : undefined);
    case 'object':
    case 'map':
      return (_run, value) => (isMap(value) ? value : undefined);
    case 'list':
      return listOf(conformTo(type.items));
    default:
      return undefined;
  }
}

function listOf(conform: ReturnType<typeof conformTo>): (run: Run, value: Value) => Value {
  return (run, value) => {
    if (!isList(value) || conform === undefined) return isList(value) ? value : undefined;
    countSteps(run, value.length);
    // Mostly all are right, and the list is taken as it is.
    const first = value.findIndex((item) => item !== null && conform(run, item) !== item);
    if (first < 0) return value;
    const found = value.slice(0, first);
    for (let index = first; index < value.length; index++) {
      const item = value[index];
      const conformed = item === null ? null : conform(run, item);
      if (conformed !== undefined) found.push(conformed);
    }
    return found;
  };
}
