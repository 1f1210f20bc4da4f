import type { JsonValue } from '../../xdm/field.ts';
import type { PqlType } from '../check/pql-type.ts';
import { compileLikePattern, maxLikePattern } from './like-pattern.ts';
import { foldCase } from './text-compare.ts';

/** A value while a rule runs; undefined where the profile has none. Dates are milliseconds since 1970. */
export type PqlValue = JsonValue | undefined;

/** What a function takes in one place. */
export type PqlParameter = {
  readonly name: string;
  /** `item`: whatever the target list holds. */
  readonly type: 'text' | 'boolean' | 'item';
  readonly optional?: true;
  /** Must stand in the rule itself, not come from a field. */
  readonly literal?: true;
  /** The target's accepted values apply: a literal outside them is a mistake. */
  readonly oneOfTarget?: true;
  /** What is wrong with a literal, or undefined. */
  readonly fault?: (value: string) => string | undefined;
};

/**
 * One function of the language, complete: the checker, the evaluator, the printer and the English rendering
 * read this table and know no function by name.
 */
export type PqlFunction = {
  readonly name: string;
  /** Stands between its target and its argument, as `like` does. */
  readonly infix?: true;
  /** The kinds of value it can be called on; undefined: any. */
  readonly target: readonly PqlType['kind'][] | undefined;
  readonly parameters: readonly PqlParameter[];
  readonly result: 'boolean' | 'number';
  /**
   * Takes the arguments, returns what is asked of each target. Called once for arguments that stand in the
   * rule, so whatever can be prepared is prepared here. Values of a wrong type are like absent ones.
   */
  readonly evaluate: (args: readonly PqlValue[]) => (target: PqlValue) => PqlValue;
  /** English, given the English of the target and of each argument. */
  readonly describe: (target: string, args: readonly string[]) => string;
};

const caseSensitive: PqlParameter = { name: 'caseSensitive', type: 'boolean', optional: true, literal: true };

/** A function of text and text with the optional case-sensitivity argument; false where either is absent. */
const textPredicate = (
  name: string,
  test: (target: string, text: string) => boolean,
  words: string,
  oneOfTarget = false,
): PqlFunction => ({
  name,
  target: ['text'],
  parameters: [{ name: 'text', type: 'text', ...(oneOfTarget ? { oneOfTarget } : {}) }, caseSensitive],
  result: 'boolean',
  evaluate: ([text, sensitive]) => {
    if (typeof text !== 'string') return () => false;
    if (sensitive !== false) return (target) => typeof target === 'string' && test(target, text);
    const folded = foldCase(text);
    return (target) => typeof target === 'string' && test(foldCase(target), folded);
  },
  describe: (target, [text, sensitive]) =>
    `${target} ${words} ${text ?? ''}${sensitive === 'false' ? ' (in any case)' : ''}`,
});

/** Holds nothing: absent, null, an empty list or a group without fields. */
function isAbsent(value: PqlValue): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value !== 'object') return false;
  for (const _ in value) return false;
  return true;
}

const functions: readonly PqlFunction[] = [
  {
    name: 'isNull',
    target: undefined,
    parameters: [],
    result: 'boolean',
    evaluate: () => isAbsent,
    describe: (target) => `${target} has no value`,
  },
  {
    name: 'isNotNull',
    target: undefined,
    parameters: [],
    result: 'boolean',
    evaluate: () => (target) => !isAbsent(target),
    describe: (target) => `${target} has a value`,
  },
  textPredicate('startsWith', (target, text) => target.startsWith(text), 'starts with'),
  textPredicate('doesNotStartWith', (target, text) => !target.startsWith(text), 'does not start with'),
  textPredicate('endsWith', (target, text) => target.endsWith(text), 'ends with'),
  textPredicate('doesNotEndWith', (target, text) => !target.endsWith(text), 'does not end with'),
  textPredicate('contains', (target, text) => target.includes(text), 'contains'),
  textPredicate('doesNotContain', (target, text) => !target.includes(text), 'does not contain'),
  textPredicate('equals', (target, text) => target === text, 'is', true),
  textPredicate('notEqualTo', (target, text) => target !== text, 'is not', true),
  {
    name: 'like',
    infix: true,
    target: ['text'],
    parameters: [
      {
        name: 'pattern',
        type: 'text',
        literal: true,
        fault: (pattern) => {
          if (pattern.length > maxLikePattern)
            return `found a pattern of ${pattern.length} characters; expected at most ${maxLikePattern}`;
          return compileLikePattern(pattern) === undefined
            ? 'found a backslash before an ordinary character in the pattern; expected \\\\%, \\\\_ or \\\\\\\\'
            : undefined;
        },
      },
    ],
    result: 'boolean',
    evaluate: ([pattern]) => {
      const matches = typeof pattern === 'string' ? compileLikePattern(pattern) : undefined;
      return (target) => typeof target === 'string' && matches !== undefined && matches(target);
    },
    describe: (target, [pattern]) => `${target} matches the pattern ${pattern ?? ''}`,
  },
  {
    name: 'count',
    target: ['list'],
    parameters: [],
    result: 'number',
    evaluate: () => (target) => (Array.isArray(target) ? target.length : 0),
    describe: (target) => `the number of items in ${target}`,
  },
  {
    name: 'includes',
    target: ['list'],
    parameters: [{ name: 'item', type: 'item' }],
    result: 'boolean',
    evaluate:
      ([item]) =>
      (target) =>
        item !== undefined && Array.isArray(target) && target.includes(item),
    describe: (target, [item]) => `${target} includes ${item ?? ''}`,
  },
];

const byLowerCase: ReadonlyMap<string, PqlFunction> = new Map(
  functions.map((entry) => [entry.name.toLowerCase(), entry]),
);

/** The function of that name, whatever its case. */
export const findFunction = (name: string): PqlFunction | undefined => byLowerCase.get(name.toLowerCase());

/** The name as the table spells it; a name it does not have stays as it is. */
export const canonicalFunctionName = (name: string): string => findFunction(name)?.name ?? name;

/** Every name that can be called with a dot; for suggestions. */
export const methodNames: readonly string[] = [
  'get',
  ...functions.filter((entry) => entry.infix === undefined).map((entry) => entry.name),
];

/** How an operand of a function must look: `startsWith(text, caseSensitive?)`. */
export const signatureOf = (entry: PqlFunction): string =>
  `${entry.name}(${entry.parameters.map(({ name, optional }) => `${name}${optional ? '?' : ''}`).join(', ')})`;
