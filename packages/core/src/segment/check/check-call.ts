import {
  findFunction,
  methodNames,
  type PqlFunction,
  type PqlParameter,
  signatureOf,
} from '../evaluate/functions.ts';
import { foldCase } from '../evaluate/text-compare.ts';
import type { CallExpression, Expression } from '../syntax/ast.ts';
import { type Checking, checkAccepted, didYouMean, matchItem, report } from './checking.ts';
import { isScalar, isTime, isUnknown, kindName, type PqlType, typeName, unknownType } from './pql-type.ts';

/** Checks a call, given the types of its target and arguments, against its entry in the function table. */
export function checkCall(
  node: CallExpression,
  target: PqlType | undefined,
  types: readonly PqlType[],
  checking: Checking,
): PqlType {
  const entry = findFunction(node.name);
  if (target === undefined || node.target === undefined) return checkFreeCall(node, entry, checking);
  if (entry === undefined) {
    report(
      checking,
      node.nameSpan,
      `there is no function ${node.name.slice(0, 40)}.${didYouMean(checking, node.name, () => methodNames)}`,
    );
    return unknownType;
  }
  const result: PqlType = { kind: entry.result };
  if (!isUnknown(target) && entry.target !== undefined && !entry.target.includes(target.kind)) {
    const expected = entry.target.map((kind) => kindName(kind)).join(' or ');
    report(checking, node.target, `found ${typeName(target)}; ${entry.name} works on ${expected}`);
    return result;
  }
  const least = entry.parameters.filter((parameter) => parameter.optional === undefined).length;
  if (node.arguments.length < least || node.arguments.length > entry.parameters.length) {
    report(
      checking,
      node.nameSpan,
      `found ${node.arguments.length} argument${node.arguments.length === 1 ? '' : 's'}; expected ${signatureOf(entry)}`,
    );
    return result;
  }
  const fold =
    node.arguments[1]?.kind === 'literal' && node.arguments[1].value === false ? foldCase : undefined;
  for (const [index, parameter] of entry.parameters.entries()) {
    const argument = node.arguments[index];
    const type = types[index];
    if (argument !== undefined && type !== undefined)
      checkArgument(argument, type, parameter, { entry, target, fold }, checking);
  }
  return result;
}

function checkFreeCall(node: CallExpression, entry: PqlFunction | undefined, checking: Checking): PqlType {
  const word = node.name.toLowerCase();
  if (word === 'if')
    report(checking, node.nameSpan, 'expected if(condition, value, otherwise), with three arguments');
  else if (word === 'date')
    report(
      checking,
      node.nameSpan,
      'expected date(year, month, day) with whole numbers, such as date(2020, 3, 14)',
    );
  else if (entry !== undefined)
    report(
      checking,
      node.nameSpan,
      `found ${entry.name} without a field before it; expected field.${signatureOf(entry)}`,
    );
  else {
    report(
      checking,
      node.nameSpan,
      `there is no function ${node.name.slice(0, 40)}.${didYouMean(checking, node.name, () => ['if', 'date', ...methodNames])}`,
    );
  }
  return unknownType;
}

function checkArgument(
  node: Expression,
  type: PqlType,
  parameter: PqlParameter,
  call: {
    readonly entry: PqlFunction;
    readonly target: PqlType;
    readonly fold: ((text: string) => string) | undefined;
  },
  checking: Checking,
): void {
  if (isUnknown(type) || isUnknown(call.target)) return;
  if (parameter.type === 'item') {
    const items = call.target.kind === 'list' ? call.target.items : unknownType;
    if (isTime(items) || (!isUnknown(items) && !isScalar(items)))
      report(
        checking,
        node,
        `not supported yet: ${call.entry.name} on a list of ${isTime(items) ? 'dates' : 'groups of fields'}`,
      );
    else matchItem(node, type, items, checking);
    return;
  }
  if (type.kind !== parameter.type) {
    report(
      checking,
      node,
      `found ${typeName(type)}; expected ${kindName(parameter.type)} as ${parameter.name} of ${signatureOf(call.entry)}`,
    );
    return;
  }
  if (parameter.literal !== undefined && node.kind !== 'literal') {
    report(
      checking,
      node,
      `found something computed; ${parameter.name} of ${call.entry.name} must be written out in the rule`,
    );
    return;
  }
  if (node.kind === 'literal' && typeof node.value === 'string') {
    const fault = parameter.fault?.(node.value);
    if (fault !== undefined) report(checking, node, fault);
  }
  if (parameter.oneOfTarget !== undefined) checkAccepted(node, call.target, checking, call.fold);
}
