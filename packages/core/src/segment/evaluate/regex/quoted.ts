import { skipBlank } from './blank.ts';
import { writeLiteral } from './character-class.ts';
import type { Flags } from './flags.ts';
import { consuming, type Part } from './part.ts';
import { PatternFault, type PatternReader } from './pattern-reader.ts';

/** `\Q…\E`: each character means itself. The reader is behind `\Q`. */
export function readQuoted(reader: PatternReader, flags: Flags): Part {
  const from = reader.at;
  const end = reader.text.indexOf('\\E', from);
  const quoted = [...reader.text.slice(from, end < 0 ? undefined : end)];
  reader.at = end < 0 ? reader.text.length : end + 2;
  skipBlank(reader, flags);
  // Java repeats the last character, or what stands before an empty \Q\E.
  if (/^[*+?{]/.test(reader.peek()) && quoted.length !== 1)
    throw new PatternFault(
      'a repetition behind \\E is not known; put what it repeats into brackets',
      reader.at,
    );
  return consuming(quoted.map((text) => writeLiteral(text.codePointAt(0) ?? 0, flags, from)).join(''));
}
