import { PatternFault, type PatternReader } from './pattern-reader.ts';

/** Most repetitions of one thing: re2 writes each out. */
const mostTimes = 1_000;
const repetition = /[*+?]|\{(\d+)(?:(,)(\d*))?\}/y;

export const noRepetition = '{ begins no repetition; expected one such as {2}, {2,} or {2,5}, or \\{';
export const notLinear = 'is not known: it cannot be matched in linear time';

/** The most instructions of a pattern once its repetitions are written out. */
export const maxInstructions = 1_000;

/** As re2 writes it, how often it writes what is repeated, and how often that may be found. */
export type Repetition = {
  readonly times: string;
  readonly copies: number;
  readonly least: number;
  readonly most: number;
};

/** How often what stands before is repeated; undefined where it is not. */
export function readRepetition(reader: PatternReader): Repetition | undefined {
  const { at } = reader;
  const found = reader.take(repetition);
  if (found === undefined) {
    if (reader.peek() === '{') throw new PatternFault(noRepetition, at);
    return undefined;
  }
  const [times, from, comma, to] = found;
  const least = Number(from ?? (times === '+' ? 1 : 0));
  const most = times === '?' ? 1 : comma === undefined && from !== undefined ? least : Number(to || Infinity);
  const written = Number.isFinite(most) ? most : least;
  if (Math.max(least, written) > mostTimes)
    throw new PatternFault(`${times} is too often; expected at most ${mostTimes} repetitions`, at);
  if (most < least) throw new PatternFault(`${times} is no repetition: it ends before it begins`, at);
  const isLazy = reader.takes('?');
  if (reader.peek() === '+' && !isLazy)
    throw new PatternFault(`${times}+ (possessive repetition) ${notLinear}`, at);
  if (/^[*+?{]/.test(reader.peek()))
    throw new PatternFault(`${reader.peek()} has nothing before it that it could repeat`, reader.at);
  return { times: isLazy ? `${times}?` : times, copies: Math.max(1, written), least, most };
}

/**
 * Before re2 writes out far more than a pattern may have.
 * @throws PatternFault at `from`
 */
export function refuseTooLarge(reader: PatternReader, size: number, from: number): void {
  if (size > 2 * maxInstructions)
    throw new PatternFault(
      `with ${reader.shown(from)} it has more than ${maxInstructions} instructions once its repetitions are written out; repeat less, or something smaller`,
      from,
    );
}
