import { dot, foldCase } from './character-class.ts';
import { escapedClass, escapedCode, parseBrackets } from './parse-escape.ts';
import { codeOf, PatternCursor } from './pattern-cursor.ts';
import { type Boundary, type CharacterTest, type PatternNode, PatternProblem } from './pattern-node.ts';

const maxGroups = 50;
const maxRepeat = 1000;

interface Flags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
}

const boundaries: ReadonlyMap<string, Boundary> = new Map([
  ['A', 'start'],
  ['z', 'end'],
  ['Z', 'lastEnd'],
  ['b', 'word'],
  ['B', 'noWord'],
]);

const nothing: PatternNode = { kind: 'sequence', parts: [] };

/**
 * Reads a regular expression of Java's syntax, the part of it that is matched in linear time: no look-around,
 * back references, atomic groups or possessive quantifiers. Lazy quantifiers are read as greedy ones, which is
 * the same where the whole text must match. Throws a `PatternProblem`.
 */
export function parsePattern(pattern: string): PatternNode {
  const cursor = new PatternCursor(pattern);
  let depth = 0;
  let flags: Flags = { ignoreCase: false, dotAll: false };

  const choice = (): PatternNode => {
    const first = sequence();
    if (cursor.peek() !== '|') return first;
    const options = [first];
    while (cursor.takeIf('|')) options.push(sequence());
    return { kind: 'choice', options };
  };

  const sequence = (): PatternNode => {
    const parts: PatternNode[] = [];
    for (let next = cursor.peek(); next !== undefined && next !== '|' && next !== ')'; next = cursor.peek())
      parts.push(quantified(atom()));
    return { kind: 'sequence', parts };
  };

  const atom = (): PatternNode => {
    const character = cursor.take();
    switch (character) {
      case '(':
        return group();
      case '[':
        return one(parseBrackets(cursor));
      case '.':
        return one(flags.dotAll ? () => true : dot);
      case '^':
        return { kind: 'boundary', boundary: 'start' };
      case '$':
        return { kind: 'boundary', boundary: 'lastEnd' };
      case '\\':
        return escaped(cursor.take());
      case '*':
      case '+':
      case '?':
      case '{':
        throw new PatternProblem('invalid', `nothing before ${character} to repeat`);
      default:
        return literal(codeOf(character));
    }
  };

  const one = (test: CharacterTest): PatternNode => ({
    kind: 'character',
    test: foldCase(test, flags.ignoreCase),
  });

  const literal = (code: number): PatternNode => one((other) => other === code);

  const escaped = (letter: string): PatternNode => {
    const boundary = boundaries.get(letter);
    if (boundary !== undefined) return { kind: 'boundary', boundary };
    if (letter === 'Q') throw new PatternProblem('unsupported', 'quotes by \\Q and \\E');
    const test = escapedClass(letter, cursor);
    return test === undefined ? literal(escapedCode(letter, cursor)) : one(test);
  };

  const group = (): PatternNode => {
    const outerFlags = flags;
    if (++depth > maxGroups)
      throw new PatternProblem('unsupported', `more than ${maxGroups} groups within one another`);
    if (cursor.takeIf('?')) {
      if (cursor.peek() === '<' && cursor.peek(1) !== '=' && cursor.peek(1) !== '!') cursor.takeUntil('>');
      else {
        flags = readFlags();
        if (cursor.takeIf(')')) {
          // Holds until the group around it ends.
          depth--;
          return nothing;
        }
        if (!cursor.takeIf(':')) throw new PatternProblem('invalid', 'unknown kind of group');
      }
    }
    const inner = choice();
    if (!cursor.takeIf(')')) throw new PatternProblem('invalid', 'a group is not closed');
    depth--;
    flags = outerFlags;
    return inner;
  };

  const readFlags = (): Flags => {
    let { ignoreCase, dotAll } = flags;
    let on = true;
    for (let flag = cursor.peek(); flag !== undefined && flag !== ')' && flag !== ':'; flag = cursor.peek()) {
      if ('=!<>'.includes(flag)) throw new PatternProblem('unsupported', 'look-around and atomic groups');
      if (flag === '-') on = false;
      else if (flag === 'i') ignoreCase = on;
      else if (flag === 's') dotAll = on;
      else throw new PatternProblem('unsupported', `the flag ${flag}`);
      cursor.take();
    }
    return { ignoreCase, dotAll };
  };

  const quantified = (part: PatternNode): PatternNode => {
    const range = readQuantifier(cursor);
    if (range === undefined) return part;
    const next = cursor.peek();
    if (next === '+') throw new PatternProblem('unsupported', 'possessive quantifiers');
    if (next === '?') cursor.take();
    return { kind: 'repeat', part, ...range };
  };

  const tree = choice();
  if (cursor.peek() !== undefined)
    throw new PatternProblem('invalid', 'a group is closed that was not opened');
  return tree;
}

function readQuantifier(
  cursor: PatternCursor,
): { readonly min: number; readonly max: number | undefined } | undefined {
  if (cursor.takeIf('*')) return { min: 0, max: undefined };
  if (cursor.takeIf('+')) return { min: 1, max: undefined };
  if (cursor.takeIf('?')) return { min: 0, max: 1 };
  if (!cursor.takeIf('{')) return undefined;
  const match = /^(\d{1,9})(,(\d{0,9}))?$/.exec(cursor.takeUntil('}'));
  if (match === null) throw new PatternProblem('invalid', 'illegal repetition');
  const min = Number(match[1]);
  const max = match[2] === undefined ? min : match[3] === '' ? undefined : Number(match[3]);
  if (max !== undefined && max < min) throw new PatternProblem('invalid', 'illegal repetition range');
  if (Math.max(min, max ?? 0) > maxRepeat)
    throw new PatternProblem('unsupported', `more than ${maxRepeat} repetitions`);
  return { min, max };
}
