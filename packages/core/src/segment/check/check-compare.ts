import type { CompareExpression, Expression, MembershipExpression } from '../syntax/ast.ts';
import { alignTime, type Checking, checkAccepted, matchItem, report } from './checking.ts';
import { isScalar, isTime, isUnknown, itemOrSelf, type PqlType, typeName, unknownType } from './pql-type.ts';

const boolean: PqlType = { kind: 'boolean' };

/**
 * Checks a comparison, given the types of its sides. A list beside a single value compares with any of its items; two
 * lists are equal or not.
 */
export function checkCompare(
  node: CompareExpression,
  leftType: PqlType,
  rightType: PqlType,
  checking: Checking,
): PqlType {
  const equality = node.operator === '=' || node.operator === '!=';
  if (leftType.kind === 'list' && rightType.kind === 'list' && equality) {
    matchItem(node.right, rightType.items, leftType.items, checking);
    return boolean;
  }
  const isAny = (leftType.kind === 'list') !== (rightType.kind === 'list');
  let left = isAny ? itemOrSelf(leftType) : leftType;
  let right = isAny ? itemOrSelf(rightType) : rightType;
  for (const [type, side] of [
    [left, node.left],
    [right, node.right],
  ] as const) {
    if (isScalar(type) || isUnknown(type)) continue;
    report(checking, side, `found ${typeName(type)}; "${node.operator}" compares single values`);
    return boolean;
  }
  right = alignTime(node.right, right, left, checking);
  left = alignTime(node.left, left, right, checking);
  if (!equality && (left.kind === 'boolean' || right.kind === 'boolean')) {
    report(
      checking,
      left.kind === 'boolean' ? node.left : node.right,
      `found true or false, which has no order; expected = or != instead of "${node.operator}"`,
    );
    return boolean;
  }
  if (isUnknown(left) || isUnknown(right)) return boolean;
  if (left.kind !== right.kind && !(isTime(left) && isTime(right))) {
    report(
      checking,
      node.right,
      `found ${typeName(right)}; expected ${typeName(left)}, since that is what stands before "${node.operator}"`,
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

/** Checks `in` and `notIn`, given the types of the value (of a list: any of its items) and of the list. */
export function checkMembership(
  node: MembershipExpression,
  valueType: PqlType,
  list: PqlType,
  checking: Checking,
): PqlType {
  const value = itemOrSelf(valueType);
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
    const aligned = alignTime(node.value, value, list, checking);
    if (isScalar(list.items) || isUnknown(list.items)) matchItem(node.value, aligned, list.items, checking);
    else
      report(
        checking,
        node.list,
        `found a list of ${plural(list.items)}; "${node.operator}" looks up single values`,
      );
    return boolean;
  }
  for (const item of node.list.items) checkListed(item, value, checking);
  return boolean;
}

function checkListed(item: Expression, value: PqlType, checking: Checking): void {
  const aligned = alignTime(item, checking.types.get(item) ?? unknownType, value, checking);
  if (isTime(value) && isTime(aligned) && value.kind !== aligned.kind)
    report(
      checking,
      item,
      'a date and a date and time are never equal; expected the type of the value before the list',
    );
  else matchItem(item, aligned, value, checking);
}

/** Types as the items of a list, in words. */
export const plural = (type: PqlType): string => {
  if (type.kind === 'object') return 'groups of fields';
  return type.kind === 'map' ? 'maps' : type.kind === 'list' ? 'lists' : `${type.kind}s`;
};
