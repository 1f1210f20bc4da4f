/**
 * Every function of the language by the name the documents use, with the places of the arguments that are evaluated
 * once per item. The parser makes lambdas of those; what the functions take and yield stands in `check/signatures.ts`,
 * what they do in `evaluate/functions.ts`.
 */
const perItem = {
  isNull: [],
  isNotNull: [],
  like: [],
  startsWith: [],
  doesNotStartWith: [],
  endsWith: [],
  doesNotEndWith: [],
  contains: [],
  doesNotContain: [],
  equals: [],
  notEqualTo: [],
  matches: [],
  regexGroup: [],
  includes: [],
  intersects: [],
  intersection: [],
  subsetOf: [],
  supersetOf: [],
  distinct: [],
  head: [],
  filter: [0],
  map: [0],
  exists: [0],
  forall: [0],
  groupBy: [0],
  topN: [0],
  bottomN: [0],
  count: [],
  sum: [0],
  average: [0],
  min: [0],
  max: [0],
  get: [],
  keys: [],
  values: [],
  getMonth: [],
  getYear: [],
  getDayOfMonth: [],
  currentMonth: [],
  currentYear: [],
  currentDayOfMonth: [],
  inSegment: [],
  mapEntry: [],
} as const satisfies Readonly<Record<string, readonly number[]>>;

export type FunctionName = keyof typeof perItem;

const names = Object.keys(perItem) as FunctionName[];
const byLowerCase: ReadonlyMap<string, FunctionName> = new Map(
  names.map((name) => [name.toLowerCase(), name]),
);

/** The function of that name, whatever its case. */
export const findFunctionName = (name: string): FunctionName | undefined =>
  byLowerCase.get(name.toLowerCase());

/** Whether an argument of a function is evaluated once per item. */
export const isPerItem = (name: FunctionName, argument: number): boolean =>
  (perItem[name] as readonly number[]).includes(argument);
