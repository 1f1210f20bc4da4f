import { anyOf, letterClass, namedClass, noneOf } from './character-class.ts';
import { codeOf, type PatternCursor } from './pattern-cursor.ts';
import { type CharacterTest, PatternProblem } from './pattern-node.ts';

const controls: ReadonlyMap<string, number> = new Map([
  ['t', 9],
  ['n', 10],
  ['f', 12],
  ['r', 13],
  ['a', 7],
  ['e', 27],
]);

/** The class that an escape such as `\d` or `\p{L}` names; undefined when it stands for one character. */
export function escapedClass(letter: string, cursor: PatternCursor): CharacterTest | undefined {
  if (letter !== 'p' && letter !== 'P') return letterClass(letter);
  const test = namedClass(cursor.takeIf('{') ? cursor.takeUntil('}') : cursor.take());
  return letter === 'P' ? noneOf(test) : test;
}

/** The character that an escape such as `\t`, `\u00e4` or `\.` stands for. */
export function escapedCode(letter: string, cursor: PatternCursor): number {
  const control = controls.get(letter);
  if (control !== undefined) return control;
  if (letter === 'x' || letter === 'u') {
    const digits = Array.from({ length: letter === 'x' ? 2 : 4 }, () => cursor.take()).join('');
    if (!/^[0-9a-fA-F]+$/.test(digits)) throw new PatternProblem('invalid', `illegal escape \\${letter}`);
    return Number.parseInt(digits, 16);
  }
  if (/[1-9k]/.test(letter)) throw new PatternProblem('unsupported', 'back references');
  if (/[A-Za-z0]/.test(letter)) throw new PatternProblem('unsupported', `the escape \\${letter}`);
  return codeOf(letter);
}

/** The class between brackets; the opening one has been taken. */
export function parseBrackets(cursor: PatternCursor): CharacterTest {
  const negated = cursor.takeIf('^');
  const members: CharacterTest[] = [];
  // A bracket that closes nothing yet is a member, as in Java.
  do members.push(classMember(cursor));
  while (!cursor.takeIf(']'));
  return negated ? noneOf(anyOf(members)) : anyOf(members);
}

function classMember(cursor: PatternCursor): CharacterTest {
  if (cursor.peek() === '[' || (cursor.peek() === '&' && cursor.peek(1) === '&'))
    throw new PatternProblem('unsupported', 'classes within classes');
  const low = classCharacter(cursor);
  if (typeof low !== 'number') return low;
  if (cursor.peek() !== '-' || cursor.peek(1) === ']') return (code) => code === low;
  cursor.take();
  const high = classCharacter(cursor);
  if (typeof high !== 'number' || high < low) throw new PatternProblem('invalid', 'illegal character range');
  return (code) => code >= low && code <= high;
}

function classCharacter(cursor: PatternCursor): number | CharacterTest {
  const character = cursor.take();
  if (character !== '\\') return codeOf(character);
  const letter = cursor.take();
  return escapedClass(letter, cursor) ?? escapedCode(letter, cursor);
}
