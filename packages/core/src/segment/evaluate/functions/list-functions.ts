import { orderOf } from '../compare.ts';
import { countEntries, isNothing } from '../cost.ts';
import { average, sum } from '../decimal.ts';
import { countStep, countSteps } from '../run.ts';
import { isList, isTrue, sizeOf, type Value } from '../value.ts';
import type { FunctionCall, Implementation } from './call.ts';
import { mapped } from './items.ts';

/** What an argument yields for each item of a list, with lists among that laid out. */
function flattened(call: FunctionCall): Value[] {
  const found: Value[] = [];
  for (const value of (isList(call.target) ? mapped(call) : undefined) ?? []) {
    if (isList(value)) {
      countSteps(call.run, value.length);
      for (const item of value) found.push(item);
    } else found.push(value);
  }
  return found;
}

const numbersOf = (call: FunctionCall): number[] =>
  flattened(call).filter((value) => typeof value === 'number');

const extreme =
  (wanted: 1 | -1): Implementation =>
  (call) => {
    let best: Value;
    for (const value of flattened(call)) {
      if (isNothing(call.run, value)) continue;
      if (best === undefined || (orderOf(call.run, value, best) ?? 0) * wanted > 0) best = value;
    }
    return best;
  };

const ranked =
  (wanted: 1 | -1): Implementation =>
  (call) => {
    const { run, target, given } = call;
    const most = given.find((value) => typeof value === 'number');
    if (!isList(target) || typeof most !== 'number') return undefined;
    const values = mapped(call) ?? [];
    return target
      .map((item, index) => ({ item, value: values[index] }))
      .filter(({ value }) => !isNothing(run, value))
      .sort((a, b) => {
        countStep(run);
        return -wanted * (orderOf(run, a.value, b.value) ?? 0);
      })
      .slice(0, Math.max(0, Math.floor(most)))
      .map(({ item }) => item);
  };

/** Of lists, item by item. */
export const listFunctions = {
  head: ({ target }) => (isList(target) ? target[0] : undefined),
  exists: ({ run, target, perItem }) =>
    isList(target) &&
    target.some((item) => {
      countStep(run);
      return isTrue(perItem?.(run, item));
    }),
  forall: ({ run, target, perItem }) =>
    isNothing(run, target) ||
    (isList(target) &&
      target.every((item) => {
        countStep(run);
        return isTrue(perItem?.(run, item));
      })),
  topN: ranked(1),
  bottomN: ranked(-1),
  count: ({ run, target }) => {
    countEntries(run, target);
    return sizeOf(target);
  },
  sum: (call) => sum(call.run, numbersOf(call)),
  average: (call) => average(call.run, numbersOf(call)),
  min: extreme(-1),
  max: extreme(1),
} satisfies Readonly<Record<string, Implementation>>;
