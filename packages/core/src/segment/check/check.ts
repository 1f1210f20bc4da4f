import { isDay } from '../evaluate/time-value.ts';
import type { RuleSchema } from '../segment-rule.ts';
import type {
  ArithmeticExpression,
  ConditionalExpression,
  DateExpression,
  Expression,
  LetExpression,
  ListExpression,
  MembershipExpression,
} from '../syntax/ast.ts';
import type { RuleProblem } from '../syntax/rule-problem.ts';
import { checkCall } from './check-call.ts';
import { checkCompare, checkMembership } from './check-compare.ts';
import { checkQuantifier, checkSelect, expectCondition } from './check-lambda.ts';
import { checkPath } from './check-path.ts';
import { checkChain, checkOccurs, checkOffset } from './check-time.ts';
import {
  alignTime,
  type Checking,
  type KnownSegments,
  type PathTitles,
  type RuleTypes,
  report,
} from './checking.ts';
import { isCondition, isScalar, isTime, isUnknown, type PqlType, typeName, unknownType } from './pql-type.ts';
import { profileScopes, withVariables } from './scopes.ts';

/** The most values a list may have. */
export const maxListValues = 1_000;

/**
 * Checks a rule; its fields only with a schema. Finds every independent problem: a mistake inside an operand is
 * reported once and does not make its surroundings wrong too.
 */
export function checkRule(
  text: string,
  expression: Expression,
  schema: RuleSchema | undefined,
  segments?: KnownSegments,
): {
  readonly types: RuleTypes;
  readonly titles: PathTitles;
  readonly problems: readonly RuleProblem[];
} {
  const checking: Checking = {
    text,
    schema,
    segments,
    types: new Map(),
    titles: new Map(),
    problems: [],
    scopes: profileScopes(schema),
    check: checkNode,
  };
  const type = checkNode(expression, checking);
  if (!isCondition(type))
    report(
      checking,
      expression,
      `found ${typeName(type)}; expected a condition, such as a comparison (= != > < in), a call (.isNotNull()) or a true/false field`,
    );
  return { types: checking.types, titles: checking.titles, problems: checking.problems };
}

/** The type of a node, remembered for the compilers. */
function checkNode(node: Expression, checking: Checking): PqlType {
  const type = typeOf(node, checking);
  checking.types.set(node, type);
  return type;
}

function typeOf(node: Expression, checking: Checking): PqlType {
  switch (node.kind) {
    case 'literal':
      if (typeof node.value === 'string') return { kind: 'text' };
      return { kind: typeof node.value === 'number' ? 'number' : 'boolean' };
    case 'date':
      return checkDate(node, checking);
    case 'list':
      return checkList(node, checking);
    case 'path':
      return checkPath(node, checking);
    case 'logic':
      for (const operand of node.operands) expectCondition(operand, `"${node.operator}"`, checking);
      return { kind: 'boolean' };
    case 'not':
      expectCondition(node.operand, '"not"', checking);
      return { kind: 'boolean' };
    case 'compare':
      return checkCompare(node, checkNode(node.left, checking), checkNode(node.right, checking), checking);
    case 'membership':
      return checkListOperands(node, checking);
    case 'arithmetic':
      return checkArithmetic(node, checking);
    case 'negate':
      expectNumber(node.operand, '"-"', checking);
      return { kind: 'number' };
    case 'if':
      return checkConditional(node, checking);
    case 'call':
      return checkCall(node, checking);
    case 'lambda':
      return checkWholeLambda(node, checking);
    case 'let':
      return checkLet(node, checking);
    case 'quantifier':
      return checkQuantifier(node, checking);
    case 'select':
      return checkSelect(node, checking);
    case 'instant':
      return { kind: node.name === 'now' ? 'instant' : 'date' };
    case 'period':
      return { kind: 'period' };
    case 'offset':
      return checkOffset(node, checking);
    case 'occurs':
      return checkOccurs(node, checking);
    case 'chain':
      return checkChain(node, checking);
  }
}

/** `(Profile) => …` around the whole rule: the parser leaves no other lambda outside a call. */
function checkWholeLambda(node: Expression & { readonly kind: 'lambda' }, checking: Checking): PqlType {
  const profile = checking.scopes.levels[0]?.names ?? unknownType;
  if (node.parameters.length > 1)
    report(
      checking,
      node,
      `found ${node.parameters.length} parameters; expected one, the profile: (Profile) => …`,
    );
  const scopes = withVariables(
    checking.scopes,
    node.parameters.map((name) => [name, profile] as const),
  );
  return checkNode(node.body, { ...checking, scopes });
}

function checkLet(node: LetExpression, checking: Checking): PqlType {
  const value = checkNode(node.value, checking);
  return checkNode(node.body, {
    ...checking,
    scopes: withVariables(checking.scopes, [[node.name, value]]),
  });
}

function expectNumber(node: Expression, by: string, checking: Checking): void {
  const type = checkNode(node, checking);
  if (type.kind !== 'number' && !isUnknown(type))
    report(checking, node, `found ${typeName(type)}; ${by} takes a number`);
}

function checkDate(node: DateExpression, checking: Checking): PqlType {
  if (!isDay(node.year, node.month, node.day))
    report(
      checking,
      node,
      `found date(${node.year}, ${node.month}, ${node.day}), a day no calendar has; expected date(year, month, day), such as date(2020, 3, 14)`,
    );
  return { kind: 'date' };
}

/** `beside`: the values are matched with something else by the caller, not with one another. */
function checkList(node: ListExpression, checking: Checking, beside = false): PqlType {
  if (node.items.length > maxListValues) {
    report(checking, node, `found a list of ${node.items.length} values; expected at most ${maxListValues}`);
    return { kind: 'list', items: unknownType };
  }
  if (node.items.length === 0) report(checking, node, 'found a list without values; expected at least one');
  let items: PqlType = unknownType;
  for (const item of node.items) {
    const type = checkNode(item, checking);
    if (isUnknown(type)) continue;
    if (!isScalar(type))
      report(checking, item, `found ${typeName(type)} in a list; expected single values, such as ["a", "b"]`);
    else if (isUnknown(items)) items = plain(type);
    else if (!beside && type.kind !== items.kind)
      report(
        checking,
        item,
        `found ${typeName(type)} in a list that begins with ${typeName(items)}; expected one type of value`,
      );
  }
  return { kind: 'list', items };
}

/** Without the accepted values of one field. */
const plain = (type: PqlType): PqlType => (type.kind === 'text' ? { kind: 'text' } : type);

function checkListOperands(node: MembershipExpression, checking: Checking): PqlType {
  const value = checkNode(node.value, checking);
  if (node.list.kind !== 'list')
    return checkMembership(node, value, checkNode(node.list, checking), checking);
  const list = checkList(node.list, checking, !isUnknown(value));
  checking.types.set(node.list, list);
  return checkMembership(node, value, list, checking);
}

function checkArithmetic(node: ArithmeticExpression, checking: Checking): PqlType {
  expectNumber(node.left, `"${node.operator}"`, checking);
  expectNumber(node.right, `"${node.operator}"`, checking);
  return { kind: 'number' };
}

function checkConditional(node: ConditionalExpression, checking: Checking): PqlType {
  expectCondition(node.condition, '"if"', checking);
  const then = checkNode(node.whenTrue, checking);
  let otherwise = checkNode(node.whenFalse, checking);
  otherwise = alignTime(node.whenFalse, otherwise, then, checking);
  const aligned = alignTime(node.whenTrue, then, otherwise, checking);
  if (isUnknown(aligned) || isUnknown(otherwise)) return unknownType;
  if (aligned.kind !== otherwise.kind) {
    report(
      checking,
      node.whenFalse,
      `found ${typeName(otherwise)}; expected ${typeName(aligned)}, as in the branch before`,
    );
    return unknownType;
  }
  return isScalar(aligned) && !isTime(aligned) ? plain(aligned) : aligned;
}
