import { type Boundary, type CharacterTest, type PatternNode, PatternProblem } from './pattern-node.ts';

/** One state: take a character and go on, go on in one or two directions, ask for a boundary, or be done. */
export type State =
  | { readonly kind: 'character'; readonly test: CharacterTest; next: number }
  | { readonly kind: 'boundary'; readonly boundary: Boundary; next: number }
  | { readonly kind: 'split'; next: number; other: number }
  | { readonly kind: 'accept' };

const maxStates = 5000;

/**
 * The pattern as a non-deterministic automaton; repetitions are written out. Each part is built to go on to a
 * state that exists already, so the last part is built first. Throws a `PatternProblem` when it gets too large.
 */
export function buildAutomaton(pattern: PatternNode): {
  readonly states: readonly State[];
  readonly start: number;
} {
  const states: State[] = [{ kind: 'accept' }];
  const add = (state: State): number => {
    if (states.length >= maxStates) throw new PatternProblem('unsupported', 'a pattern of this size');
    return states.push(state) - 1;
  };

  const build = (node: PatternNode, next: number): number => {
    switch (node.kind) {
      case 'character':
        return add({ kind: 'character', test: node.test, next });
      case 'boundary':
        return add({ kind: 'boundary', boundary: node.boundary, next });
      case 'sequence':
        return node.parts.reduceRight((after, part) => build(part, after), next);
      case 'choice': {
        const [last, ...others] = [...node.options].reverse().map((option) => build(option, next));
        return others.reduce((other, option) => add({ kind: 'split', next: option, other }), last ?? next);
      }
      case 'repeat':
        return repeat(node.part, node.min, node.max, next);
    }
  };

  const repeat = (part: PatternNode, min: number, max: number | undefined, next: number): number => {
    let start = next;
    if (max === undefined) {
      const loop: Extract<State, { kind: 'split' }> = { kind: 'split', next, other: next };
      start = add(loop);
      loop.next = build(part, start);
    } else {
      for (let optional = min; optional < max; optional++) {
        const inner = build(part, start);
        start = add({ kind: 'split', next: inner, other: next });
      }
    }
    for (let required = 0; required < min; required++) start = build(part, start);
    return start;
  };

  const start = build(pattern, 0);
  return { states, start };
}
