/*
 * Regular expressions that people give, run on text that anybody sends. The engine of the runtime backtracks,
 * so that a careless pattern can keep it busy for years; therefore only patterns whose worst case is known to be
 * small are taken. With an engine of linear time in its place this file is all that changes.
 */

/** Longest pattern that is taken, in UTF-16 units. */
export const maxPatternLength = 200;
/** Longer text matches no pattern. */
export const maxMatchedLength = 256;
/** Most ways there may be to try a pattern on the longest text: two free repetitions and a little more, milliseconds. */
const mostTries = 16 * maxMatchedLength ** 2;
const mostRepeats = 1_000;

/** What Ajv takes as a compiled pattern. */
export type CompiledPattern = { readonly test: (text: string) => boolean; readonly toString: () => string };

/** Compiles a pattern that `checkPattern` has let pass; it may match anywhere in a text. */
export function compilePattern(pattern: string): CompiledPattern {
  const expression = new RegExp(pattern, 'u');
  return {
    test: (text) => text.length <= maxMatchedLength && expression.test(text),
    // Ajv keeps compiled patterns by their text.
    toString: () => expression.toString(),
  };
}

/** Why a pattern is not taken, in words; undefined when it is. */
export function checkPattern(pattern: string): string | undefined {
  if (pattern.length > maxPatternLength) return `is longer than ${maxPatternLength} characters`;
  try {
    new RegExp(pattern, 'u');
  } catch {
    return 'is no regular expression (JavaScript syntax, with the flag u)';
  }
  // From here on the syntax is known to be right.
  if (/\\(?:[1-9]|k<)/.test(pattern.replaceAll('\\\\', '')))
    return 'refers back to a group, which can take for ever';
  if (/\(\?(?:[=!]|<[=!])/.test(pattern)) return 'looks ahead or behind, which can take for ever';
  return countTries(pattern) > mostTries
    ? 'could be tried in too many ways: anchor it with ^, and use fewer *, + and nested repetitions'
    : undefined;
}

/** One alternative or group while it is read: the ways to try what was read of it, and its last atom. */
type Group = { done: number; tries: number };

/** An upper bound of the ways a backtracking engine can try a pattern on a text of `maxMatchedLength`. */
function countTries(pattern: string): number {
  const open: Group[] = [{ done: 0, tries: 1 }];
  // A pattern that is not anchored is tried at every position.
  const positions = pattern.startsWith('^') && !hasTopAlternative(pattern) ? 1 : maxMatchedLength;
  let atom = 1;
  for (const [token] of pattern.matchAll(tokens)) {
    const group = open.at(-1);
    if (group === undefined) return Number.POSITIVE_INFINITY;
    const repeats = repeatsOf(token);
    if (repeats !== undefined) {
      // What is repeated must be tried in one way only: else the ways multiply with every turn.
      if (atom > 1 || repeats.most > mostRepeats) return Number.POSITIVE_INFINITY;
      group.tries *= repeats.most - repeats.least + 1;
      atom = 1;
    } else if (token.startsWith('(')) open.push({ done: 0, tries: 1 });
    else if (token === '|') {
      group.done += group.tries;
      group.tries = 1;
      atom = 1;
    } else if (token === ')') {
      open.pop();
      atom = group.done + group.tries;
      const outer = open.at(-1);
      if (outer !== undefined) outer.tries *= atom;
    } else atom = 1;
  }
  const [whole] = open;
  return whole === undefined ? Number.POSITIVE_INFINITY : (whole.done + whole.tries) * positions;
}

/** Escapes, classes, openings of groups, quantifiers, or single characters. */
const tokens =
  /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|c.|.)|\[(?:\\.|[^\]\\])*\]|\((?:\?(?::|<[^>]*>))?|\{\d+(?:,\d*)?\}\??|[*+?]\??|./gsu;

function repeatsOf(token: string): { readonly least: number; readonly most: number } | undefined {
  const [first] = token;
  if (first === '*' || first === '+') return { least: 1, most: maxMatchedLength };
  if (first === '?') return { least: 0, most: 1 };
  const counts = /^\{(\d+)(,?)(\d*)\}/.exec(token);
  if (counts === null) return undefined;
  const least = Number(counts[1]);
  const most = counts[2] === '' ? least : counts[3] === '' ? least + maxMatchedLength - 1 : Number(counts[3]);
  return { least, most };
}

/** Whether `^` at the start anchors only one of several alternatives. */
function hasTopAlternative(pattern: string): boolean {
  let depth = 0;
  for (const [token] of pattern.matchAll(tokens)) {
    if (token.startsWith('(')) depth += 1;
    else if (token === ')') depth -= 1;
    else if (token === '|' && depth === 0) return true;
  }
  return false;
}
