import type { XdmObject } from '../../xdm/field.ts';
import { isDay } from '../evaluate/time-value.ts';
import type {
  ArithmeticExpression,
  ConditionalExpression,
  DateExpression,
  Expression,
  ListExpression,
  MembershipExpression,
} from '../syntax/ast.ts';
import type { RuleProblem } from '../syntax/rule-problem.ts';
import { checkCall } from './check-call.ts';
import { checkCompare, checkMembership, isConstant } from './check-compare.ts';
import { checkPath } from './check-path.ts';
import { alignTime, type Checking, type RuleTypes, report } from './checking.ts';
import { isScalar, isUnknown, type PqlType, typeName, unknownType } from './pql-type.ts';

/** The most values a list may have. */
export const maxListValues = 1_000;

/**
 * Checks a rule against the schema of its profiles. Finds every independent problem: a mistake inside an
 * operand is reported once and does not make its surroundings wrong too.
 */
export function checkRule(
  expression: Expression,
  schema: XdmObject,
): {
  readonly types: RuleTypes;
  readonly paths: readonly string[];
  readonly problems: readonly RuleProblem[];
} {
  const checking: Checking = { schema, types: new Map(), problems: [], paths: new Set() };
  const type = checkNode(expression, checking);
  if (type.kind !== 'boolean' && !isUnknown(type))
    report(
      checking,
      expression,
      `found ${typeName(type)}; expected a condition, such as a comparison (= != > < in), a call (.isNotNull()) or a true/false field`,
    );
  return { types: checking.types, paths: [...checking.paths].sort(), problems: checking.problems };
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
      for (const operand of node.operands) expectKind(operand, 'boolean', `"${node.operator}"`, checking);
      return { kind: 'boolean' };
    case 'not':
      expectKind(node.operand, 'boolean', '"not"', checking);
      return { kind: 'boolean' };
    case 'compare':
      return checkCompare(node, checkNode(node.left, checking), checkNode(node.right, checking), checking);
    case 'membership':
      return checkListOperands(node, checking);
    case 'arithmetic':
      return checkArithmetic(node, checking);
    case 'negate':
      expectKind(node.operand, 'number', '"-"', checking);
      return { kind: 'number' };
    case 'if':
      return checkConditional(node, checking);
    case 'call':
      return checkCall(
        node,
        node.target === undefined ? undefined : checkNode(node.target, checking),
        node.arguments.map((argument) => checkNode(argument, checking)),
        checking,
      );
    default:
      report(checking, node, `not supported yet: ${node.kind}`);
      return unknownType;
  }
}

function expectKind(node: Expression, kind: 'boolean' | 'number', by: string, checking: Checking): void {
  const type = checkNode(node, checking);
  if (type.kind === kind || isUnknown(type)) return;
  const expected = kind === 'boolean' ? 'a condition' : 'a number';
  report(checking, node, `found ${typeName(type)}; ${by} takes ${expected}`);
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
    return unknownType;
  }
  if (node.items.length === 0) report(checking, node, 'found a list without values; expected at least one');
  let items: PqlType = unknownType;
  for (const item of node.items) {
    const type = checkNode(item, checking);
    if (isUnknown(type)) continue;
    if (!isConstant(item))
      report(checking, item, 'not supported yet: anything but plain values inside a list');
    else if (isUnknown(items)) items = type;
    else if (!beside && type.kind !== items.kind)
      report(
        checking,
        item,
        `found ${typeName(type)} in a list that begins with ${typeName(items)}; expected one type of value`,
      );
  }
  return { kind: 'list', items };
}

function checkListOperands(node: MembershipExpression, checking: Checking): PqlType {
  const value = checkNode(node.value, checking);
  if (node.list.kind !== 'list')
    return checkMembership(node, value, checkNode(node.list, checking), checking);
  const list = checkList(node.list, checking, !isUnknown(value));
  checking.types.set(node.list, list);
  return checkMembership(node, value, list, checking);
}

function checkArithmetic(node: ArithmeticExpression, checking: Checking): PqlType {
  expectKind(node.left, 'number', `"${node.operator}"`, checking);
  expectKind(node.right, 'number', `"${node.operator}"`, checking);
  return { kind: 'number' };
}

function checkConditional(node: ConditionalExpression, checking: Checking): PqlType {
  expectKind(node.condition, 'boolean', '"if"', checking);
  const then = checkNode(node.whenTrue, checking);
  let otherwise = checkNode(node.whenFalse, checking);
  otherwise = alignTime(node.whenFalse, otherwise, then, checking);
  const aligned = alignTime(node.whenTrue, then, otherwise, checking);
  if (isUnknown(aligned) || isUnknown(otherwise)) return unknownType;
  for (const [type, branch] of [
    [aligned, node.whenTrue],
    [otherwise, node.whenFalse],
  ] as const) {
    if (isScalar(type)) continue;
    report(checking, branch, `found ${typeName(type)}; "if" chooses between single values`);
    return unknownType;
  }
  if (aligned.kind !== otherwise.kind) {
    report(
      checking,
      node.whenFalse,
      `found ${typeName(otherwise)}; expected ${typeName(aligned)}, as in the branch before`,
    );
    return unknownType;
  }
  return aligned.kind === 'text' ? { kind: 'text' } : aligned;
}
