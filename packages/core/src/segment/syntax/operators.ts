import type { IToken } from 'chevrotain';
import type { Expression, TimeConstraint } from './ast.ts';
import type { RuleProblem } from './rule-problem.ts';
import { And, Comparison, Factor, In, Like, Minus, Not, NotIn, Or, Plus } from './tokens.ts';
import { arithmetic, compared, logic, negated, negation, occurs } from './tree.ts';

/** What stands between two brackets or commas, in order: operands with their signs before and operators between. */
export type OperatorChain = readonly (
  | { readonly token: IToken; readonly constraint?: TimeConstraint; readonly operand?: undefined }
  | { readonly operand: Expression }
)[];

/**
 * Gives every operator of a chain its operands. From loosest to tightest: `or`, `and`, `not`, comparisons with
 * `in`, `notIn`, `like` and `occurs` (one only), `+ -`, `* / %`, unary `-`. Done here and not by one grammar rule per
 * rank, because a bracket then costs the parser two rules of stack and not nine.
 */
export function resolveOperators(chain: OperatorChain, problems: RuleProblem[]): Expression {
  let index = 0;

  const takeIf = (...types: readonly unknown[]): IToken | undefined => {
    const token = chain[index];
    if (token === undefined || token.operand !== undefined) return undefined;
    const { tokenType } = token.token;
    if (!types.some((type) => type === tokenType || tokenType.CATEGORIES?.some((kind) => kind === type)))
      return undefined;
    index++;
    return token.token;
  };

  const disjunction = (): Expression => {
    const operands = [conjunction()];
    while (takeIf(Or) !== undefined) operands.push(conjunction());
    return logic('or', operands);
  };

  const conjunction = (): Expression => {
    const operands = [negations()];
    while (takeIf(And) !== undefined) operands.push(negations());
    return logic('and', operands);
  };

  const negations = (): Expression => {
    const signs: IToken[] = [];
    for (let sign = takeIf(Not); sign !== undefined; sign = takeIf(Not)) signs.push(sign);
    return signs.reduceRight(negation, comparison());
  };

  /** What `occurs`, if it stands here, says of the time before it. */
  const occurrence = (): TimeConstraint | undefined => {
    const part = chain[index];
    if (part === undefined || part.operand !== undefined || part.constraint === undefined) return undefined;
    index++;
    return part.constraint;
  };

  const comparison = (): Expression => {
    const left = sum();
    let result: Expression | undefined;
    for (let part = chain[index]; part !== undefined && part.operand === undefined; part = chain[index]) {
      const constraint = occurrence();
      const operator = constraint === undefined ? takeIf(Comparison, In, NotIn, Like) : part.token;
      if (operator === undefined) break;
      if (result !== undefined) problems.push(afterComparison(operator));
      const whole = constraint === undefined ? compared(operator, left, sum()) : occurs(left, constraint);
      result ??= whole;
    }
    return result ?? left;
  };

  const sum = (): Expression => {
    let left = product();
    for (let operator = takeIf(Plus, Minus); operator !== undefined; operator = takeIf(Plus, Minus))
      left = arithmetic(operator, left, product());
    return left;
  };

  const product = (): Expression => {
    let left = signed();
    for (let operator = takeIf(Factor); operator !== undefined; operator = takeIf(Factor))
      left = arithmetic(operator, left, signed());
    return left;
  };

  const signed = (): Expression => {
    const signs: IToken[] = [];
    for (let sign = takeIf(Minus, Not); sign !== undefined; sign = takeIf(Minus, Not)) {
      if (sign.tokenType === Minus) signs.push(sign);
      else
        problems.push({
          offset: sign.startOffset,
          message: `found "${sign.image}" where a value belongs; expected the condition with its ${sign.image} in parentheses`,
        });
    }
    const part = chain[index++];
    if (part?.operand === undefined) throw new TypeError('An operator chain without its operand.');
    return signs.reduceRight(negated, part.operand);
  };

  const whole = disjunction();
  // `t occurs today + 1`: what follows `occurs` is not a sum.
  const rest = chain[index];
  if (rest !== undefined && rest.operand === undefined) problems.push(afterComparison(rest.token));
  return whole;
}

const afterComparison = ({ startOffset, image }: IToken): RuleProblem => ({
  offset: startOffset,
  message: `found "${image}" after a complete comparison; expected and, or or the end of the rule`,
});
