import { anyTime, windowOf } from './chain-window.ts';
import { type KnownConstraint, occurs } from './occurs.ts';
import { countStep, countSteps, type Run } from './run.ts';
import { asTime, type TimeValue, type Value } from './value.ts';

/** What one step of a chain asks of an event. */
export type StepTest = {
  /** WHAT, which sees no labels. */
  readonly isOf: (run: Run, event: Value) => boolean;
  /** WHEN with its references computed; undefined in a run where one of them is absent. */
  readonly when: ((run: Run) => KnownConstraint | undefined) | undefined;
  /** Whether WHEN looks at a label, and so is asked anew for each event the label may stand for. */
  readonly isByLabel: boolean;
};

type Placed = { readonly event: Value; readonly time: TimeValue };

/**
 * The events of a chain in order of time. Those that fulfil a step are looked up in a list that is made once, so that
 * going on from one event costs no more than the events that are looked at.
 */
export class ChainEvents {
  readonly #run: Run;
  readonly #placed: readonly Placed[];
  readonly #lists = new Map<StepTest, readonly number[]>();
  /** Events move with the clock: each must be asked, since each can change by time alone. */
  readonly #isMoving: boolean;

  constructor(run: Run, events: readonly Value[], timeOf: (run: Run, event: Value) => Value) {
    this.#run = run;
    const placed: Placed[] = [];
    for (const event of events) {
      countSteps(run, 2);
      const time = asTime(timeOf(run, event));
      if (time !== undefined) placed.push({ event, time });
    }
    this.#placed = placed.sort((a, b) => a.time.begin - b.time.begin);
    this.#isMoving = placed.some(({ time }) => time.shifts !== undefined);
  }

  timeOf(index: number): TimeValue | undefined {
    return this.#placed[index]?.time;
  }

  /** The first event of an event's instant. */
  firstOfInstant(index: number): number {
    const time = this.#placed[index]?.time.begin;
    let first = index;
    for (; first > 0 && this.#placed[first - 1]?.time.begin === time; first--) countStep(this.#run);
    return first;
  }

  /** Events from one on that fulfil a step, in order, as far as they are asked for. */
  *fulfilling(step: StepTest, from: number): Generator<number, void> {
    const list = this.#listOf(step);
    const start = firstNotBelow(list, (index) => index >= from);
    if (!step.isByLabel || step.when === undefined) {
      for (let at = start; at < list.length; at++) {
        countStep(this.#run);
        yield list[at] ?? 0;
      }
      return;
    }
    const known = step.when(this.#run);
    if (known === undefined) return;
    const window = this.#isMoving ? anyTime : windowOf(known);
    const begin = firstNotBelow(list, (index) => (this.timeOf(index)?.begin ?? 0) >= window.from);
    for (let at = Math.max(start, begin); at < list.length; at++) {
      const index = list[at] ?? 0;
      const time = this.timeOf(index);
      if (time === undefined || time.begin > window.to) return;
      countStep(this.#run);
      if (occurs(this.#run, time, known)) yield index;
    }
  }

  /** The last event that could be a step's. */
  lastOf(step: StepTest): number | undefined {
    return this.#listOf(step).at(-1);
  }

  /** How many events from one on fulfil a step, and the last of them; `taken` do not count. */
  count(
    step: StepTest,
    from: number,
    taken: readonly number[],
  ): { readonly found: number; readonly last: number | undefined } {
    if (step.isByLabel) {
      const found = [...this.fulfilling(step, from)].filter((index) => !taken.includes(index));
      return { found: found.length, last: found.at(-1) };
    }
    const list = this.#listOf(step);
    const start = firstNotBelow(list, (index) => index >= from);
    const own = new Set(taken.filter((index) => index >= from && isIn(list, index)));
    let at = list.length - 1;
    while (at >= start && own.has(list[at] ?? 0)) at--;
    return { found: list.length - start - own.size, last: at >= start ? list[at] : undefined };
  }

  /** Events that fulfil WHAT, and WHEN where it looks at no label. */
  #listOf(step: StepTest): readonly number[] {
    const known = this.#lists.get(step);
    if (known !== undefined) return known;
    const constraint = step.isByLabel ? undefined : step.when?.(this.#run);
    const isNever = !step.isByLabel && step.when !== undefined && constraint === undefined;
    const list: number[] = [];
    for (const [index, { event, time }] of isNever ? [] : this.#placed.entries()) {
      countStep(this.#run);
      if (!step.isOf(this.#run, event)) continue;
      if (constraint === undefined || occurs(this.#run, time, constraint)) list.push(index);
    }
    this.#lists.set(step, list);
    return list;
  }
}

/** Where the ascending list begins to fulfil what it goes on to fulfil. */
function firstNotBelow(list: readonly number[], isReached: (index: number) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isReached(list[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const isIn = (list: readonly number[], index: number): boolean =>
  list[firstNotBelow(list, (other) => other >= index)] === index;
