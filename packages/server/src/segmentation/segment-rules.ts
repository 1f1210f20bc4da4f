import {
  compileSegmentRule,
  type IdentifiedRule,
  orderRules,
  type RuleSchema,
  type SegmentRule,
  withDependents,
} from '@headrace/core';
import type { Db } from '../store/database.ts';
import { readRuleSchema } from '../store/dataset-contexts.ts';
import { readSegments } from '../store/segments.ts';

export type ActiveRule = IdentifiedRule & { readonly isEvaluated: boolean };

/** Compiled rules, kept between reads; schemas only grow, so a rule that compiled once goes on compiling. */
export class SegmentRules {
  readonly #compiled = new Map<string, SegmentRule>();

  /** The rules of all segments as the given transaction sees them; those that others look at first. */
  async read(db: Db): Promise<ActiveRule[]> {
    const active: ActiveRule[] = [];
    let schema: RuleSchema | undefined;
    for (const { segmentId, expression, evaluatedAt } of await readSegments(db)) {
      let rule = this.#compiled.get(segmentId);
      if (rule?.text !== expression) {
        schema ??= await readRuleSchema(db);
        rule = compileSegmentRule(expression, schema);
        this.#compiled.set(segmentId, rule);
      }
      active.push({ segmentId, rule, isEvaluated: evaluatedAt !== null });
    }
    return orderRules(active);
  }

  /** The given rules with those that look at their segments, in order. */
  async dependentsOf(db: Db, rules: readonly IdentifiedRule[]): Promise<ActiveRule[]> {
    const all = await this.read(db);
    const wanted = withDependents(
      all,
      rules.map(({ segmentId }) => segmentId),
    );
    return all.filter(({ segmentId }) => wanted.has(segmentId));
  }
}
