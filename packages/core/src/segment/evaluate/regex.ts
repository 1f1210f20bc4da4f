import { RE2JS } from 're2js';

/** The most UTF-16 units of a regular expression. */
export const maxPattern = 1_000;

const compiled = new Map<string, RE2JS | undefined>();
/** Patterns kept compiled. */
const maxKept = 1_000;

/**
 * A regular expression in the syntax of Java as far as it can be matched in linear time (re2js): no look-around, back
 * references or possessive repetition. Undefined where it is none.
 */
export function compilePattern(pattern: string): RE2JS | undefined {
  if (compiled.has(pattern)) return compiled.get(pattern);
  let found: RE2JS | undefined;
  try {
    found = pattern.length > maxPattern ? undefined : RE2JS.compile(pattern);
  } catch {
    found = undefined;
  }
  if (compiled.size >= maxKept) compiled.clear();
  compiled.set(pattern, found);
  return found;
}

/** Whether the pattern is found anywhere in the text. */
export const findsPattern = (text: string, pattern: string): boolean =>
  compilePattern(pattern)?.matcher(text).find() === true;

/** What a group of the first match holds; group 0 is the match. */
export function groupOf(text: string, pattern: string, group: number): string | undefined {
  const matcher = compilePattern(pattern)?.matcher(text);
  if (matcher === undefined || !Number.isInteger(group) || group < 0 || !matcher.find()) return undefined;
  return group > matcher.groupCount() ? undefined : (matcher.group(group) ?? undefined);
}
