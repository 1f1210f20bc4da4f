import { skipBlank } from './blank.ts';
import { readClass, readPredefined, writeLiteral } from './character-class.ts';
import { lineEnds, writePoints } from './code-points.ts';
import { EndsOfText, refuseRepeatedEnd } from './end-of-text.ts';
import { readEscape } from './escape.ts';
import { type Flags, noFlags, readFlags } from './flags.ts';
import { readGroupHead } from './group-head.ts';
import { Alternatives, asserting, consuming, lineBreak, type Part, refuseRepeatedLineBreak } from './part.ts';
import { PatternFault, PatternReader } from './pattern-reader.ts';
import { readQuoted } from './quoted.ts';
import { noRepetition, notLinear, readRepetition, refuseTooLarge } from './repetition.ts';

/** A pattern of Java in the syntax of re2. */
export type Translated = {
  readonly source: string;
  /** The group of re2 that each group of Java is, from 1. */
  readonly groups: readonly number[];
  /** Groups of re2 that hold the line end before the end of the text, which no group of Java has. */
  readonly ends: readonly number[];
  /**
   * Where something is repeated that can be found where there is nothing, if so. Whether the pattern is found is the
   * same in Java and re2; how far it reaches and what its groups hold is not: on `aa`, the group of `(a*)*` is empty in
   * Java and `aa` in re2.
   */
  readonly emptyRepeatedAt: number | undefined;
};

/**
 * Java's `java.util.regex.Pattern` as re2 writes it, which runs in time linear in the text; `docs/pql.md` has the table.
 * What would mean something else there is written in another way or refused.
 * @param endOfText the line end that the text ends with as `\r\n`, or any single one: `$` holds before it.
 * @throws PatternFault
 */
export function translatePattern(pattern: string, endOfText: '\r\n' | 'single'): Translated {
  return new Translation(pattern, endOfText).run();
}

class Translation {
  readonly #reader: PatternReader;
  readonly #names = new Set<string>();
  readonly #groups: number[] = [];
  readonly #ends: EndsOfText;
  #opened = 0;
  #emptyRepeatedAt: number | undefined;

  constructor(pattern: string, endOfText: '\r\n' | 'single') {
    this.#reader = new PatternReader(pattern);
    this.#ends = new EndsOfText(endOfText);
  }

  run(): Translated {
    const { source } = this.#alternatives(noFlags);
    if (!this.#reader.isAtEnd) throw new PatternFault(') has no ( before it', this.#reader.at);
    return {
      source,
      groups: this.#groups,
      ends: this.#ends.groups,
      emptyRepeatedAt: this.#emptyRepeatedAt,
    };
  }

  /** Up to the end of the group, which is left to be read. */
  #alternatives(given: Flags): Part {
    const reader = this.#reader;
    const found = new Alternatives();
    let flags = given;
    for (;;) {
      skipBlank(reader, flags);
      if (reader.isAtEnd || reader.peek() === ')') return found.end();
      const { at } = reader;
      if (reader.takes('|')) found.begin();
      else {
        const changed = readFlags(reader, flags);
        if (changed === undefined) {
          found.add(this.#repeated(flags, at));
          refuseTooLarge(reader, found.size, at);
        } else flags = changed;
      }
    }
  }

  #repeated(flags: Flags, from: number): Part {
    const atom = this.#atom(flags, from);
    skipBlank(this.#reader, flags);
    const { at } = this.#reader;
    const repetition = readRepetition(this.#reader);
    if (repetition === undefined) return atom;
    refuseRepeatedEnd(atom, repetition.most);
    refuseRepeatedLineBreak(atom);
    if (atom.canBeEmpty && repetition.most > 1) this.#emptyRepeatedAt ??= at;
    const size = atom.size * repetition.copies;
    refuseTooLarge(this.#reader, size, at);
    const canBeEmpty = atom.canBeEmpty || repetition.least === 0;
    return { ...atom, source: `(?:${atom.source})${repetition.times}`, canBeEmpty, size };
  }

  #atom(flags: Flags, from: number): Part {
    const reader = this.#reader;
    if (reader.takes('(')) return this.#group(flags, from);
    if (reader.takes('[')) return consuming(readClass(reader, from, flags));
    if (reader.takes('\\')) return this.#escape(flags, from);
    if (reader.takes('.'))
      return consuming(flags.s ? '(?s:.)' : flags.d ? '[^\\n]' : `[^${writePoints(lineEnds)}]`);
    if (reader.takes('^')) return asserting(flags.m ? '(?m:^)' : '\\A');
    if (reader.takes('$')) return flags.m ? asserting('(?m:$)') : this.#ends.add(flags, ++this.#opened, from);
    const character = reader.next(from);
    if (/^[*+?]$/.test(character))
      throw new PatternFault(`${character} has nothing before it that it could repeat`, from);
    if (character === '{') throw new PatternFault(noRepetition, from);
    return consuming(writeLiteral(character.codePointAt(0) ?? 0, flags, from));
  }

  #group(flags: Flags, from: number): Part {
    const reader = this.#reader;
    const { isCapturing, inner } = readGroupHead(reader, flags, this.#names, from);
    if (isCapturing) this.#groups.push(++this.#opened);
    const content = this.#alternatives(inner);
    if (!reader.takes(')')) throw new PatternFault('( has no ) that ends it', from);
    return { ...content, source: `${isCapturing ? '(' : '(?:'}${content.source})` };
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
    if (reader.takes('Q')) return readQuoted(reader, flags);
    if (reader.takes('R')) return lineBreak(from);
    if (reader.takes('Z')) return this.#ends.add(flags, ++this.#opened, from);
    for (const assertion of ['A', 'z', 'B', 'b'])
      if (reader.takes(assertion)) {
        if (reader.peek() === '{') throw new PatternFault('\\b{g} is not known', from);
        return asserting(`\\${assertion}`);
      }
    const point = readEscape(reader, from, flags);
    if (point === undefined) {
      reader.next(from);
      throw new PatternFault(`${reader.shown(from)} is not known`, from);
    }
    return consuming(writeLiteral(point, flags, from));
  }
}
