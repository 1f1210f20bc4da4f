import type { OrgState } from '../org/org-state.ts';
import { ensureMatchIndex } from '../store/match-index.ts';
import { seedAssignmentRules } from './assignment-rules.ts';
import { duplicateRulesOf } from './duplicate-rules.ts';
import { validationRulesOf } from './validation-rules.ts';

/**
 * Gets an org ready for the rules of its definition. Throws an Error that names the first rule that does not fit
 * the org, and says why.
 */
export function prepareRules(org: OrgState): void {
  const { definition } = org;
  seedAssignmentRules(org);
  validationRulesOf(definition.validationRules, org.catalog);
  for (const rules of duplicateRulesOf(definition, org.catalog).values())
    for (const { matchings } of rules)
      for (const { object, alternatives } of matchings)
        for (const { columns } of alternatives) ensureMatchIndex(org.database, object, columns);
}
