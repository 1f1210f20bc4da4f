import { type CompiledDuplicateRule, duplicateRulesOf, isRuleVisible } from '../../rules/duplicate-rules.ts';
import { findDuplicates } from '../../rules/find-duplicates.ts';
import { isOfThisSave } from '../../rules/same-save.ts';
import type { Draft } from '../draft.ts';
import { type DuplicatesFound, duplicatesFound, type RecordError } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];

/**
 * Refuses a record that a duplicate rule takes for another one: always where the rule blocks, and where it only
 * alerts unless the caller said to save all the same. The first rule that finds something answers.
 */
export function checkDuplicateRules(context: WriteContext, draft: Draft): readonly RecordError[] {
  const { definition, catalog } = context.org;
  const rules = duplicateRulesOf(definition, catalog).get(draft.object.name);
  if (rules === undefined || context.options.duplicateRules === 'skipped') return none;
  for (const rule of rules) {
    const action = draft.mode === 'create' ? rule.onCreate : rule.onUpdate;
    const passes = action === 'allow' || (action === 'alert' && context.options.duplicateRule.allowSave);
    if (passes || !isConcerned(rule, draft) || !isRuleVisible(rule, context.catalog)) continue;
    const duplicates = search(context, draft, rule, action === 'alert');
    if (duplicates === undefined) continue;
    const message = rule.alertText;
    return [{ statusCode: 'DUPLICATES_DETECTED', message, fields: [], [duplicatesFound]: duplicates }];
  }
  return none;
}

/** An update runs only the rules that look at what it changes. */
const isConcerned = ({ decidedBy }: CompiledDuplicateRule, { mode, values, before }: Draft): boolean =>
  mode === 'create' ||
  [...values].some(([name, value]) => decidedBy.has(name) && (before()?.[name] ?? null) !== value);

function search(
  context: WriteContext,
  draft: Draft,
  rule: CompiledDuplicateRule,
  allowSave: boolean,
): DuplicatesFound | undefined {
  const matches = rule.matchings.map((matching) => ({
    object: matching.object,
    rule: matching.name,
    engine: matching.engine,
    compared: matching.alternatives.flatMap(({ criteria }) => criteria.map(({ other }) => other.field.name)),
    rows: findDuplicates(context.org, draft, matching, isOfThisSave(context, matching.object.name)),
  }));
  const found = matches.filter(({ rows }) => rows.length > 0);
  if (found.length === 0) return undefined;
  const { includeRecordDetails } = context.options.duplicateRule;
  return { allowSave, rule: rule.name, objectName: rule.object.name, includeRecordDetails, matches: found };
}
