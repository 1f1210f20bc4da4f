import type { ValidationRule } from '../definition/validation-rules.ts';
import { type RecordError, recordError } from '../records/record-error.ts';
import { type Catalog, findObject } from '../schema/catalog.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { compileRuleFormula, type DraftCondition } from './compile-rule-formula.ts';
import { keptBySection } from './kept-by-section.ts';

/** A validation rule ready to be asked of records. */
export interface CompiledValidation {
  readonly name: string;
  readonly fails: DraftCondition;
  readonly error: RecordError;
}

/** The active rules by the name of their object. Throws an Error for the first that does not fit the org. */
export const validationRulesOf = keptBySection(
  (
    rules: readonly ValidationRule[],
    catalog: Catalog,
  ): ReadonlyMap<string, readonly CompiledValidation[]> => {
    const byObject = new Map<string, CompiledValidation[]>();
    for (const rule of rules) {
      const where = `Validation rule ${rule.name}`;
      const object = findObject(catalog, rule.object);
      if (object === undefined) throw new Error(`${where}: there is no object ${rule.object}.`);
      const compiled = compileRule(catalog, object, rule, where);
      // A rule that is off has to be a possible one too, as in Salesforce.
      if (!rule.active) continue;
      byObject.set(object.name, [...(byObject.get(object.name) ?? []), compiled]);
    }
    return byObject;
  },
);

function compileRule(
  catalog: Catalog,
  object: ObjectType,
  rule: ValidationRule,
  where: string,
): CompiledValidation {
  const field = rule.field === undefined ? undefined : findField(object, rule.field);
  if (rule.field !== undefined && field === undefined)
    throw new Error(`${where}: there is no field ${rule.field} on ${object.name}.`);
  return {
    name: rule.name,
    fails: compileRuleFormula(catalog, object, rule.formula, where),
    error: recordError(
      'FIELD_CUSTOM_VALIDATION_EXCEPTION',
      rule.message,
      field === undefined ? [] : [field.name],
    ),
  };
}
