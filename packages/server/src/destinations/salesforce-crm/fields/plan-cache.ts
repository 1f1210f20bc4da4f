import { type DataflowDetails, HeadraceError } from '@headrace/core';
import { readDetails } from '../dataflow-details.ts';
import type { DescribeCache } from '../describe-cache.ts';
import type { ObjectDescription } from './object-description.ts';
import { type PreparedPlan, preparePlan } from './prepared-plan.ts';
import { planOf } from './record-plan.ts';
import { requireFields } from './require-fields.ts';

/** Kept for so many kinds of details; those of dataflows that were edited fall out. */
const mostPlans = 1_000;

type KnownPlan = {
  readonly plan: PreparedPlan;
  readonly object: ObjectDescription;
  readonly account: ObjectDescription | undefined;
};

/** Plans of dataflows, made anew when what the org says of its objects was read again. */
export class PlanCache {
  readonly #described: DescribeCache;
  /** Details are looked at for every record, and read again from where they are stored for every batch. */
  readonly #byDetails = new WeakMap<DataflowDetails, KnownPlan>();
  readonly #byText = new Map<string, KnownPlan>();

  constructor(described: DescribeCache) {
    this.#described = described;
  }

  /** @throws HeadraceError `destination_misconfigured` when records can neither be matched nor made. */
  async current(details: DataflowDetails, signal: AbortSignal): Promise<PreparedPlan> {
    const { object } = readDetails(details);
    await this.#described.current(object, signal);
    if (object === 'Contact') await this.#described.currentOrHidden('Account', signal);
    const plan = this.lastKnown(details);
    requireFields(plan);
    return plan;
  }

  /** By what was read last, however long ago. */
  lastKnown(details: DataflowDetails): PreparedPlan {
    const known = this.#byDetails.get(details);
    if (known !== undefined && this.#isCurrent(known)) return known.plan;
    const text = JSON.stringify(details);
    const same = this.#byText.get(text);
    const current = same !== undefined && this.#isCurrent(same) ? same : this.#prepare(details);
    this.#byDetails.set(details, current);
    this.#byText.delete(text);
    this.#byText.set(text, current);
    const [oldest] = this.#byText.keys();
    if (this.#byText.size > mostPlans && oldest !== undefined) this.#byText.delete(oldest);
    return current.plan;
  }

  #isCurrent({ plan, object, account }: KnownPlan): boolean {
    return (
      object === this.#described.lastKnown(plan.details.object) &&
      account === this.#described.lastKnown('Account')
    );
  }

  #prepare(details: DataflowDetails): KnownPlan {
    const object = this.#described.lastKnown(readDetails(details).object);
    if (object === undefined)
      throw new HeadraceError('internal', 'Fields were not read before a record was prepared.');
    const account = this.#described.lastKnown('Account');
    return { plan: preparePlan(planOf(details, object, account)), object, account };
  }
}
