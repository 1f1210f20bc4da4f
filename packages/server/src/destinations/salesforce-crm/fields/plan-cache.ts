import { type DataflowDetails, HeadraceError } from '@headrace/core';
import { readDetails } from '../dataflow-details.ts';
import type { DescribeCache } from '../describe-cache.ts';
import { type PreparedPlan, preparePlan } from './prepared-plan.ts';
import { planOf } from './record-plan.ts';
import { requireFields } from './require-fields.ts';

/** Plans of dataflows, made anew when what the org says of its objects was read again. */
export class PlanCache {
  readonly #described: DescribeCache;
  readonly #plans = new WeakMap<DataflowDetails, PreparedPlan>();

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
    const object = this.#described.lastKnown(readDetails(details).object);
    if (object === undefined)
      throw new HeadraceError('internal', 'Fields were not read before a record was prepared.');
    const fresh = planOf(details, object, this.#described.lastKnown('Account'));
    const known = this.#plans.get(details);
    if (known !== undefined && known.object === fresh.object && known.account === fresh.account) return known;
    const plan = preparePlan(fresh);
    this.#plans.set(details, plan);
    return plan;
  }
}
