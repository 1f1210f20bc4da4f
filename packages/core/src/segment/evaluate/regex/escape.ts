import { refuseBlank } from './blank.ts';
import type { Flags } from './flags.ts';
import { PatternFault, type PatternReader } from './pattern-reader.ts';

const single: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 };
const octal = /[0-3][0-7][0-7]|[0-7][0-7]?/y;
const allOctal = /^\\0(?:[0-3]..|[4-7].)$/;
const hex = /[0-9a-fA-F]{2}|\{[0-9a-fA-F]{1,6}\}/y;
const unit = /[0-9a-fA-F]{4}/y;
const lowSurrogate = /\\u(d[c-f][0-9a-f]{2})/iy;

/**
 * The code point that an escape means, behind its backslash; undefined where it is a letter that means something else.
 * @param from where the backslash stands
 */
export function readEscape(reader: PatternReader, from: number, flags: Flags): number | undefined {
  const letter = reader.peek();
  if (!/^[0-9A-Za-z]$/.test(letter)) return reader.next(from).codePointAt(0);
  const known = single[letter];
  if (known !== undefined) {
    reader.at++;
    return known;
  }
  if (letter === '0') {
    const point = readNumber(reader, from, octal, 8, 'expected one to three octal digits after \\0');
    // Java would read on behind the white space.
    if (!allOctal.test(reader.shown(from)))
      refuseBlank(reader, flags, reader.shown(from), 'write three octal digits');
    return point;
  }
  if (letter === 'x')
    return whole(reader, from, readNumber(reader, from, hex, 16, 'expected \\x20 or \\x{1F600}'));
  if (letter === 'u') return readUnits(reader, from);
  if (letter !== 'c') return undefined;
  reader.at++;
  refuseBlank(reader, flags, '\\c', 'write the character as \\x{20}');
  return (reader.next(from).codePointAt(0) ?? 0) ^ 64;
}

function readNumber(
  reader: PatternReader,
  from: number,
  form: RegExp,
  radix: number,
  wanted: string,
): number {
  reader.at++;
  const found = reader.take(form)?.[0];
  const point = Number.parseInt(found?.replace('{', '') ?? '', radix);
  if (found === undefined || point > 0x10ffff)
    throw new PatternFault(`${reader.shown(from)} is no character; ${wanted}`, from);
  return point;
}

/** One UTF-16 unit, or two that make a character. */
function readUnits(reader: PatternReader, from: number): number {
  const high = readNumber(reader, from, unit, 16, 'expected four hexadecimal digits after \\u');
  const low = high >= 0xd800 && high <= 0xdbff ? reader.take(lowSurrogate)?.[1] : undefined;
  if (low === undefined) return whole(reader, from, high);
  return 0x10000 + ((high - 0xd800) << 10) + (Number.parseInt(low, 16) - 0xdc00);
}

/** Half a character is found in no text; under (?x), Java looks for its other half behind white space. */
function whole(reader: PatternReader, from: number, point: number): number {
  if (point < 0xd800 || point > 0xdfff) return point;
  throw new PatternFault(`${reader.shown(from)} is half a character; expected one such as \\x{1F600}`, from);
}
