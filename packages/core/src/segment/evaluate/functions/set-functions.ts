import { has } from '../compare.ts';
import { isNothing } from '../cost.ts';
import type { Run } from '../run.ts';
import { isList, type Value } from '../value.ts';
import { ValueSet } from '../value-set.ts';
import type { FunctionCall, Implementation } from './call.ts';

/** Whether a list has all that is in another. */
function includesAll(run: Run, whole: Value, part: Value): boolean {
  if (!isList(whole) || whole.length === 0 || !isList(part)) return false;
  const set = ValueSet.of(run, whole);
  return part.every((item) => isNothing(run, item) || set.has(run, item));
}

const common = ({ run, target, given: [other] }: FunctionCall): readonly Value[] => {
  if (!isList(target) || !isList(other)) return [];
  const set = ValueSet.of(run, other);
  return unique(
    run,
    target.filter((item) => set.has(run, item)),
  );
};

function unique(run: Run, list: readonly Value[]): readonly Value[] {
  const seen = new ValueSet();
  return list.filter((item) => {
    if (isNothing(run, item) || seen.has(run, item)) return false;
    seen.add(run, item);
    return true;
  });
}

/** Of lists as sets. */
export const setFunctions = {
  includes: ({ run, target, given: [item] }) => isList(target) && has(run, target, item),
  intersects: (call) => common(call).length > 0,
  intersection: common,
  subsetOf: ({ run, target, given: [other] }) =>
    includesAll(run, other, isNothing(run, target) ? [] : target),
  supersetOf: ({ run, target, given: [other] }) =>
    isList(other) && other.length > 0 && includesAll(run, target, other),
  distinct: ({ run, target }) => (isList(target) ? unique(run, target) : undefined),
} satisfies Readonly<Record<string, Implementation>>;
