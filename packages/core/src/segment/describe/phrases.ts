import type { FunctionName } from '../syntax/function-names.ts';

/** English of a call, given that of its target and of each argument. */
type Phrase = (target: string, args: readonly string[]) => string;

const text =
  (words: string): Phrase =>
  (target, [value, sensitive]) =>
    `${target} ${words} ${value ?? ''}${sensitive === 'false' ? ' (in any case)' : ''}`;

const before =
  (words: string): Phrase =>
  (target) =>
    `${words} ${target}`;

/** `the sum of Price over events …`; without an argument of the values themselves. */
const over =
  (words: string): Phrase =>
  (target, [what]) =>
    what === undefined ? `the ${words} of ${target}` : `the ${words} of ${what} over ${target}`;

const currently =
  (words: string): Phrase =>
  () =>
    words;

/** The functions whose English is one pattern; conditions on lists stand in `describe-list.ts`. */
export const phrases: Readonly<Partial<Record<FunctionName, Phrase>>> = {
  isNull: (target) => `${target} has no value`,
  isNotNull: (target) => `${target} has a value`,
  like: (target, [pattern]) => `${target} matches the pattern ${pattern ?? ''}`,
  startsWith: text('starts with'),
  doesNotStartWith: text('does not start with'),
  endsWith: text('ends with'),
  doesNotEndWith: text('does not end with'),
  contains: text('contains'),
  doesNotContain: text('does not contain'),
  equals: text('is'),
  notEqualTo: text('is not'),
  matches: text('matches the regular expression'),
  regexGroup: (target, [pattern, group]) => `group ${group ?? ''} of ${pattern ?? ''} in ${target}`,
  includes: (target, [item]) => `${target} includes ${item ?? ''}`,
  intersects: (target, [list]) => `${target} has any of ${list ?? ''}`,
  intersection: (target, [list]) => `the items ${target} shares with ${list ?? ''}`,
  subsetOf: (target, [list]) => `all of ${target} are among ${list ?? ''}`,
  supersetOf: (target, [list]) => `${target} has all of ${list ?? ''}`,
  distinct: before('the different values of'),
  head: before('the first of'),
  map: (target, [value]) => `${value ?? ''} of each of ${target}`,
  groupBy: (target, [by]) => `${target} grouped by ${by ?? ''}`,
  topN: (target, [by, n]) => `the ${n ?? ''} of ${target} with the highest ${by ?? ''}`,
  bottomN: (target, [by, n]) => `the ${n ?? ''} of ${target} with the lowest ${by ?? ''}`,
  sum: over('sum'),
  average: over('average'),
  min: over('lowest'),
  max: over('highest'),
  get: (target, [key]) => `${target} › ${key ?? ''}`,
  keys: before('the keys of'),
  values: before('the values of'),
  getMonth: before('the month of'),
  getYear: before('the year of'),
  getDayOfMonth: before('the day of the month of'),
  currentMonth: currently('the current month'),
  currentYear: currently('the current year'),
  currentDayOfMonth: currently('the current day of the month'),
  mapEntry: (_target, [key, value]) => `${key ?? ''} with ${value ?? ''}`,
};
