import type { TimeUnit } from '../syntax/ast.ts';
import type { FunctionName } from '../syntax/function-names.ts';
import { beginOf, isOnCalendar } from './calendar.ts';
import { compare, has, orderOf } from './compare.ts';
import { countEntries, countFolding, countSearch, countText, countTime, isNothing } from './cost.ts';
import { average, sum } from './decimal.ts';
import { compileLikePattern, type LikePattern } from './like-pattern.ts';
import { noteUnitEnd } from './occurs.ts';
import { findsPattern, groupOf } from './regex.ts';
import { countStep, countSteps, type Run } from './run.ts';
import { foldCase } from './text-compare.ts';
import {
  asKey,
  asTime,
  entriesOf,
  isGroup,
  isList,
  isMap,
  isTrue,
  MapEntry,
  sizeOf,
  type Value,
} from './value.ts';
import { ValueSet } from './value-set.ts';

/** An argument that is evaluated once per item; of an entry of a map, with its key and value. */
export type PerItem = (run: Run, item: Value, value?: Value) => Value;

/** One call: the target, the arguments in order, each a value or what is evaluated per item. */
export type FunctionCall = {
  readonly run: Run;
  readonly target: Value;
  readonly given: readonly Value[];
  readonly perItem: PerItem | undefined;
};

type Implementation = (call: FunctionCall) => Value;

type TextTest = (target: string, text: string, run: Run) => boolean;

/** A function of text and text with the optional case-sensitivity argument; false where either is absent. */
const textTest =
  (test: TextTest): Implementation =>
  ({ run, target, given: [text, sensitive] }) => {
    if (!isList(target)) return textHolds(run, test, target, text, sensitive);
    return target.some((item) => {
      countStep(run);
      return textHolds(run, test, item, text, sensitive);
    });
  };

function textHolds(run: Run, test: TextTest, target: Value, text: Value, sensitive: Value): boolean {
  if (typeof target !== 'string' || typeof text !== 'string') return false;
  if (sensitive === false) {
    countFolding(run, target.length + text.length);
    return test(foldCase(target), foldCase(text), run);
  }
  return test(target, text, run);
}

const contains: TextTest = (target, text, run) => {
  countSearch(run, target, text);
  return target.includes(text);
};
const startsWith: TextTest = (target, text, run) => {
  countText(run, text.length);
  return target.startsWith(text);
};
const endsWith: TextTest = (target, text, run) => {
  countText(run, text.length);
  return target.endsWith(text);
};
const not =
  (test: TextTest): TextTest =>
  (target, text, run) =>
    !test(target, text, run);

/**
 * What an argument yields for each item of a list or entry of a map, in order; without the argument the items
 * themselves. Undefined of anything else.
 */
function mapped({ run, target, perItem }: FunctionCall): Value[] | undefined {
  const each = (item: Value, value?: Value): Value => {
    countStep(run);
    return perItem === undefined ? item : perItem(run, item, value);
  };
  if (isList(target)) return target.map((item) => each(item));
  if (!isMap(target)) return undefined;
  return entries(run, target).map(([key, value]) => each(key, value));
}

/** The same with lists among them laid out. */
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

const datePart =
  (unit: TimeUnit, part: (date: Date) => number): Implementation =>
  ({ run, target }) => {
    countTime(run);
    const time = asTime(target);
    if (time === undefined || !isOnCalendar(time.begin)) return undefined;
    noteUnitEnd(run, time, unit);
    return part(new Date(time.begin));
  };
const currentPart =
  (part: (date: Date) => number): Implementation =>
  ({ run }) =>
    part(new Date(beginOf(run.clock.now, 'day')));

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

function entries(run: Run, target: Value): (readonly [string, Value])[] {
  countEntries(run, target);
  return [...entriesOf(target)];
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

/** What each function does. Values of a wrong type are like absent ones. */
const implementations: Readonly<Record<FunctionName, Implementation>> = {
  isNull: ({ run, target }) => isNothing(run, target),
  isNotNull: ({ run, target }) => !isNothing(run, target),
  like: ({ run, target, given: [pattern] }) =>
    typeof pattern === 'string' &&
    (isList(target) ? target : [target]).some((text) => {
      countStep(run);
      return typeof text === 'string' && likePattern(pattern)?.(run, text) === true;
    }),
  startsWith: textTest(startsWith),
  doesNotStartWith: textTest(not(startsWith)),
  endsWith: textTest(endsWith),
  doesNotEndWith: textTest(not(endsWith)),
  contains: textTest(contains),
  doesNotContain: textTest(not(contains)),
  equals: ({ run, target, given: [value, sensitive] }) => equals(run, '=', target, value, sensitive),
  notEqualTo: ({ run, target, given: [value, sensitive] }) => equals(run, '!=', target, value, sensitive),
  matches: ({ run, target, given: [pattern] }) =>
    typeof pattern === 'string' &&
    (isList(target) ? target : [target]).some((text) => {
      countStep(run);
      return typeof text === 'string' && findsPattern(run, text, pattern);
    }),
  regexGroup: ({ run, target, given: [pattern, group] }) =>
    typeof target === 'string' && typeof pattern === 'string' && typeof group === 'number'
      ? groupOf(run, target, pattern, group)
      : undefined,
  includes: ({ run, target, given: [item] }) => isList(target) && has(run, target, item),
  intersects: (call) => common(call).length > 0,
  intersection: common,
  subsetOf: ({ run, target, given: [other] }) =>
    includesAll(run, other, isNothing(run, target) ? [] : target),
  supersetOf: ({ run, target, given: [other] }) =>
    isList(other) && other.length > 0 && includesAll(run, target, other),
  distinct: ({ run, target }) => (isList(target) ? unique(run, target) : undefined),
  head: ({ target }) => (isList(target) ? target[0] : undefined),
  filter,
  map,
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
  groupBy,
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
  get,
  keys: ({ run, target }) => entries(run, target).map(([key]) => key),
  values: ({ run, target }) => entries(run, target).map(([, value]) => value),
  getMonth: datePart('month', (date) => date.getUTCMonth() + 1),
  getYear: datePart('year', (date) => date.getUTCFullYear()),
  getDayOfMonth: datePart('day', (date) => date.getUTCDate()),
  currentMonth: currentPart((date) => date.getUTCMonth() + 1),
  currentYear: currentPart((date) => date.getUTCFullYear()),
  currentDayOfMonth: currentPart((date) => date.getUTCDate()),
  inSegment: ({ run, given: [segmentId] }) =>
    typeof segmentId === 'string' && run.subject.segments.has(segmentId),
  mapEntry: ({ given: [given, value] }) => {
    const key = asKey(given);
    return key === undefined ? undefined : new MapEntry(key, value);
  },
};

/** `=` or `!=` in any case; of anything but two texts the case says nothing. */
function equals(run: Run, operator: '=' | '!=', target: Value, value: Value, sensitive: Value): boolean {
  if (sensitive !== false) return compare(run, operator, target, value);
  if (isList(target) && !isList(value))
    return target.some((item) => {
      countStep(run);
      return equals(run, operator, item, value, sensitive);
    });
  if (typeof target !== 'string' || typeof value !== 'string') return compare(run, operator, target, value);
  countFolding(run, target.length + value.length);
  return compare(run, operator, foldCase(target), foldCase(value));
}

const likePatterns = new Map<string, LikePattern | undefined>();
function likePattern(pattern: string): LikePattern | undefined {
  if (!likePatterns.has(pattern)) {
    if (likePatterns.size >= 1_000) likePatterns.clear();
    likePatterns.set(pattern, compileLikePattern(pattern));
  }
  return likePatterns.get(pattern);
}

export const implementationOf = (name: FunctionName): Implementation => implementations[name];
