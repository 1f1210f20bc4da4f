import { PatternFault, type PatternReader } from './pattern-reader.ts';

/** How a pattern is read at some place of it. */
export type Flags = {
  /** In any case: of ASCII letters, and with `u` of all. */
  readonly i: boolean;
  readonly u: boolean;
  /** With white space and comments. */
  readonly x: boolean;
  /** `^` and `$` are those of lines. */
  readonly m: boolean;
  /** `.` is any character. */
  readonly s: boolean;
  /** Lines end with `\n` only. */
  readonly d: boolean;
};
export const noFlags: Flags = { i: false, u: false, x: false, m: false, s: false, d: false };

/** What stands behind `(?`: flags to set, flags to unset, and whether a group or nothing follows. */
export const setFlags = /([a-zA-Z]*)(?:-([a-zA-Z]*))?([:)])/y;

/** @param at where they stand. */
export function changedFlags(flags: Flags, [, on = '', off = '']: RegExpExecArray, at: number): Flags {
  const changed: { -readonly [flag in keyof Flags]: boolean } = { ...flags };
  const isFlag = (letter: string): letter is keyof Flags => Object.hasOwn(flags, letter);
  for (const letter of on + off)
    if (!isFlag(letter))
      throw new PatternFault(`the flag ${letter} is not known; expected i, m, s, u, x or d`, at);
    else changed[letter] = true;
  for (const letter of off) if (isFlag(letter)) changed[letter] = false;
  return changed;
}

/** `(?i)`: the flags from here to the end of the group; undefined where something else comes next. */
export function readFlags(reader: PatternReader, flags: Flags): Flags | undefined {
  const { at } = reader;
  if (!reader.takes('(?')) return undefined;
  const found = reader.take(setFlags);
  if (found?.[3] === ')') return changedFlags(flags, found, at);
  reader.at = at;
  return undefined;
}
