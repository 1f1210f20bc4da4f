import type { Kind, Value } from './typed-expression.ts';

export type PqlParameter = {
  readonly name: string;
  /** What the argument may be; `item` is whatever the list holds, `same` whatever the one before it is. */
  readonly kinds: readonly Kind[] | 'any' | 'item' | 'same';
  readonly isOptional?: true;
  /** The value has to be written out in the rule. */
  readonly isLiteral?: true;
};

/** A function of PQL. The values of a method begin with what stands before the dot. */
export type PqlFunction = {
  readonly name: string;
  readonly parameters: readonly PqlParameter[];
  /** Whether the first parameter stands before the dot. */
  readonly isMethod: boolean;
  /** `last` is the kind of the last argument. */
  readonly result: Kind | 'last';
  /** Absent values and values left out are undefined. */
  evaluate(first: Value, second: Value, third: Value): Value;
  describe(first: string, second: string, third: string): string;
};

/**
 * Text for comparison without case. Upper case rather than lower, because it makes the two small sigmas and
 * the sharp s and "ss" one.
 */
export const foldCase = (text: string): string => text.toUpperCase();

/** A test of two texts, false when either is absent, with the case switch as third value. */
const textTest = (
  name: string,
  words: string,
  test: (text: string, wanted: string) => boolean,
): PqlFunction => ({
  name,
  isMethod: true,
  parameters: [
    { name: 'text', kinds: ['text'] },
    { name: 'other text', kinds: ['text'] },
    { name: 'case-sensitive', kinds: ['boolean'], isOptional: true, isLiteral: true },
  ],
  result: 'boolean',
  evaluate: (text, wanted, caseSensitive) => {
    if (typeof text !== 'string' || typeof wanted !== 'string') return false;
    return caseSensitive === false ? test(foldCase(text), foldCase(wanted)) : test(text, wanted);
  },
  describe: (text, wanted, caseSensitive) =>
    `${text} ${words} ${wanted}${caseSensitive === 'false' ? ' (upper or lower case)' : ''}`,
});

const anything: PqlParameter = { name: 'value', kinds: 'any' };

/**
 * Whether nothing is there: absent, null, or a list, map or group of fields that holds nothing. An empty text
 * is something.
 */
export const isAbsent = (value: Value): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === 'object' && Object.values(value).every((inner) => isAbsent(inner)));

/** Every function that a rule may call. */
export const pqlFunctions: readonly PqlFunction[] = [
  textTest('startsWith', 'starts with', (text, wanted) => text.startsWith(wanted)),
  textTest('doesNotStartWith', 'does not start with', (text, wanted) => !text.startsWith(wanted)),
  textTest('endsWith', 'ends with', (text, wanted) => text.endsWith(wanted)),
  textTest('doesNotEndWith', 'does not end with', (text, wanted) => !text.endsWith(wanted)),
  textTest('contains', 'contains', (text, wanted) => text.includes(wanted)),
  textTest('doesNotContain', 'does not contain', (text, wanted) => !text.includes(wanted)),
  textTest('equals', 'is', (text, wanted) => text === wanted),
  textTest('notEqualTo', 'is not', (text, wanted) => text !== wanted),
  {
    name: 'isNull',
    isMethod: true,
    parameters: [anything],
    result: 'boolean',
    evaluate: (value) => isAbsent(value),
    describe: (value) => `${value} has no value`,
  },
  {
    name: 'isNotNull',
    isMethod: true,
    parameters: [anything],
    result: 'boolean',
    evaluate: (value) => !isAbsent(value),
    describe: (value) => `${value} has a value`,
  },
  {
    name: 'count',
    isMethod: true,
    parameters: [{ name: 'list', kinds: ['list'] }],
    result: 'number',
    evaluate: (list) => (Array.isArray(list) ? list.length : 0),
    describe: (list) => `the number of ${list}`,
  },
  {
    name: 'includes',
    isMethod: true,
    parameters: [
      { name: 'list', kinds: ['list'] },
      { name: 'item', kinds: 'item' },
    ],
    result: 'boolean',
    evaluate: (list, item) => item !== undefined && Array.isArray(list) && list.includes(item),
    describe: (list, item) => `${list} includes ${item}`,
  },
  {
    name: 'if',
    isMethod: false,
    parameters: [
      { name: 'condition', kinds: ['boolean'] },
      { name: 'value when true', kinds: ['text', 'number', 'boolean', 'date', 'time'] },
      { name: 'value when false', kinds: 'same' },
    ],
    result: 'last',
    evaluate: (condition, whenTrue, whenFalse) => (condition === true ? whenTrue : whenFalse),
    describe: (condition, whenTrue, whenFalse) =>
      `(if ${condition} then ${whenTrue}, otherwise ${whenFalse})`,
  },
];

const byName = new Map(pqlFunctions.map((entry) => [entry.name.toLowerCase(), entry]));

/** The function of this name in any case. */
export const findFunction = (name: string): PqlFunction | undefined => byName.get(name.toLowerCase());
