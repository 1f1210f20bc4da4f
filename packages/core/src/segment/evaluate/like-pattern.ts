import { countSteps, type Run } from './run.ts';

/** The most UTF-16 units of a pattern: matching can cost this many steps for each character of the text. */
export const maxLikePattern = 256;

/** Whether a text fits as a whole; what it takes is counted. */
export type LikePattern = (run: Run, text: string) => boolean;

/** One place of a pattern: any run of characters, any one character, or one code point. */
type Part = 'run' | 'one' | number;

/**
 * Compiles the pattern of `like`: `%` is any run of characters, also none, `_` any one character (code point),
 * and a backslash takes the `%`, `_` or backslash after it literally. The whole text must match, case counts.
 * Undefined when a backslash stands before anything else. Matching takes at most text × pattern steps and
 * never backs up further than the last `%`.
 */
export function compileLikePattern(pattern: string): LikePattern | undefined {
  const parts: Part[] = [];
  const characters = [...pattern];
  for (let index = 0; index < characters.length; index++) {
    let character = characters[index] ?? '';
    if (character === '%') {
      if (parts.at(-1) !== 'run') parts.push('run');
    } else if (character === '_') parts.push('one');
    else {
      if (character === '\\') {
        index++;
        character = characters[index] ?? '';
        if (!'%_\\'.includes(character) || character === '') return undefined;
      }
      parts.push(character.codePointAt(0) ?? 0);
    }
  }
  return (run, text) => {
    const places = placesOf(text, parts);
    countSteps(run, places.tried >> 4);
    return places.fit;
  };
}

/** @returns `tried`: how often a place of the pattern was held against one of the text. */
function placesOf(text: string, parts: readonly Part[]): { readonly fit: boolean; readonly tried: number } {
  let tried = 0;
  let at = 0;
  let part = 0;
  let runPart = -1;
  let runEnd = 0;
  while (at < text.length) {
    tried++;
    const wanted = parts[part];
    const point = text.codePointAt(at) ?? 0;
    if (wanted === 'run') {
      runPart = part++;
      runEnd = at;
    } else if (wanted === 'one' || wanted === point) {
      at += point > 0xffff ? 2 : 1;
      part++;
    } else if (runPart >= 0) {
      // Give the last run one character more and try what follows it again.
      runEnd += (text.codePointAt(runEnd) ?? 0) > 0xffff ? 2 : 1;
      at = runEnd;
      part = runPart + 1;
    } else return { fit: false, tried };
  }
  while (parts[part] === 'run') part++;
  return { fit: part === parts.length, tried };
}
