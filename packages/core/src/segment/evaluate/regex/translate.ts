import { readClass, readPredefined, writeLiteral } from './character-class.ts';
import { lineEnds, writePoints } from './code-points.ts';
import { readEscape } from './escape.ts';
import { changedFlags, type Flags, noFlags, setFlags } from './flags.ts';
import { PatternFault, PatternReader } from './pattern-reader.ts';
import { maxInstructions, noRepetition, notLinear, readRepetition } from './repetition.ts';

/** A pattern of Java in the syntax of re2. */
export type Translated = {
  readonly source: string;
  /** The group of re2 that each group of Java is, from 1. */
  readonly groups: readonly number[];
  /** Groups of re2 that hold the line end before the end of the text, which no group of Java has. */
  readonly ends: readonly number[];
};

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
type Part = {
  readonly source: string;
  readonly endAt: number | undefined;
  readonly isEmpty: boolean;
  /** Characters that re2 looks for once repetitions are written out, about. */
  readonly size: number;
};

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
    let size = 1;
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
      size = this.#bounded(size + part.size, at);
    }
    return { source, endAt: endAt ?? ownEnd, isEmpty: false, size };
  }

  /** Before re2 writes out far more than a pattern may have. */
  #bounded(size: number, from: number): number {
    if (size <= 2 * maxInstructions) return size;
    throw new PatternFault(
      `with ${this.#reader.shown(from)} it has more than ${maxInstructions} instructions once its repetitions are written out; repeat less, or something smaller`,
      from,
    );
  }

  #skipsComment(): boolean {
    return this.#reader.take(/\s+|#[^\n\r\u0085\u2028\u2029]*/y) !== undefined;
  }

  /** `(?i)`: flags from here to the end of the group. */
  #flagsSet(flags: Flags): Flags | undefined {
    const { at } = this.#reader;
    if (!this.#reader.takes('(?')) return undefined;
    const found = this.#reader.take(setFlags);
    if (found?.[3] === ')') return changedFlags(flags, found, at);
    this.#reader.at = at;
    return undefined;
  }

  #repeated(flags: Flags, from: number): Part {
    const atom = this.#atom(flags, from);
    while (flags.x && this.#skipsComment());
    const { at } = this.#reader;
    const repetition = readRepetition(this.#reader);
    if (repetition === undefined) return atom;
    const size = this.#bounded(atom.size * repetition.copies, at);
    return { ...atom, source: `(?:${atom.source})${repetition.times}`, size };
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
    if (character === '{') throw new PatternFault(noRepetition, from);
    return consuming(writeLiteral(character.codePointAt(0) ?? 0, flags));
  }

  /** At the end of the text, or before the line end it ends with, which is taken so that nothing has to look ahead. */
  #end(flags: Flags, from: number): Part {
    this.#ends.push(++this.#opened);
    const lineEnd =
      this.#endOfText === '\r\n' && !flags.d ? '\\r\\n' : flags.d ? '\\n' : `[${writePoints(lineEnds)}]`;
    return { source: `(?:\\z|(${lineEnd})\\z)`, endAt: from, isEmpty: true, size: 1 };
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
        inner = changedFlags(flags, found, from);
        opening = '(?:';
      }
    }
    if (opening === '(') this.#groups.push(++this.#opened);
    const { source, endAt, size } = this.#alternatives(inner);
    if (!reader.takes(')')) throw new PatternFault('( has no ) that ends it', from);
    return { source: `${opening}${source})`, endAt, isEmpty: false, size };
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

const consuming = (source: string): Part => ({ source, endAt: undefined, isEmpty: false, size: 1 });
const asserting = (source: string): Part => ({ source, endAt: undefined, isEmpty: true, size: 1 });
