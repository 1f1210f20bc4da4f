import type { BinaryNode, BinaryOperator, LogicalNode, UnaryNode } from './ast.ts';
import { checkAllowed } from './check-allowed.ts';
import { compareText } from './compare-text.ts';
import { compileLike, compileMembership } from './compile-matching.ts';
import { expectKind, foundKind, refuse, type TypeCheck, unknownAt } from './type-check.ts';
import {
  areComparable,
  bracketed,
  type Evaluate,
  isMoment,
  type Kind,
  nameKinds,
  scalars,
  type TypedExpression,
  toDay,
  type Value,
} from './typed-expression.ts';

const ordered: readonly Kind[] = ['text', 'number', 'date', 'time'];

/** `and`, `or`: left to right, no further than needed. */
export function compileLogical(check: TypeCheck, node: LogicalNode): TypedExpression {
  const operands = node.operands.map((operand) => check.compile(operand));
  for (const operand of operands) expectKind(check, operand, ['boolean']);
  const evaluates = operands.map(({ evaluate }) => evaluate);
  const isAnd = node.operator === 'and';
  return {
    kind: 'boolean',
    position: node.position,
    isCompound: true,
    description: operands.map(bracketed).join(` ${node.operator} `),
    evaluate: (document) => {
      for (const evaluate of evaluates) if ((evaluate(document) === true) !== isAnd) return !isAnd;
      return isAnd;
    },
  };
}

/** `not` and the minus sign. */
export function compileUnary(check: TypeCheck, node: UnaryNode): TypedExpression {
  const operand = check.compile(node.operand);
  const isNot = node.operator === 'not';
  if (!expectKind(check, operand, [isNot ? 'boolean' : 'number'])) return unknownAt(node.position);
  const { evaluate } = operand;
  if (isNot)
    return {
      kind: 'boolean',
      position: node.position,
      description: `not (${operand.description})`,
      evaluate: (document) => evaluate(document) !== true,
    };
  return {
    kind: 'number',
    position: node.position,
    description: `-${bracketed(operand)}`,
    evaluate: (document) => {
      const value = evaluate(document);
      return typeof value === 'number' ? -value : undefined;
    },
  };
}

/** Comparison, membership, `like` and arithmetic. */
export function compileBinary(check: TypeCheck, node: BinaryNode): TypedExpression {
  const left = check.compile(node.left);
  const right = check.compile(node.right);
  const { operator } = node;
  if (operator === 'in' || operator === 'notIn') return compileMembership(check, node, left, right);
  if (operator === 'like') return compileLike(check, node, left, right);
  const calculate = calculations.get(operator);
  if (calculate !== undefined) return compileCalculation(check, node, left, right, calculate);
  return compileComparison(check, node, left, right);
}

/**
 * The result of arithmetic: whole numbers are exact, others are rounded to 15 significant digits, so that
 * 0.1 + 0.2 is 0.3. Division by zero and results too large for a number are absent.
 */
const rounded = (result: number): Value =>
  Number.isSafeInteger(result)
    ? result
    : Number.isFinite(result)
      ? Number(result.toPrecision(15))
      : undefined;

const calculations: ReadonlyMap<BinaryOperator, (a: number, b: number) => number> = new Map([
  ['+', (a: number, b: number) => a + b],
  ['-', (a: number, b: number) => a - b],
  ['*', (a: number, b: number) => a * b],
  ['/', (a: number, b: number) => a / b],
  ['%', (a: number, b: number) => a % b],
]);

function compileCalculation(
  check: TypeCheck,
  node: BinaryNode,
  left: TypedExpression,
  right: TypedExpression,
  calculate: (a: number, b: number) => number,
): TypedExpression {
  const isLeft = expectKind(check, left, ['number']);
  const isRight = expectKind(check, right, ['number']);
  if (!isLeft || !isRight) return unknownAt(node.position);
  return {
    kind: 'number',
    position: left.position,
    isCompound: true,
    description: `${bracketed(left)} ${node.operator} ${bracketed(right)}`,
    evaluate: (document) => {
      const a = left.evaluate(document);
      const b = right.evaluate(document);
      return typeof a === 'number' && typeof b === 'number' ? rounded(calculate(a, b)) : undefined;
    },
  };
}

const comparisonWords: ReadonlyMap<BinaryOperator, readonly [other: string, moment: string]> = new Map([
  ['=', ['is', 'is']],
  ['!=', ['is not', 'is not']],
  ['>', ['is greater than', 'is after']],
  ['>=', ['is at least', 'is on or after']],
  ['<', ['is less than', 'is before']],
  ['<=', ['is at most', 'is on or before']],
]);

function compileComparison(
  check: TypeCheck,
  node: BinaryNode,
  left: TypedExpression,
  right: TypedExpression,
): TypedExpression {
  const { operator, position } = node;
  const kinds = operator === '=' || operator === '!=' ? scalars : ordered;
  const isLeft = expectKind(check, left, kinds);
  const isRight = expectKind(check, right, kinds);
  if (!isLeft || !isRight) return unknownAt(position);
  if (!areComparable(left.kind, right.kind)) {
    const hint = isMoment(left.kind) ? ', for example date(2025, 3, 14)' : '';
    const expected = `expected ${nameKinds([left.kind])} to compare with ${left.description}${hint}`;
    return refuse(check, right.position, `found ${foundKind(right)}, ${expected}`);
  }
  checkAllowed(check, left, right);
  checkAllowed(check, right, left);
  const words = comparisonWords.get(operator)?.[isMoment(left.kind) ? 1 : 0] ?? operator;
  const [first, second] = alignMoments(left, right);
  return {
    kind: 'boolean',
    position: left.position,
    description: `${bracketed(left)} ${words} ${bracketed(right)}`,
    evaluate: comparison(operator, first, second),
  };
}

/** A date and a time are compared by their days. */
function alignMoments(left: TypedExpression, right: TypedExpression): readonly [Evaluate, Evaluate] {
  if (left.kind === right.kind || !isMoment(left.kind)) return [left.evaluate, right.evaluate];
  return [(document) => toDay(left.evaluate(document)), (document) => toDay(right.evaluate(document))];
}

/** An absent side makes every comparison false, `!=` too. */
function comparison(operator: BinaryOperator, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === '=')
    return (document) => {
      const value = left(document);
      return value !== undefined && value === right(document);
    };
  if (operator === '!=')
    return (document) => {
      const a = left(document);
      const b = right(document);
      return a !== undefined && b !== undefined && a !== b;
    };
  const accepts = orders.get(operator) ?? (() => false);
  return (document) => {
    const a = left(document);
    const b = right(document);
    if (typeof a === 'number' && typeof b === 'number') return accepts(a - b);
    return typeof a === 'string' && typeof b === 'string' && accepts(compareText(a, b));
  };
}

const orders: ReadonlyMap<BinaryOperator, (difference: number) => boolean> = new Map([
  ['>', (difference: number) => difference > 0],
  ['>=', (difference: number) => difference >= 0],
  ['<', (difference: number) => difference < 0],
  ['<=', (difference: number) => difference <= 0],
]);
