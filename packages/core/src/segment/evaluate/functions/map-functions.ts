import { isNothing } from '../cost.ts';
import { countStep } from '../run.ts';
import { asKey, isGroup, isList, isMap, isTrue, MapEntry, type Value } from '../value.ts';
import type { FunctionCall, Implementation } from './call.ts';
import { entries, mapped } from './items.ts';

function filter({ run, target, perItem }: FunctionCall): Value {
  if (perItem === undefined) return undefined;
  if (isList(target))
    return target.filter((item) => {
      countStep(run);
      return isTrue(perItem(run, item));
    });
  if (!isMap(target)) return undefined;
  return new Map(
    entries(run, target).filter(([key, value]) => {
      countStep(run);
      return isTrue(perItem(run, key, value));
    }),
  );
}

function map(call: FunctionCall): Value {
  const results = call.perItem === undefined ? undefined : mapped(call);
  if (results === undefined) return undefined;
  if (results.length > 0 && results.every((result) => result instanceof MapEntry))
    return new Map(results.map(({ key, value }) => [key, value]));
  return results.filter((result) => !isNothing(call.run, result));
}

function groupBy({ run, target, perItem }: FunctionCall): Value {
  if (!isList(target) || perItem === undefined) return undefined;
  const groups = new Map<string, Value[]>();
  for (const item of target) {
    countStep(run);
    const key = asKey(perItem(run, item));
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function get({ target, given: [key] }: FunctionCall): Value {
  if (typeof key !== 'string') return undefined;
  if (target instanceof Map) return target.get(key);
  return isGroup(target) && Object.hasOwn(target, key) ? target[key] : undefined;
}

/** Of maps, and what makes them; `filter` and `map` of lists, too. */
export const mapFunctions = {
  filter,
  map,
  groupBy,
  get,
  keys: ({ run, target }) => entries(run, target).map(([key]) => key),
  values: ({ run, target }) => entries(run, target).map(([, value]) => value),
  mapEntry: ({ given: [given, value] }) => {
    const key = asKey(given);
    return key === undefined ? undefined : new MapEntry(key, value);
  },
} satisfies Readonly<Record<string, Implementation>>;
