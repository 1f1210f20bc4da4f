import { PatternFault, type PatternReader } from './pattern-reader.ts';

/** Most repetitions of one thing: re2 writes each out. */
const mostTimes = 1_000;
const repetition = /[*+?]|\{(\d+)(?:(,)(\d*))?\}/y;

export const noRepetition = '{ begins no repetition; expected one such as {2}, {2,} or {2,5}, or \\{';
export const notLinear = 'is not known: it cannot be matched in linear time';

/** The most instructions of a pattern once its repetitions are written out. */
export const maxInstructions = 1_000;

/** As re2 writes it, and how often it writes what is repeated. */
export type Repetition = { readonly times: string; readonly copies: number };

/** How often what stands before is repeated; undefined where it is not. */
export function readRepetition(reader: PatternReader): Repetition | undefined {
  const { at } = reader;
  const found = reader.take(repetition);
  if (found === undefined) {
    if (reader.peek() === '{') throw new PatternFault(noRepetition, at);
    return undefined;
  }
  const [times, least, comma, most] = found;
  if (Math.max(Number(least ?? 0), Number(most ?? 0)) > mostTimes)
    throw new PatternFault(`${times} is too often; expected at most ${mostTimes} repetitions`, at);
  if (comma !== undefined && most !== '' && Number(most) < Number(least))
    throw new PatternFault(`${times} is no repetition: it ends before it begins`, at);
  const isLazy = reader.takes('?');
  if (reader.peek() === '+' && !isLazy)
    throw new PatternFault(`${times}+ (possessive repetition) ${notLinear}`, at);
  if (/^[*+?{]/.test(reader.peek()))
    throw new PatternFault(`${reader.peek()} has nothing before it that it could repeat`, reader.at);
  return { times: isLazy ? `${times}?` : times, copies: Math.max(1, Number(least ?? 0), Number(most ?? 0)) };
}
