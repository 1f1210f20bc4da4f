import type { OrgDefinition } from '../definition/org-definition.ts';
import type { OrgState } from '../org/org-state.ts';
import { validationRulesOf } from './validation-rules.ts';

/** Throws an Error that names the first rule of a definition that does not fit the org, and says why. */
export function checkRules(org: OrgState, definition: OrgDefinition): void {
  validationRulesOf(definition.validationRules, org.catalog);
}
