import { countEntries } from '../cost.ts';
import { countStep, type Run } from '../run.ts';
import { entriesOf, isList, isMap, type Value } from '../value.ts';
import type { FunctionCall } from './call.ts';

/**
 * What an argument yields for each item of a list or entry of a map, in order; without the argument the items
 * themselves. Undefined of anything else.
 */
export function mapped({ run, target, perItem }: FunctionCall): Value[] | undefined {
  const each = (item: Value, value?: Value): Value => {
    countStep(run);
    return perItem === undefined ? item : perItem(run, item, value);
  };
  if (isList(target)) return target.map((item) => each(item));
  if (!isMap(target)) return undefined;
  return entries(run, target).map(([key, value]) => each(key, value));
}

/** The entries of a map or group; of anything else none. */
export function entries(run: Run, target: Value): (readonly [string, Value])[] {
  countEntries(run, target);
  return [...entriesOf(target)];
}
