import { compileSegmentRule, type RuleReads, type RuleTiming } from '@headrace/core';
import type { Db } from '../store/database.ts';
import { readRuleSchema } from '../store/dataset-contexts.ts';
import { readSegmentNames } from '../store/segments.ts';
import { sqlOf } from './evaluate-range.ts';

/** How a rule is evaluated over everyone: by PostgreSQL, by JavaScript for those whom PostgreSQL leaves, or for all. */
export type EvaluatedIn = 'sql' | 'sql_then_javascript' | 'javascript';

export type RuleFacts = {
  /** In English. */
  readonly meaning: string;
  readonly reads: RuleReads;
  readonly timing: RuleTiming;
  readonly evaluatedIn: EvaluatedIn;
};

/** What a rule says and takes. @throws HeadraceError `invalid_input` when it is no rule over the union schema. */
export async function examineRule(db: Db, expression: string, now: Date): Promise<RuleFacts> {
  const names = await readSegmentNames(db);
  const rule = compileSegmentRule(expression, await readRuleSchema(db), undefined, names);
  const sql = sqlOf(rule, now);
  return {
    meaning: rule.describe(),
    reads: rule.reads,
    timing: rule.timing,
    evaluatedIn: sql === undefined ? 'javascript' : sql.isExact ? 'sql' : 'sql_then_javascript',
  };
}
