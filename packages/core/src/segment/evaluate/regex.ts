import { RE2JS } from 're2js';
import { countPattern } from './cost.ts';
import { PatternFault } from './regex/pattern-reader.ts';
import { maxInstructions } from './regex/repetition.ts';
import { type Translated, translatePattern } from './regex/translate.ts';
import type { Run } from './run.ts';

/** The most UTF-16 units of a regular expression. */
const maxPattern = 1_000;

/** Bytes that re2 keeps for each at most: what it finds out of texts, to go on faster. Its own default is eight times that. */
const keptBytes = 1 << 20;

/** A regular expression ready to be looked for, in time linear in the text. */
export type CompiledPattern = {
  /** Instructions. */
  readonly size: number;
  readonly translated: Translated;
  readonly of: (text: string) => RE2JS;
};

/** What is wrong with a text that stands in a rule, and with which of its characters (UTF-16, from zero). */
export type TextFault = { readonly message: string; readonly at?: number };

type Known = { readonly pattern: CompiledPattern } | { readonly fault: TextFault };
const known = new Map<string, Known>();
/** Patterns kept compiled. */
const maxKept = 1_000;

/** A regular expression in Java's syntax, or what is wrong with it. */
export function compilePattern(pattern: string): Known {
  let found = known.get(pattern);
  if (found === undefined) {
    if (known.size >= maxKept) known.clear();
    found = compile(pattern);
    known.set(pattern, found);
  }
  return found;
}

function compile(pattern: string): Known {
  const unusable = 'found a regular expression that cannot be used';
  if (pattern.length > maxPattern)
    return {
      fault: {
        message: `found a regular expression of ${pattern.length} characters; expected at most ${maxPattern}`,
      },
    };
  try {
    const translated = translatePattern(pattern, 'single');
    const single = build(translated.source);
    const size = single.programSize();
    if (size > maxInstructions)
      return {
        fault: {
          message: `found a regular expression of ${size} instructions once its repetitions are written out; expected at most ${maxInstructions}; repeat less, or something smaller`,
        },
      };
    if (translated.ends.length === 0) return { pattern: { size, translated, of: () => single } };
    let double: RE2JS | undefined;
    const ofDouble = (): RE2JS => {
      double ??= build(translatePattern(pattern, '\r\n').source);
      return double;
    };
    return {
      pattern: { size, translated, of: (text) => (text.endsWith('\r\n') ? ofDouble() : single) },
    };
  } catch (error) {
    if (error instanceof PatternFault)
      return { fault: { message: `${unusable}: ${error.message}`, at: error.at } };
    // All that can be said in Java was translated: what is left is what re2 does not write out.
    return { fault: { message: `${unusable}: it repeats more than 1000 times in all` } };
  }
}

function build(source: string): RE2JS {
  const built = RE2JS.compile(source);
  const { dfa } = built.re2Input;
  dfa.stateBudget = keptBytes;
  dfa.memBudget = keptBytes;
  return built;
}

/** Whether the pattern is found anywhere in the text. */
export function findsPattern(run: Run, text: string, pattern: string): boolean {
  const found = compilePattern(pattern);
  if ('fault' in found) return false;
  countPattern(run, text.length, found.pattern.size);
  return found.pattern.of(text).test(text);
}

/** What a group of the first match holds; group 0 is the match. */
export function groupOf(run: Run, text: string, pattern: string, group: number): string | undefined {
  const found = compilePattern(pattern);
  if ('fault' in found) return undefined;
  const { size, translated, of } = found.pattern;
  const index = group === 0 ? 0 : translated.groups[group - 1];
  if (index === undefined) return undefined;
  countPattern(run, text.length, size);
  const matcher = of(text).matcher(text);
  if (!matcher.find()) return undefined;
  const start = matcher.start(index);
  if (start < 0) return undefined;
  // The line end that `$` stands before belongs to no group.
  const lineEnd = translated.ends.map((end) => matcher.start(end)).find((at) => at >= 0);
  const end = matcher.end(index);
  return text.slice(start, lineEnd !== undefined && end === text.length ? Math.max(start, lineEnd) : end);
}
