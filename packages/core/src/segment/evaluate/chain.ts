import type { ChainStep, CompareOperator } from '../syntax/ast.ts';
import { countStep, type Run } from './run.ts';
import { asTime, type TimeValue, type Value } from './value.ts';

/** One step of a chain, ready to be asked about an event. */
export type CompiledStep = {
  readonly isExcluded: boolean;
  readonly count: ChainStep['count'];
  /** Whether an event at a time fulfils WHAT and WHEN; labels before it are set. */
  readonly holds: (run: Run, event: Value, time: TimeValue) => boolean;
  /** Gives the step's label the time of its event. */
  readonly setLabel: (run: Run, time: TimeValue | undefined) => void;
  /** Labels, by step, that this or a later step looks at. */
  readonly looksAt: readonly number[];
};

type Placed = { readonly event: Value; readonly time: TimeValue };

const counts: Readonly<Record<CompareOperator, (found: number, wanted: number) => boolean>> = {
  '=': (found, wanted) => found === wanted,
  '!=': (found, wanted) => found !== wanted,
  '>': (found, wanted) => found > wanted,
  '>=': (found, wanted) => found >= wanted,
  '<': (found, wanted) => found < wanted,
  '<=': (found, wanted) => found <= wanted,
};

/**
 * Whether events follow one another as the steps of a chain say. Tries the events that could be a step's, earliest
 * first; what was tried in vain is remembered by all that the rest depends on, so that a chain whose steps look at the
 * step before takes steps × events² at most.
 */
export function holdsChain(
  run: Run,
  steps: readonly CompiledStep[],
  events: readonly Value[],
  timeOf: (run: Run, event: Value) => Value,
): boolean {
  const placed = events
    .flatMap((event): Placed[] => {
      const time = asTime(timeOf(run, event));
      return time === undefined ? [] : [{ event, time }];
    })
    .sort((a, b) => a.time.begin - b.time.begin);
  /** Events taken, in order, and which of them each step took. */
  const chosen: number[] = [];
  const taken: (number | undefined)[] = [];
  const inVain = new Set<string>();

  /** Events that may follow the last one chosen: later ones, and others of its instant. */
  const rest = (): number[] => {
    const last = chosen.at(-1);
    const after = placed[last ?? -1]?.time.begin ?? Number.NEGATIVE_INFINITY;
    let index = last ?? 0;
    while (index > 0 && placed[index - 1]?.time.begin === after) index--;
    const among: number[] = [];
    for (; index < placed.length; index++) {
      countStep(run);
      if (placed[index]?.time.begin !== after || !chosen.includes(index)) among.push(index);
    }
    return among;
  };
  const matching = (step: CompiledStep, among: readonly number[]): number[] =>
    among.filter((index) => {
      countStep(run);
      const found = placed[index];
      return found !== undefined && step.holds(run, found.event, found.time);
    });

  /** @param barred steps that must not happen before the next event chosen. */
  const follow = (at: number, barred: readonly CompiledStep[]): boolean => {
    const step = steps[at];
    const among = rest();
    if (step === undefined) return barred.every((excluded) => matching(excluded, among).length === 0);
    if (step.isExcluded) {
      step.setLabel(run, undefined);
      taken[at] = undefined;
      return follow(at + 1, [...barred, step]);
    }
    const last = chosen.at(-1);
    const sameInstant = chosen.filter(
      (index) => placed[index]?.time.begin === placed[last ?? -1]?.time.begin,
    );
    const labels = step.looksAt.map((label) => placed[taken[label] ?? -1]?.time.begin ?? '');
    const key = `${at} ${sameInstant} ${labels}`;
    if (inVain.has(key)) return false;
    const isFound = tryEvents(step, at, among, barred);
    if (!isFound) inVain.add(key);
    return isFound;
  };

  /** Whether what may follow an event of this step may follow any earlier one: the rest only asks for more events. */
  const leavesMostWhenEarly = (at: number): boolean =>
    steps.slice(at + 1).every(({ isExcluded, count, looksAt }) => {
      const { operator, amount } = count ?? { operator: '>=', amount: 1 };
      const isAtLeast = operator === '>' || (operator === '>=' && amount > 0);
      return !isExcluded && isAtLeast && !looksAt.includes(at);
    });

  const tryEvents = (
    step: CompiledStep,
    at: number,
    among: readonly number[],
    barred: readonly CompiledStep[],
  ): boolean => {
    const matches = matching(step, among);
    const { operator, amount } = step.count ?? { operator: '>=' as const, amount: 1 };
    let candidates: readonly number[];
    if (operator === '>=' || operator === '>')
      candidates = matches.slice(Math.max(operator === '>' ? amount : amount - 1, 0));
    else candidates = counts[operator](matches.length, amount) ? matches.slice(-1) : [];
    // None at all can be what is asked for: then the step has no event.
    const mayBeNone = matches.length === 0 && counts[operator](0, amount);
    if (mayBeNone) {
      step.setLabel(run, undefined);
      taken[at] = undefined;
      return follow(at + 1, barred);
    }
    const isEarliestBest = leavesMostWhenEarly(at);
    let lastWorthTrying = Number.POSITIVE_INFINITY;
    for (const index of candidates) {
      countStep(run);
      const found = placed[index];
      if (found === undefined) continue;
      if (found.time.begin > lastWorthTrying) break;
      if (barred.length > 0) {
        const between = among.filter((other) => (placed[other]?.time.begin ?? 0) < found.time.begin);
        if (barred.some((excluded) => matching(excluded, between).length > 0)) continue;
      }
      if (isEarliestBest) lastWorthTrying = found.time.begin;
      chosen.push(index);
      taken[at] = index;
      step.setLabel(run, found.time);
      if (follow(at + 1, [])) return true;
      chosen.pop();
    }
    return false;
  };
  return follow(0, []);
}
