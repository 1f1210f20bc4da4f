import { refuseBlank, skipSpace } from './blank.ts';
import { cased, categoryPattern, posix, predefined } from './classes.ts';
import { type CodePoints, inBothCases, othersThan, writePoint, writePoints } from './code-points.ts';
import { readEscape } from './escape.ts';
import type { Flags } from './flags.ts';
import { inAnyCase, rangeInAnyCase } from './fold-case.ts';
import { PatternFault, type PatternReader } from './pattern-reader.ts';

const nameOfProperty = /\{([^}]*)\}|[A-Z]/y;

/**
 * What a backslash and a letter mean as a class, as it stands between the brackets of a class of re2; undefined where
 * they mean no class. The reader is behind the backslash.
 */
export function readPredefined(reader: PatternReader, from: number, flags: Flags): string | undefined {
  const letter = reader.peek();
  const points = predefined[letter.toLowerCase()];
  if (points !== undefined) {
    reader.at++;
    return writePoints(letter === letter.toLowerCase() ? points : othersThan(points));
  }
  if (letter !== 'p' && letter !== 'P') return undefined;
  reader.at++;
  const found = reader.take(nameOfProperty);
  const name = found?.[1] ?? found?.[0] ?? '';
  const isOthers = letter === 'P';
  if (flags.i && cased.has(name.replace(/^.*=|^Is/, '')))
    throw new PatternFault(`${reader.shown(from)} tells case apart; it cannot stand under (?i)`, from);
  const ascii = posix[name];
  if (ascii !== undefined) return writePoints(isOthers ? othersThan(ascii) : ascii);
  const category = /^(?:Is|gc=|general_category=)?(.*)$/.exec(name)?.[1] ?? '';
  if (categoryPattern.test(category)) return `\\${letter}{${category}}`;
  const script = /^(?:Is|sc=|script=)([A-Z][A-Za-z_]+)$/.exec(name)?.[1];
  if (script !== undefined && isScript(script)) return `\\${letter}{${script}}`;
  throw new PatternFault(
    `${reader.shown(from)} is not known; expected a category such as \\p{L} or \\p{Lu}, a script such as \\p{IsLatin}, or \\p{Alpha}`,
    from,
  );
}

/** The scripts that JavaScript and re2 know by the same name. */
function isScript(name: string): boolean {
  try {
    return new RegExp(`\\p{Script=${name}}`, 'u') !== undefined;
  } catch {
    return false;
  }
}

/** A class in brackets, as re2 writes it. The reader is behind the `[` at `from`. */
export function readClass(reader: PatternReader, from: number, flags: Flags): string {
  const isNegated = reader.takes('^');
  const content = readContent(reader, from, flags, isNegated);
  return `[${isNegated ? '^' : ''}${content}]`;
}

function readContent(reader: PatternReader, from: number, flags: Flags, isNegated: boolean): string {
  let content = '';
  let isFirst = true;
  for (;;) {
    skipSpace(reader, flags);
    if (reader.isAtEnd) throw new PatternFault('[ has no ] that ends it', from);
    const at = reader.at;
    if (!isFirst && reader.takes(']')) return content;
    if (reader.takes('&&'))
      throw new PatternFault('&& (what two classes have in common) is not known; write the class out', at);
    if (flags.x && reader.peek() === '#')
      throw new PatternFault('# begins a comment under (?x); write \\#', at);
    if (reader.takes('[')) {
      if (isNegated || reader.peek() === '^')
        throw new PatternFault('a class within a class is known only where neither begins with ^', at);
      content += readContent(reader, at, flags, false);
    } else content += readItem(reader, from, flags);
    isFirst = false;
  }
}

/** One character, a range of them, or a class by its letter. */
function readItem(reader: PatternReader, from: number, flags: Flags): string {
  const at = reader.at;
  const first = readCharacter(reader, from, flags);
  // Java forgets the & here.
  if (reader.text.slice(at, reader.at) === '&') refuseBlank(reader, flags, '&', 'write \\&');
  skipSpace(reader, flags);
  const isRange = reader.peek() === '-' && !/^-[\][]/.test(reader.text.slice(reader.at, reader.at + 2));
  if (typeof first === 'string') {
    // Java takes \v for the vertical tab alone where a - comes next, even before ].
    if (isRange || reader.text.slice(at, reader.at + 1) === '\\v-')
      throw new PatternFault(
        `${reader.shown(at)} is no character that a range can begin with; write \\-`,
        at,
      );
    return first;
  }
  if (!isRange) return writePoints(inCases(first, flags));
  reader.at++;
  refuseBlank(reader, flags, '- in a class', 'write it without');
  const to = readCharacter(reader, from, flags);
  if (typeof to === 'string' || to < first)
    throw new PatternFault(`${reader.shown(at)} is no range; expected one such as a-z`, at);
  const { i, u } = flags;
  return writePoints(!i ? [[first, to]] : u ? rangeInAnyCase(first, to) : inBothCases([[first, to]]));
}

function readCharacter(reader: PatternReader, from: number, flags: Flags): number | string {
  const at = reader.at;
  if (!reader.takes('\\')) return reader.next(from).codePointAt(0) ?? 0;
  const found = readPredefined(reader, at, flags) ?? readEscape(reader, at, flags);
  if (found === undefined) {
    reader.at++;
    throw new PatternFault(`${reader.shown(at)} has no meaning in a class`, at);
  }
  return found;
}

/** In any case, where the flags say so: of ASCII only unless `u` is one of them. */
const inCases = (point: number, { i, u }: Flags): CodePoints =>
  !i ? [[point, point]] : u ? inAnyCase(point) : inBothCases([[point, point]]);

/** The one letter that Java takes for another (ẞ) beside other letters, but not where it stands alone. */
const sharpS = 0xdf;

/**
 * One character that stands for itself.
 * @throws PatternFault at `from`
 */
export function writeLiteral(point: number, flags: Flags, from: number): string {
  if (flags.i && flags.u && point === sharpS)
    throw new PatternFault('ß under (?iu) equals ẞ in some places only; write [ßẞ], or [ß]', from);
  const points = writePoints(inCases(point, flags));
  return points === writePoint(point) ? points : `[${points}]`;
}
