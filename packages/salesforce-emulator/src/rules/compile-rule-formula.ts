import type { CompiledFormula } from '../formula/compile-formula.ts';
import { compileFormula } from '../formula/compile-formula.ts';
import type { Draft } from '../records/draft.ts';
import type { WriteContext } from '../records/write-context.ts';
import type { Catalog } from '../schema/catalog.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { formulaFields } from './formula-fields.ts';
import { evaluationOf } from './formula-values.ts';

/** Whether a formula holds for a record being saved. */
export type DraftCondition = (context: WriteContext, draft: Draft) => ReturnType<CompiledFormula['evaluate']>;

/**
 * A formula of a rule on an object, ready to be asked of records being saved. Throws an Error that says what is
 * wrong with it and where; `where` names the rule.
 */
export function compileRuleFormula(
  catalog: Catalog,
  object: ObjectType,
  formula: string,
  where: string,
): DraftCondition {
  const { resolve, sources } = formulaFields(catalog, object);
  const compiled = compileFormula(formula, resolve);
  if (compiled.kind !== 'compiled')
    throw new Error(`${where}: at character ${compiled.offset + 1}: ${compiled.message}`);
  return (context, draft) => compiled.evaluate(evaluationOf(context, draft, sources));
}
