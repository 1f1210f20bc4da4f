import { validationRulesOf } from '../../rules/validation-rules.ts';
import type { Draft } from '../draft.ts';
import { type RecordError, recordError } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];

/**
 * Refuses a record for which an administrator's condition holds; every rule that fails is told. A formula without
 * a value, such as a division by zero, refuses it as well.
 */
export function checkValidationRules(context: WriteContext, draft: Draft): readonly RecordError[] {
  const { definition, catalog } = context.org;
  if (definition.validationRules.length === 0) return none;
  const rules = validationRulesOf(definition.validationRules, catalog).get(draft.object.name);
  if (rules === undefined) return none;
  const errors: RecordError[] = [];
  for (const { name, fails, error } of rules) {
    const answer = fails(context, draft);
    if (typeof answer !== 'boolean') {
      const message = `Validation Formula "${name}" Invalid (${answer.fault})`;
      errors.push(recordError('FIELD_CUSTOM_VALIDATION_EXCEPTION', message));
    } else if (answer) errors.push(error);
  }
  return errors;
}
