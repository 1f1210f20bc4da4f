import { buildAutomaton } from './automaton.ts';
import { wordCharacter } from './character-class.ts';
import { parsePattern } from './parse-pattern.ts';
import type { Boundary } from './pattern-node.ts';

/** Steps one match may take: some 10 ms. Salesforce allows as many reads of a character. */
const maxSteps = 1_000_000;

/** Whether a text matches as a whole; undefined when finding out took too long. */
export type PatternMatch = (text: string) => boolean | undefined;

/**
 * Compiles a regular expression of Java's syntax (see `parsePattern`). All ways through the pattern are followed
 * at once, so the time grows with length of text times size of pattern, whatever the pattern is; JavaScript's own
 * engine takes exponential time for some. Throws a `PatternProblem`.
 */
export function compilePattern(pattern: string): PatternMatch {
  const { states, start } = buildAutomaton(parsePattern(pattern));
  const seenAt = new Int32Array(states.length);
  let current = new Int32Array(states.length);
  let following = new Int32Array(states.length);
  const waiting = new Int32Array(states.length * 2 + 1);

  return (text) => {
    seenAt.fill(-1);
    let steps = 0;
    let accepted = false;

    /** Enters a state and all that follow from it without taking a character. */
    const enter = (first: number, into: Int32Array, count: number, position: number): number => {
      let size = count;
      let stack = 0;
      waiting[stack++] = first;
      while (stack > 0) {
        const index = waiting[--stack] ?? 0;
        steps++;
        if (seenAt[index] === position) continue;
        seenAt[index] = position;
        const state = states[index];
        if (state === undefined) continue;
        if (state.kind === 'character') into[size++] = index;
        else if (state.kind === 'accept') accepted = true;
        else if (state.kind === 'split') {
          waiting[stack++] = state.other;
          waiting[stack++] = state.next;
        } else if (holds(state.boundary, text, position)) waiting[stack++] = state.next;
      }
      return size;
    };

    let position = 0;
    let count = enter(start, current, 0, position);
    while (position < text.length) {
      if (count === 0) return false;
      const code = text.codePointAt(position) ?? 0;
      position += code > 0xffff ? 2 : 1;
      accepted = false;
      let size = 0;
      for (let index = 0; index < count; index++) {
        const state = states[current[index] ?? 0];
        steps++;
        if (state?.kind === 'character' && state.test(code))
          size = enter(state.next, following, size, position);
      }
      if (steps > maxSteps) return undefined;
      [current, following] = [following, current];
      count = size;
    }
    return accepted;
  };
}

function holds(boundary: Boundary, text: string, position: number): boolean {
  switch (boundary) {
    case 'start':
      return position === 0;
    case 'end':
      return position === text.length;
    case 'lastEnd':
      return (
        position === text.length ||
        /^(?:\r\n|[\n\r\u0085\u2028\u2029])$/.test(text.slice(position, position + 3))
      );
    case 'word':
      return isWordAt(text, position - 1) !== isWordAt(text, position);
    case 'noWord':
      return isWordAt(text, position - 1) === isWordAt(text, position);
  }
}

const isWordAt = (text: string, index: number): boolean =>
  index >= 0 && index < text.length && wordCharacter(text.charCodeAt(index));
