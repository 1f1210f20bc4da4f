import { type Flags as ClassFlags, readClass, readPredefined, writeLiteral } from './character-class.ts';
import { lineEnds, writePoints } from './code-points.ts';
import { readEscape } from './escape.ts';
import { PatternFault, PatternReader } from './pattern-reader.ts';

/** A pattern of Java in the syntax of re2. */
export type Translated = {
  readonly source: string;
  /** The group of re2 that each group of Java is, from 1. */
  readonly groups: readonly number[];
  /** Groups of re2 that hold the line end before the end of the text, which no group of Java has. */
  readonly ends: readonly number[];
};

type Flags = ClassFlags & { readonly m: boolean; readonly s: boolean; readonly d: boolean };
const noFlags: Flags = { i: false, u: false, x: false, m: false, s: false, d: false };

/** Most repetitions of one thing: re2 writes each out. */
const mostTimes = 1_000;
const repetition = /[*+?]|\{(\d+)(?:(,)(\d*))?\}/y;
const setFlags = /([a-zA-Z]*)(?:-([a-zA-Z]*))?([:)])/y;
const groupName = /<([a-zA-Z][a-zA-Z0-9]*)>/y;

/**
 * Java's `java.util.regex.Pattern` as re2 writes it, which runs in time linear in the text; `docs/pql.md` has the table.
 * What would mean something else there is written in another way or refused.
 * @param endOfText the line end that the text ends with as `\r\n`, or any single one: `$` holds before it.
 * @throws PatternFault
 */
export function translatePattern(pattern: string, endOfText: '\r\n' | 'single'): Translated {
  return new Translation(pattern, endOfText).run();
}

/** What was translated so far of a sequence, and where it asks for the end of the text, if so. */
type Part = { readonly source: string; readonly endAt: number | undefined; readonly isEmpty: boolean };

class Translation {
  readonly #reader: PatternReader;
  readonly #endOfText: '\r\n' | 'single';
  readonly #names = new Set<string>();
  readonly #groups: number[] = [];
  readonly #ends: number[] = [];
  #opened = 0;

  constructor(pattern: string, endOfText: '\r\n' | 'single') {
    this.#reader = new PatternReader(pattern);
    this.#endOfText = endOfText;
  }

  run(): Translated {
    const { source } = this.#alternatives(noFlags);
    if (!this.#reader.isAtEnd) throw new PatternFault(') has no ( before it', this.#reader.at);
    return { source, groups: this.#groups, ends: this.#ends };
  }

  /** Up to the end of the group, which is left to be read. */
  #alternatives(given: Flags): Part {
    let flags = given;
    let source = '';
    let endAt: number | undefined;
    let ownEnd: number | undefined;
    while (!this.#reader.isAtEnd && this.#reader.peek() !== ')') {
      const at = this.#reader.at;
      if (this.#reader.takes('|')) {
        endAt ??= ownEnd;
        ownEnd = undefined;
        source += '|';
        continue;
      }
      const changed = this.#flagsSet(flags);
      if (changed !== undefined) {
        flags = changed;
        continue;
      }
      if (flags.x && this.#skipsComment()) continue;
      const part = this.#repeated(flags, at);
      if (ownEnd !== undefined && !part.isEmpty)
        throw new PatternFault('found $ or \\Z before something else; expected it at the end', ownEnd);
      ownEnd ??= part.endAt;
      source += part.source;
    }
    return { source, endAt: endAt ?? ownEnd, isEmpty: false };
  }

  #skipsComment(): boolean {
    return this.#reader.take(/\s+|#[^\n\r\u0085\u2028\u2029]*/y) !== undefined;
  }

  /** `(?i)`: flags from here to the end of the group. */
  #flagsSet(flags: Flags): Flags | undefined {
    const { at } = this.#reader;
    if (!this.#reader.takes('(?')) return undefined;
    const found = this.#reader.take(setFlags);
    if (found?.[3] === ')') return this.#changed(flags, found, at);
    this.#reader.at = at;
    return undefined;
  }

  #changed(flags: Flags, [, on = '', off = '']: RegExpExecArray, at: number): Flags {
    const changed: { -readonly [flag in keyof Flags]: boolean } = { ...flags };
    for (const [letters, value] of [
      [on, true],
      [off, false],
    ] as const)
      for (const letter of letters) {
        if (
          letter !== 'i' &&
          letter !== 'u' &&
          letter !== 'x' &&
          letter !== 'm' &&
          letter !== 's' &&
          letter !== 'd'
        )
          throw new PatternFault(`the flag ${letter} is not known; expected i, m, s, u, x or d`, at);
        changed[letter] = value;
      }
    return changed;
  }

  #repeated(flags: Flags, from: number): Part {
    const atom = this.#atom(flags, from);
    while (flags.x && this.#skipsComment());
    const at = this.#reader.at;
    const found = this.#reader.take(repetition);
    if (found === undefined) {
      if (this.#reader.peek() === '{')
        throw new PatternFault('{ begins no repetition; expected one such as {2}, {2,} or {2,5}, or \\{', at);
      return atom;
    }
    const [times, least, comma, most] = found;
    if (Math.max(Number(least ?? 0), Number(most ?? 0)) > mostTimes)
      throw new PatternFault(`${times} is too often; expected at most ${mostTimes} repetitions`, at);
    if (comma !== undefined && most !== '' && Number(most) < Number(least))
      throw new PatternFault(`${times} is no repetition: it ends before it begins`, at);
    const lazy = this.#reader.takes('?') ? '?' : '';
    if (this.#reader.peek() === '+' && lazy === '')
      throw new PatternFault(
        `${times}+ (possessive repetition) is not known: it cannot be matched in linear time`,
        at,
      );
    if (/^[*+?{]/.test(this.#reader.peek()))
      throw new PatternFault(
        `${this.#reader.peek()} has nothing before it that it could repeat`,
        this.#reader.at,
      );
    return { ...atom, source: `(?:${atom.source})${times}${lazy}` };
  }

  #atom(flags: Flags, from: number): Part {
    const reader = this.#reader;
    if (reader.takes('(')) return this.#group(flags, from);
    if (reader.takes('[')) return consuming(readClass(reader, from, flags));
    if (reader.takes('\\')) return this.#escape(flags, from);
    if (reader.takes('.'))
      return consuming(flags.s ? '(?s:.)' : flags.d ? '[^\\n]' : `[^${writePoints(lineEnds)}]`);
    if (reader.takes('^')) return asserting(flags.m ? '(?m:^)' : '\\A');
    if (reader.takes('$')) return flags.m ? asserting('(?m:$)') : this.#end(flags, from);
    const character = reader.next(from);
    if (/^[*+?]$/.test(character))
      throw new PatternFault(`${character} has nothing before it that it could repeat`, from);
    if (character === '{')
      throw new PatternFault('{ begins no repetition; expected one such as {2}, {2,} or {2,5}, or \\{', from);
    return consuming(writeLiteral(character.codePointAt(0) ?? 0, flags));
  }

  /** At the end of the text, or before the line end it ends with, which is taken so that nothing has to look ahead. */
  #end(flags: Flags, from: number): Part {
    this.#ends.push(++this.#opened);
    const lineEnd =
      this.#endOfText === '\r\n' && !flags.d ? '\\r\\n' : flags.d ? '\\n' : `[${writePoints(lineEnds)}]`;
    return { source: `(?:\\z|(${lineEnd})\\z)`, endAt: from, isEmpty: true };
  }

  #group(flags: Flags, from: number): Part {
    const reader = this.#reader;
    let inner = flags;
    let opening = '(';
    if (reader.takes('?')) {
      if (reader.take(/<?[=!]/y))
        throw new PatternFault(`${reader.shown(from)} (look-around) ${notLinear}`, from);
      if (reader.takes('>'))
        throw new PatternFault(`${reader.shown(from)} (atomic group) ${notLinear}`, from);
      const name = reader.take(groupName)?.[1];
      const found = name === undefined ? reader.take(setFlags) : undefined;
      if (name === undefined && found?.[3] !== ':') {
        reader.at++;
        throw new PatternFault(
          `${reader.shown(from)} begins no group; expected (, (?:, (?<name> or (?i)`,
          from,
        );
      }
      if (name !== undefined && this.#names.has(name))
        throw new PatternFault(`there are two groups with the name ${name}`, from);
      if (name !== undefined) this.#names.add(name);
      if (found !== undefined) {
        inner = this.#changed(flags, found, from);
        opening = '(?:';
      }
    }
    if (opening === '(') this.#groups.push(++this.#opened);
    const { source, endAt } = this.#alternatives(inner);
    if (!reader.takes(')')) throw new PatternFault('( has no ) that ends it', from);
    return { source: `${opening}${source})`, endAt, isEmpty: false };
  }

  #escape(flags: Flags, from: number): Part {
    const reader = this.#reader;
    const letter = reader.peek();
    const found = readPredefined(reader, from, flags);
    if (found !== undefined) return consuming(`[${found}]`);
    if (/^[1-9k]$/.test(letter)) {
      reader.at++;
      throw new PatternFault(`${reader.shown(from)} (back-reference) ${notLinear}`, from);
    }
    if (reader.takes('Q')) return this.#quoted(flags);
    if (reader.takes('R')) return consuming(`(?:\\r\\n|[\\n-\\r\\x{85}\\x{2028}\\x{2029}])`);
    if (reader.takes('Z')) return this.#end(flags, from);
    for (const assertion of ['A', 'z', 'B', 'b'])
      if (reader.takes(assertion)) {
        if (reader.peek() === '{') throw new PatternFault('\\b{g} is not known', from);
        return asserting(`\\${assertion}`);
      }
    const point = readEscape(reader, from);
    if (point === undefined) {
      reader.next(from);
      throw new PatternFault(`${reader.shown(from)} is not known`, from);
    }
    return consuming(writeLiteral(point, flags));
  }

  /** `\Q…\E`. A repetition behind it is one of its last character. */
  #quoted(flags: Flags): Part {
    const reader = this.#reader;
    const end = reader.text.indexOf('\\E', reader.at);
    const quoted = [...reader.text.slice(reader.at, end < 0 ? undefined : end)];
    reader.at = end < 0 ? reader.text.length : end + 2;
    if (/^[*+?{]/.test(reader.peek()) && quoted.length !== 1)
      throw new PatternFault(
        'a repetition behind \\E is not known; put what it repeats into brackets',
        reader.at,
      );
    return consuming(quoted.map((character) => writeLiteral(character.codePointAt(0) ?? 0, flags)).join(''));
  }
}

const notLinear = 'is not known: it cannot be matched in linear time';
const consuming = (source: string): Part => ({ source, endAt: undefined, isEmpty: false });
const asserting = (source: string): Part => ({ source, endAt: undefined, isEmpty: true });
