import { compileLikePattern, maxLikePattern } from '../evaluate/like-pattern.ts';
import { type FunctionName, findFunctionName } from '../syntax/function-names.ts';
import { findGroupsFault, findPatternFault, type TextFault } from './pattern-fault.ts';
import { isUnknown, type PqlType, unknownType } from './pql-type.ts';

/** What a function takes in one place. */
export type PqlParameter = {
  readonly name: string;
  /**
   * `item`: whatever the target list holds; `list`: a list of that; `same`: what
   * the target is; `key`: a single value. `condition`, `figure`,
   * `orderable` and `value` are evaluated once per item of the target and yield true or false, a number, something
   * with an order, anything. `any`: any value.
   */
  readonly type:
    | 'text'
    | 'number'
    | 'boolean'
    | 'item'
    | 'same'
    | 'list'
    | 'key'
    | 'any'
    | 'condition'
    | 'figure'
    | 'orderable'
    | 'value';
  readonly optional?: true;
  /** Must stand in the rule itself, not come from a field. */
  readonly literal?: true;
  /** The target's accepted values apply: a literal outside them is a mistake. */
  readonly oneOfTarget?: true;
  /** What is wrong with a literal, or undefined. */
  readonly fault?: (value: string | number | boolean) => TextFault | undefined;
};

/** What a function takes and yields. What it does stands in `evaluate/`. */
export type Signature = {
  readonly name: FunctionName;
  /** Stands between its target and its argument, as `like` does. */
  readonly isInfix?: true;
  /** Called without a target, as `inSegment` is. */
  readonly isFree?: true;
  /** The kinds of value it can be called on; undefined: any. */
  readonly target: readonly PqlType['kind'][] | undefined;
  readonly parameters: readonly PqlParameter[];
  /** Of lambdas: the type of their bodies. */
  readonly result: (target: PqlType, args: readonly (PqlType | undefined)[]) => PqlType;
};

type Part = Omit<Signature, 'name'>;

const yields = (kind: 'boolean' | 'number' | 'text') => (): PqlType => ({ kind });
const same = (target: PqlType): PqlType => target;
const itemsOf = (target: PqlType): PqlType => (target.kind === 'list' ? target.items : unknownType);
const collections = ['list', 'map'] as const;

const anything: Part = { target: undefined, parameters: [], result: yields('boolean') };

const caseSensitive: PqlParameter = { name: 'caseSensitive', type: 'boolean', optional: true, literal: true };

/** Of text and text, with the optional case-sensitivity argument. */
const ofText: Part = {
  target: ['text'],
  parameters: [{ name: 'text', type: 'text' }, caseSensitive],
  result: yields('boolean'),
};
const equality: Part = {
  target: ['text', 'number', 'boolean', 'date', 'instant'],
  parameters: [{ name: 'value', type: 'same', oneOfTarget: true }, caseSensitive],
  result: yields('boolean'),
};

const likeFault = (pattern: string | number | boolean): TextFault | undefined => {
  const text = String(pattern);
  if (text.length > maxLikePattern)
    return { message: `found a pattern of ${text.length} characters; expected at most ${maxLikePattern}` };
  if (compileLikePattern(text) !== undefined) return undefined;
  return {
    message:
      'found a backslash before an ordinary character in the pattern; expected \\\\%, \\\\_ or \\\\\\\\',
  };
};
const pattern: PqlParameter = {
  name: 'pattern',
  type: 'text',
  literal: true,
  fault: (value) => findPatternFault(String(value)),
};

const twoLists: Part = {
  target: ['list'],
  parameters: [{ name: 'list', type: 'list' }],
  result: yields('boolean'),
};
const ranked: Part = {
  target: ['list'],
  parameters: [
    { name: 'by', type: 'orderable' },
    { name: 'n', type: 'number' },
  ],
  result: same,
};
const quantifier: Part = {
  target: ['list'],
  parameters: [{ name: 'condition', type: 'condition' }],
  result: yields('boolean'),
};
const figure: Part = {
  target: ['list'],
  parameters: [{ name: 'number', type: 'figure', optional: true }],
  result: yields('number'),
};
const extreme: Part = {
  target: ['list'],
  parameters: [{ name: 'by', type: 'orderable', optional: true }],
  result: (target, [by]) => by ?? itemsOf(target),
};
const partOfTime: Part = { target: ['date', 'instant'], parameters: [], result: yields('number') };
const partOfNow: Part = { isFree: true, target: undefined, parameters: [], result: yields('number') };

const signatures: Readonly<Record<FunctionName, Part>> = {
  isNull: anything,
  isNotNull: anything,
  like: {
    isInfix: true,
    target: ['text'],
    parameters: [{ name: 'pattern', type: 'text', literal: true, fault: likeFault }],
    result: yields('boolean'),
  },
  startsWith: ofText,
  doesNotStartWith: ofText,
  endsWith: ofText,
  doesNotEndWith: ofText,
  contains: ofText,
  doesNotContain: ofText,
  equals: equality,
  notEqualTo: equality,
  matches: { target: ['text'], parameters: [pattern], result: yields('boolean') },
  regexGroup: {
    target: ['text'],
    parameters: [
      { ...pattern, fault: (value) => findGroupsFault(String(value)) },
      { name: 'group', type: 'number', literal: true, fault: (n) => wholeFault(n, 0) },
    ],
    result: yields('text'),
  },
  includes: { target: ['list'], parameters: [{ name: 'item', type: 'item' }], result: yields('boolean') },
  intersects: twoLists,
  intersection: { ...twoLists, result: same },
  subsetOf: twoLists,
  supersetOf: twoLists,
  distinct: { target: ['list'], parameters: [], result: same },
  head: { target: ['list'], parameters: [], result: itemsOf },
  filter: { target: collections, parameters: [{ name: 'condition', type: 'condition' }], result: same },
  map: {
    target: collections,
    parameters: [{ name: 'value', type: 'value' }],
    result: (_target, [value = unknownType]) => {
      if (value.kind === 'entry') return { kind: 'map', values: value.values };
      return isUnknown(value) ? unknownType : { kind: 'list', items: value };
    },
  },
  exists: quantifier,
  forall: quantifier,
  groupBy: {
    target: ['list'],
    parameters: [{ name: 'by', type: 'value' }],
    result: (target) => ({ kind: 'map', values: target }),
  },
  topN: ranked,
  bottomN: ranked,
  count: { target: collections, parameters: [], result: yields('number') },
  sum: figure,
  average: figure,
  min: extreme,
  max: extreme,
  get: {
    target: ['map'],
    parameters: [{ name: 'key', type: 'text' }],
    result: (target) => (target.kind === 'map' ? target.values : unknownType),
  },
  keys: { target: ['map'], parameters: [], result: () => ({ kind: 'list', items: { kind: 'text' } }) },
  values: {
    target: ['map'],
    parameters: [],
    result: (target) => ({ kind: 'list', items: target.kind === 'map' ? target.values : unknownType }),
  },
  getMonth: partOfTime,
  getYear: partOfTime,
  getDayOfMonth: partOfTime,
  currentMonth: partOfNow,
  currentYear: partOfNow,
  currentDayOfMonth: partOfNow,
  inSegment: {
    isFree: true,
    target: undefined,
    parameters: [{ name: 'id', type: 'text', literal: true }],
    result: yields('boolean'),
  },
  mapEntry: {
    isFree: true,
    target: undefined,
    parameters: [
      { name: 'key', type: 'key' },
      { name: 'value', type: 'any' },
    ],
    result: (_target, [, value]) => ({ kind: 'entry', values: value ?? unknownType }),
  },
};

function wholeFault(value: string | number | boolean, least: number): TextFault | undefined {
  const isWhole = typeof value === 'number' && Number.isInteger(value) && value >= least;
  return isWhole ? undefined : { message: `found ${String(value)}; expected a whole number from ${least}` };
}

/** The function of that name, whatever its case. */
export function findSignature(name: string): Signature | undefined {
  const known = findFunctionName(name);
  return known === undefined ? undefined : { name: known, ...signatures[known] };
}

const named = (isFree: boolean): readonly string[] =>
  Object.entries(signatures)
    .filter(([, entry]) => entry.isInfix === undefined && (entry.isFree === true) === isFree)
    .map(([name]) => name);

/** Every name that can be called after a dot; for suggestions. */
export const methodNames: readonly string[] = named(false);
/** Every name that can be called alone. */
export const freeNames: readonly string[] = ['if', 'date', ...named(true)];

/** How a call must look: `startsWith(text, caseSensitive?)`. */
export const showSignature = (entry: Signature): string =>
  `${entry.name}(${entry.parameters.map(({ name, optional }) => `${name}${optional ? '?' : ''}`).join(', ')})`;
