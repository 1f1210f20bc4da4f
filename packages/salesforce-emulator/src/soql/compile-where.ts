import type { WhereClause } from '@jetstreamapp/soql-parser-js';
import { compileComparison, whereReach } from './compile-comparison.ts';
import { type Expression, fieldExpression, functionExpression } from './expression.ts';
import type { PathScope } from './field-path.ts';
import type { Literal } from './literal.ts';
import { queryErrors } from './query-error.ts';
import { checkSemiJoin, type SemiJoinPlace, semiJoinFragment, semiJoinScope } from './semi-join.ts';
import { combine, negate, type SqlFragment } from './sql-fragment.ts';
import { buildWhereTree, type Condition, type WhereTree } from './where-tree.ts';

const maxSemiJoins = 2;

/** Compiles a WHERE clause. SOQL's conditions are true or false, never unknown: NOT of a null match is true. */
export function compileWhere(scope: PathScope, where: WhereClause): SqlFragment {
  const tree = buildWhereTree(where);
  if (countSemiJoins(tree) > maxSemiJoins)
    throw queryErrors.malformed(`Maximum ${maxSemiJoins} semi join sub-selects are allowed`);
  return compileTree(scope, tree, 'top');
}

function compileTree(scope: PathScope, tree: WhereTree, place: SemiJoinPlace): SqlFragment {
  if (tree.kind === 'condition') return compileCondition(scope, tree.condition, place);
  if (tree.kind === 'not') return negate(compileTree(scope, tree.part, place));
  const inside = tree.kind === 'or' ? 'or' : place === 'top' ? 'top' : 'nested';
  return combine(
    tree.kind,
    tree.parts.map((part) => compileTree(scope, part, inside)),
  );
}

function compileCondition(scope: PathScope, condition: Condition, place: SemiJoinPlace): SqlFragment {
  if ('valueQuery' in condition) {
    const { valueQuery, field, operator } = condition;
    const join = checkSemiJoin(scope, field, valueQuery, place);
    const inner = valueQuery.where;
    const where =
      inner === undefined
        ? undefined
        : compileTree(semiJoinScope(scope, join), buildWhereTree(inner), 'inside');
    const fragment = semiJoinFragment(join, where);
    return operator === 'NOT IN' ? negate(fragment) : fragment;
  }
  if (!('operator' in condition)) throw queryErrors.malformed("unexpected token: 'NOT'");
  const left = leftOf(scope, condition);
  if (left.kind === 'aggregate')
    throw queryErrors.malformedAt(
      scope.soql,
      left.text,
      `Aggregate functions are not allowed in a WHERE clause: ${left.text}`,
    );
  return compileComparison(scope, whereReach(scope), left, condition.operator, literalsOf(condition));
}

/** The left side of a comparison. `toLabel` compares the label, which in this org is the value. */
export function leftOf(
  scope: PathScope,
  condition: Exclude<Condition, { openParen: number; operator?: never }>,
): Expression {
  if ('field' in condition) return fieldExpression(scope, condition.field);
  if (!('fn' in condition)) throw queryErrors.malformed("unexpected token: 'NOT'");
  const [argument] = condition.fn.parameters ?? [];
  if (condition.fn.functionName?.toUpperCase() === 'TOLABEL' && typeof argument === 'string')
    return fieldExpression(scope, argument);
  return functionExpression(scope, condition.fn);
}

/** The literals on the right side, one for each value of a list. */
export function literalsOf(condition: Condition): readonly Literal[] {
  if (!('value' in condition)) return [];
  const kinds = [condition.literalType ?? 'STRING'].flat();
  return [condition.value]
    .flat()
    .map((text, index) => ({ text, kind: kinds[index] ?? kinds[0] ?? 'STRING' }));
}

function countSemiJoins(tree: WhereTree): number {
  if (tree.kind === 'condition') return 'valueQuery' in tree.condition ? 1 : 0;
  if (tree.kind === 'not') return countSemiJoins(tree.part);
  return tree.parts.reduce((total, part) => total + countSemiJoins(part), 0);
}
