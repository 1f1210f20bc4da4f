import { RE2JS } from 're2js';
import { countPattern } from './cost.ts';
import type { Run } from './run.ts';

/** The most UTF-16 units of a regular expression. */
export const maxPattern = 1_000;
/** The most instructions it may have once its repetitions are written out. */
export const maxInstructions = 1_000;

/** A regular expression ready to be looked for, in time linear in the text. */
export type CompiledPattern = { readonly re2: RE2JS; readonly size: number };

const compiled = new Map<string, CompiledPattern | undefined>();
/** Patterns kept compiled. */
const maxKept = 1_000;

/** Undefined where a pattern has a fault, which the checker tells. */
export function compilePattern(pattern: string): CompiledPattern | undefined {
  if (compiled.has(pattern)) return compiled.get(pattern);
  let found: CompiledPattern | undefined;
  try {
    if (pattern.length <= maxPattern) {
      const re2 = RE2JS.compile(pattern);
      const size = re2.programSize();
      if (size <= maxInstructions) found = { re2, size };
    }
  } catch {
    found = undefined;
  }
  if (compiled.size >= maxKept) compiled.clear();
  compiled.set(pattern, found);
  return found;
}

/** Whether the pattern is found anywhere in the text. */
export function findsPattern(run: Run, text: string, pattern: string): boolean {
  const found = compilePattern(pattern);
  if (found === undefined) return false;
  countPattern(run, text.length, found.size);
  return found.re2.test(text);
}

/** What a group of the first match holds; group 0 is the match. */
export function groupOf(run: Run, text: string, pattern: string, group: number): string | undefined {
  const found = compilePattern(pattern);
  if (found === undefined || !Number.isInteger(group) || group < 0) return undefined;
  countPattern(run, text.length, found.size);
  const matcher = found.re2.matcher(text);
  if (!matcher.find()) return undefined;
  return group > matcher.groupCount() ? undefined : (matcher.group(group) ?? undefined);
}
