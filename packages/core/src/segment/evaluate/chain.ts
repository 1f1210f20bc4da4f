import type { ChainStep, CompareOperator } from '../syntax/ast.ts';
import { ChainEvents, type StepTest } from './chain-events.ts';
import { countSteps, type Run } from './run.ts';
import type { TimeValue, Value } from './value.ts';

/** One step of a chain, ready to be asked about events. */
export type CompiledStep = StepTest & {
  readonly isExcluded: boolean;
  readonly count: ChainStep['count'];
  /** Gives the step's label the time of its event. */
  readonly setLabel: (run: Run, time: TimeValue | undefined) => void;
  /** Labels, by step, that this or a later step looks at. */
  readonly looksAt: readonly number[];
};

const counts: Readonly<Record<CompareOperator, (found: number, wanted: number) => boolean>> = {
  '=': (found, wanted) => found === wanted,
  '!=': (found, wanted) => found !== wanted,
  '>': (found, wanted) => found > wanted,
  '>=': (found, wanted) => found >= wanted,
  '<': (found, wanted) => found < wanted,
  '<=': (found, wanted) => found <= wanted,
};
/** What going on from an event takes, beside the events looked at. */
const stepsOfTry = 10;
const once = { operator: '>=', amount: 1 } as const;

/**
 * Whether events follow one another as the steps of a chain say. Tries the events that could be a step's, earliest
 * first; what was tried in vain is remembered by all that the rest depends on. Events × log(events) where each step
 * leaves few events to try; a chain whose steps leave many, and look at the step before, takes steps × events² at most.
 */
export function holdsChain(
  run: Run,
  steps: readonly CompiledStep[],
  events: readonly Value[],
  timeOf: (run: Run, event: Value) => Value,
): boolean {
  const placed = new ChainEvents(run, events, timeOf);
  /** Events taken, in order, and which of them each step took. */
  const chosen: number[] = [];
  const taken: (number | undefined)[] = [];
  const inVain = new Set<string>();
  const beginOf = (index: number | undefined): number | undefined =>
    index === undefined ? undefined : placed.timeOf(index)?.begin;

  /** Events that may follow the last one chosen: later ones, and others of its instant. */
  function* following(step: CompiledStep, from: number): Generator<number, void> {
    for (const index of placed.fulfilling(step, from)) if (!chosen.includes(index)) yield index;
  }
  const latest: number[] = [];
  /** The last instant at which a step can be, with all that follow it behind. */
  const latestOf = (at: number): number => {
    const step = steps[at];
    if (step === undefined) return Number.POSITIVE_INFINITY;
    const { operator, amount } = step.count ?? once;
    const isNeeded = !step.isExcluded && !counts[operator](0, amount);
    latest[at] ??= Math.min(
      isNeeded ? (beginOf(placed.lastOf(step)) ?? Number.NEGATIVE_INFINITY) : Number.POSITIVE_INFINITY,
      latestOf(at + 1),
    );
    return latest[at];
  };
  const firstOf = (step: CompiledStep, from: number): number | undefined => {
    for (const index of following(step, from)) return index;
    return undefined;
  };

  /** @param barred steps that must not happen before the next event chosen. */
  const follow = (at: number, barred: readonly CompiledStep[]): boolean => {
    countSteps(run, stepsOfTry + chosen.length);
    const step = steps[at];
    const last = chosen.at(-1);
    const from = last === undefined ? 0 : placed.firstOfInstant(last);
    if (step === undefined) return barred.every((excluded) => firstOf(excluded, from) === undefined);
    if (step.isExcluded) {
      step.setLabel(run, undefined);
      taken[at] = undefined;
      return follow(at + 1, [...barred, step]);
    }
    const sameInstant = chosen.filter((index) => beginOf(index) === beginOf(last));
    const labels = step.looksAt.map((label) => beginOf(taken[label]) ?? '');
    const key = `${at} ${sameInstant} ${labels}`;
    if (inVain.has(key)) return false;
    const isFound = tryEvents(step, at, from, barred);
    if (!isFound) inVain.add(key);
    return isFound;
  };

  /** Whether what may follow an event of this step may follow any earlier one: the rest only asks for more events. */
  const leavesMostWhenEarly = (at: number): boolean =>
    steps.slice(at + 1).every(({ isExcluded, count, looksAt }) => {
      const { operator, amount } = count ?? once;
      const isAtLeast = operator === '>' || (operator === '>=' && amount > 0);
      return !isExcluded && isAtLeast && !looksAt.includes(at);
    });

  /** Events that can be the step's: each that there are enough up to, or the last where all are counted. */
  function* candidates(step: CompiledStep, from: number): Generator<number, void> {
    const { operator, amount } = step.count ?? once;
    if (operator !== '>=' && operator !== '>') {
      const { found, last } = placed.count(step, from, chosen);
      if (last !== undefined && counts[operator](found, amount)) yield last;
      return;
    }
    let found = 0;
    for (const index of following(step, from)) if (counts[operator](++found, amount)) yield index;
  }

  const tryEvents = (
    step: CompiledStep,
    at: number,
    from: number,
    barred: readonly CompiledStep[],
  ): boolean => {
    const { operator, amount } = step.count ?? once;
    // None at all can be what is asked for: then the step has no event.
    if (counts[operator](0, amount) && firstOf(step, from) === undefined) {
      step.setLabel(run, undefined);
      taken[at] = undefined;
      return follow(at + 1, barred);
    }
    const isEarliestBest = leavesMostWhenEarly(at);
    /** No event behind this instant is worth trying. */
    let until = Math.min(
      latestOf(at),
      ...barred.map((excluded) => beginOf(firstOf(excluded, from)) ?? Number.POSITIVE_INFINITY),
    );
    for (const index of candidates(step, from)) {
      const time = placed.timeOf(index);
      if (time === undefined || time.begin > until) return false;
      if (isEarliestBest) until = Math.min(until, time.begin);
      chosen.push(index);
      taken[at] = index;
      step.setLabel(run, time);
      if (follow(at + 1, [])) return true;
      chosen.pop();
    }
    return false;
  };
  return follow(0, []);
}
