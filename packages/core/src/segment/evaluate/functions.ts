import type { TimeUnit } from '../syntax/ast.ts';
import type { FunctionName } from '../syntax/function-names.ts';
import { beginOf, isOnCalendar } from './calendar.ts';
import { isEqual, keyOf, orderOf } from './compare.ts';
import { average, sum } from './decimal.ts';
import { compileLikePattern } from './like-pattern.ts';
import { noteUnitEnd } from './occurs.ts';
import { findsPattern, groupOf } from './regex.ts';
import { countStep, type Run } from './run.ts';
import { foldCase } from './text-compare.ts';
import { asTime, entriesOf, isAbsent, isGroup, isList, isTrue, MapEntry, type Value } from './value.ts';

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

/** A function of text and text with the optional case-sensitivity argument; false where either is absent. */
const textTest =
  (test: (target: string, text: string) => boolean): Implementation =>
  ({ target, given: [text, sensitive] }) => {
    if (isList(target)) return target.some((item) => textHolds(test, item, text, sensitive));
    return textHolds(test, target, text, sensitive);
  };

const textHolds = (
  test: (target: string, text: string) => boolean,
  target: Value,
  text: Value,
  sensitive: Value,
): boolean =>
  typeof target === 'string' &&
  typeof text === 'string' &&
  (sensitive === false ? test(foldCase(target), foldCase(text)) : test(target, text));

/** The items of a list, each with what an argument yields for it; without the argument the items themselves. */
function mapped({ run, target, perItem }: FunctionCall): Value[] {
  if (!isList(target)) return [];
  return target.map((item) => {
    countStep(run);
    return perItem === undefined ? item : perItem(run, item);
  });
}

const numbersOf = (call: FunctionCall): number[] =>
  mapped(call)
    .flatMap((value) => (isList(value) ? value : [value]))
    .filter((value) => typeof value === 'number');

const extreme =
  (wanted: 1 | -1): Implementation =>
  (call) => {
    let best: Value;
    for (const value of mapped(call).flatMap((found) => (isList(found) ? found : [found]))) {
      if (value === undefined || value === null) continue;
      if (best === undefined) best = value;
      else if (((orderOf(call.run, value, best) ?? 0) as number) * wanted > 0) best = value;
    }
    return best;
  };

const ranked =
  (wanted: 1 | -1): Implementation =>
  (call) => {
    const { run, target, given } = call;
    const most = given.find((value) => typeof value === 'number');
    if (!isList(target) || typeof most !== 'number') return undefined;
    const values = mapped(call);
    return target
      .map((item, index) => ({ item, value: values[index] }))
      .filter(({ value }) => value !== undefined && value !== null)
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
    const time = asTime(target);
    if (time === undefined || !isOnCalendar(time.begin)) return undefined;
    noteUnitEnd(run, time, unit);
    return part(new Date(time.begin));
  };
const currentPart =
  (part: (date: Date) => number): Implementation =>
  ({ run }) =>
    part(new Date(beginOf(run.clock.now, 'day')));

const keysOf = (run: Run, list: readonly Value[]): ReadonlySet<string> =>
  new Set(
    list.flatMap((item) => {
      countStep(run);
      return keyOf(item) ?? [];
    }),
  );

const includesAll = (run: Run, whole: Value, part: Value): boolean => {
  if (!isList(whole) || isAbsent(whole) || !isList(part)) return false;
  const keys = keysOf(run, whole);
  return part.every((item) => {
    const key = keyOf(item);
    return key === undefined || keys.has(key);
  });
};

const common = ({ run, target, given: [other] }: FunctionCall): readonly Value[] => {
  if (!isList(target) || !isList(other)) return [];
  const keys = keysOf(run, other);
  return unique(
    run,
    target.filter((item) => {
      const key = keyOf(item);
      return key !== undefined && keys.has(key);
    }),
  );
};

function unique(run: Run, list: readonly Value[]): readonly Value[] {
  const seen = new Set<string | undefined>();
  return list.filter((item) => {
    countStep(run);
    const key = keyOf(item);
    if (key === undefined || seen.has(key)) return false;
    seen.add(key);
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
  if (!(target instanceof Map) && !isGroup(target)) return undefined;
  return new Map(
    [...entriesOf(target)].filter(([key, value]) => {
      countStep(run);
      return isTrue(perItem(run, key, value));
    }),
  );
}

function map({ run, target, perItem }: FunctionCall): Value {
  if (perItem === undefined) return undefined;
  let results: Value[];
  if (isList(target))
    results = target.map((item) => {
      countStep(run);
      return perItem(run, item);
    });
  else if (target instanceof Map || isGroup(target))
    results = [...entriesOf(target)].map(([key, value]) => {
      countStep(run);
      return perItem(run, key, value);
    });
  else return undefined;
  if (results.length > 0 && results.every((result) => result instanceof MapEntry))
    return new Map(results.map(({ key, value }) => [key, value]));
  return results.filter((result) => result !== undefined && result !== null);
}

function groupBy({ run, target, perItem }: FunctionCall): Value {
  if (!isList(target) || perItem === undefined) return undefined;
  const groups = new Map<string, Value[]>();
  for (const item of target) {
    countStep(run);
    const key = perItem(run, item);
    if (typeof key !== 'string' && typeof key !== 'number' && typeof key !== 'boolean') continue;
    const group = groups.get(String(key));
    if (group === undefined) groups.set(String(key), [item]);
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
  isNull: ({ target }) => isAbsent(target),
  isNotNull: ({ target }) => !isAbsent(target),
  like: ({ target, given: [pattern] }) =>
    typeof pattern === 'string' &&
    (isList(target) ? target : [target]).some(
      (text) => typeof text === 'string' && likePattern(pattern)?.(text) === true,
    ),
  startsWith: textTest((target, text) => target.startsWith(text)),
  doesNotStartWith: textTest((target, text) => !target.startsWith(text)),
  endsWith: textTest((target, text) => target.endsWith(text)),
  doesNotEndWith: textTest((target, text) => !target.endsWith(text)),
  contains: textTest((target, text) => target.includes(text)),
  doesNotContain: textTest((target, text) => !target.includes(text)),
  equals: ({ run, target, given: [value, sensitive] }) => equals(run, target, value, sensitive, true),
  notEqualTo: ({ run, target, given: [value, sensitive] }) => equals(run, target, value, sensitive, false),
  matches: ({ target, given: [pattern] }) =>
    typeof pattern === 'string' &&
    (isList(target) ? target : [target]).some(
      (text) => typeof text === 'string' && findsPattern(text, pattern),
    ),
  regexGroup: ({ target, given: [pattern, group] }) =>
    typeof target === 'string' && typeof pattern === 'string' && typeof group === 'number'
      ? groupOf(target, pattern, group)
      : undefined,
  includes: ({ run, target, given: [item] }) =>
    isList(target) &&
    item !== undefined &&
    item !== null &&
    target.some((one) => {
      countStep(run);
      return isEqual(run, one, item);
    }),
  intersects: (call) => common(call).length > 0,
  intersection: common,
  subsetOf: ({ run, target, given: [other] }) => includesAll(run, other, isAbsent(target) ? [] : target),
  supersetOf: ({ run, target, given: [other] }) => !isAbsent(other) && includesAll(run, target, other),
  distinct: ({ run, target }) => (isList(target) ? unique(run, target) : undefined),
  head: ({ target }) => (isList(target) ? target[0] : undefined),
  filter,
  map,
  exists: (call) => {
    const { run, target, perItem } = call;
    return (
      isList(target) &&
      perItem !== undefined &&
      target.some((item) => {
        countStep(run);
        return isTrue(perItem(run, item));
      })
    );
  },
  forall: ({ run, target, perItem }) =>
    perItem !== undefined &&
    (isList(target) ? target : []).every((item) => {
      countStep(run);
      return isTrue(perItem(run, item));
    }),
  groupBy,
  topN: ranked(1),
  bottomN: ranked(-1),
  count: ({ target }) => {
    if (isList(target)) return target.length;
    return target instanceof Map ? target.size : isGroup(target) ? Object.keys(target).length : 0;
  },
  sum: (call) => sum(numbersOf(call)),
  average: (call) => average(numbersOf(call)),
  min: extreme(-1),
  max: extreme(1),
  get,
  keys: ({ target }) => [...entriesOf(target)].map(([key]) => key),
  values: ({ target }) => [...entriesOf(target)].map(([, value]) => value),
  getMonth: datePart('month', (date) => date.getUTCMonth() + 1),
  getYear: datePart('year', (date) => date.getUTCFullYear()),
  getDayOfMonth: datePart('day', (date) => date.getUTCDate()),
  currentMonth: currentPart((date) => date.getUTCMonth() + 1),
  currentYear: currentPart((date) => date.getUTCFullYear()),
  currentDayOfMonth: currentPart((date) => date.getUTCDate()),
  inSegment: ({ run, given: [segmentId] }) =>
    typeof segmentId === 'string' && run.subject.segments.has(segmentId),
  mapEntry: ({ given: [key, value] }) =>
    typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean'
      ? new MapEntry(String(key), value)
      : undefined,
};

/** `=` with a case; of anything but text the case says nothing. */
function equals(run: Run, target: Value, value: Value, sensitive: Value, wanted: boolean): boolean {
  if (isList(target) && !isList(value))
    return target.some((item) => equals(run, item, value, sensitive, wanted));
  if (target === undefined || target === null || value === undefined || value === null) return false;
  if (sensitive === false && typeof target === 'string' && typeof value === 'string')
    return (foldCase(target) === foldCase(value)) === wanted;
  return isEqual(run, target, value) === wanted;
}

const likePatterns = new Map<string, ((text: string) => boolean) | undefined>();
function likePattern(pattern: string): ((text: string) => boolean) | undefined {
  if (!likePatterns.has(pattern)) {
    if (likePatterns.size >= 1_000) likePatterns.clear();
    likePatterns.set(pattern, compileLikePattern(pattern));
  }
  return likePatterns.get(pattern);
}

export const implementationOf = (name: FunctionName): Implementation => implementations[name];
