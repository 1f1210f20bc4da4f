import { canonicalJson } from '../../profile/fragment.ts';
import { isEqual } from './compare.ts';
import { countValue, isNothing } from './cost.ts';
import { countStep, type Run } from './run.ts';
import { asTime, TimeValue, toJson, type Value } from './value.ts';

/**
 * Values of a list as a set: `isEqual` decides what is in it, but not by asking each. An absent value is never in it. A
 * text is a text beside texts and what it says beside times, so that both are kept.
 */
export class ValueSet {
  readonly #keys = new Set<string>();
  readonly #times = new Set<number>();
  readonly #timesOfTexts = new Set<number>();
  readonly #members: Value[] = [];
  /** Whether a member moves with now: then each comparison with it must tell the clock. */
  #moves = false;

  static of(run: Run, list: readonly Value[]): ValueSet {
    const set = new ValueSet();
    for (const value of list) set.add(run, value);
    return set;
  }

  add(run: Run, value: Value): void {
    if (isNothing(run, value)) return;
    this.#members.push(value);
    if (value instanceof TimeValue) {
      this.#times.add(value.begin);
      if (value.shifts !== undefined) this.#moves = true;
      return;
    }
    this.#keys.add(keyOf(run, value));
    const time = asTime(value);
    if (time !== undefined) this.#timesOfTexts.add(time.begin);
  }

  has(run: Run, value: Value): boolean {
    if (isNothing(run, value)) return false;
    if (this.#moves || (value instanceof TimeValue && value.shifts !== undefined))
      return this.#members.some((member) => {
        countStep(run);
        return isEqual(run, value, member);
      });
    if (value instanceof TimeValue)
      return this.#times.has(value.begin) || this.#timesOfTexts.has(value.begin);
    if (this.#keys.has(keyOf(run, value))) return true;
    const time = this.#times.size === 0 ? undefined : asTime(value);
    return time !== undefined && this.#times.has(time.begin);
  }
}

/** A text under which equal values are equal, times aside. */
function keyOf(run: Run, value: Value): string {
  countValue(run, value);
  return typeof value === 'object'
    ? `o${canonicalJson(toJson(value))}`
    : `${(typeof value).charAt(0)}${value}`;
}
