import type { CompareExpression, Expression, MembershipExpression } from '../syntax/ast.ts';
import { alignTime, type Checking, checkAccepted, matchItem, report } from './checking.ts';
import { isScalar, isTime, isUnknown, type PqlType, typeName, unknownType } from './pql-type.ts';

/** Checks a comparison, given the types of its sides. */
export function checkCompare(
  node: CompareExpression,
  leftType: PqlType,
  rightType: PqlType,
  checking: Checking,
): PqlType {
  const boolean: PqlType = { kind: 'boolean' };
  let left = leftType;
  let right = rightType;
  if (isUnknown(left) || isUnknown(right)) return boolean;
  for (const [type, side] of [
    [left, node.left],
    [right, node.right],
  ] as const) {
    if (isScalar(type)) continue;
    report(checking, side, `found ${typeName(type)}; "${node.operator}" compares single values`);
    return boolean;
  }
  right = alignTime(node.right, right, left, checking);
  left = alignTime(node.left, left, right, checking);
  if (isUnknown(left) || isUnknown(right)) return boolean;
  const equality = node.operator === '=' || node.operator === '!=';
  if (left.kind !== right.kind && !(isTime(left) && isTime(right))) {
    report(
      checking,
      node.right,
      `found ${typeName(right)}; expected ${typeName(left)}, since that is what stands before "${node.operator}"`,
    );
  } else if (left.kind === 'boolean' && !equality) {
    report(
      checking,
      node.left,
      `found true or false, which has no order; expected = or != instead of "${node.operator}"`,
    );
  } else if (equality && left.kind !== right.kind) {
    report(
      checking,
      node.right,
      'a date and time is not equal to a whole day; write field >= date(…) and field < date(…)',
    );
  } else if (equality) {
    checkAccepted(node.right, left, checking);
    checkAccepted(node.left, right, checking);
  }
  return boolean;
}

/** Checks `in` and `notIn`, given the types of the value and of the list. */
export function checkMembership(
  node: MembershipExpression,
  value: PqlType,
  list: PqlType,
  checking: Checking,
): PqlType {
  const boolean: PqlType = { kind: 'boolean' };
  if (!isUnknown(value) && !isScalar(value)) {
    report(checking, node.value, `found ${typeName(value)}; "${node.operator}" looks up single values`);
    return boolean;
  }
  if (isUnknown(list)) return boolean;
  if (list.kind !== 'list') {
    report(
      checking,
      node.list,
      `found ${typeName(list)}; "${node.operator}" takes a list, such as ["a", "b"], or a field that holds one`,
    );
    return boolean;
  }
  if (node.list.kind !== 'list') {
    if (isTime(list.items) || (!isUnknown(list.items) && !isScalar(list.items)))
      report(
        checking,
        node.list,
        `not supported yet: "${node.operator}" on a list of ${isTime(list.items) ? 'dates' : 'groups of fields'}`,
      );
    else matchItem(node.value, value, list.items, checking);
    return boolean;
  }
  for (const item of node.list.items) {
    if (!isConstant(item)) continue;
    const type = checking.types.get(item) ?? unknownType;
    const aligned = alignTime(item, type, value, checking);
    if (isTime(value) && isTime(aligned) && value.kind !== aligned.kind) {
      report(
        checking,
        item,
        'a date and a date and time are never equal; expected the type of the value before the list',
      );
    } else matchItem(item, aligned, value, checking);
  }
  return boolean;
}

/** Whether a node may stand in a list: its value is known without a document. */
export const isConstant = (node: Expression): boolean => node.kind === 'literal' || node.kind === 'date';
