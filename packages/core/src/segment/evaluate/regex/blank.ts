import type { Flags } from './flags.ts';
import { PatternFault, type PatternReader } from './pattern-reader.ts';

// What Java's `Pattern` skips under (?x): ASCII white space only, and comments up to what ends a line or to NUL.
const space = /[\t-\r ]+/y;
const comment = /#[^\0\n\r\u0085\u2028\u2029]*/y;
const commentOfUnixLines = /#[^\0\n]*/y;

/** Takes white space and comments where the flags say that they mean nothing. */
export function skipBlank(reader: PatternReader, flags: Flags): void {
  if (!flags.x) return;
  while ((reader.take(space) ?? reader.take(flags.d ? commentOfUnixLines : comment)) !== undefined);
}

/** White space alone: within a class, where `#` is refused. */
export function skipSpace(reader: PatternReader, flags: Flags): void {
  if (flags.x) reader.take(space);
}

/**
 * Java reads some characters past white space, or forgets them before it, in ways its documentation does not name.
 * @param behind what was read, for the message
 * @param instead what to write
 * @throws PatternFault where white space or a comment comes next
 */
export function refuseBlank(reader: PatternReader, flags: Flags, behind: string, instead: string): void {
  if (flags.x && /^[\t-\r #]$/.test(reader.peek()))
    throw new PatternFault(
      `white space behind ${behind} has another meaning under (?x); ${instead}`,
      reader.at,
    );
}
