import { compileSegmentRule, type RuleSchema, type SegmentRule } from '@headrace/core';
import type { Db } from '../store/database.ts';
import { readRuleSchema } from '../store/dataset-contexts.ts';
import { readSegments } from '../store/segments.ts';

export type ActiveRule = {
  readonly segmentId: string;
  readonly rule: SegmentRule;
  readonly isEvaluated: boolean;
};

/** Compiled rules, kept between reads; schemas only grow, so a rule that compiled once goes on compiling. */
export class SegmentRules {
  readonly #compiled = new Map<string, SegmentRule>();

  /** The rules of all segments as the given transaction sees them. */
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
    return active;
  }
}
