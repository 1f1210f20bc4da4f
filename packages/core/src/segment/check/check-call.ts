import { foldCase } from '../evaluate/text-compare.ts';
import type { CallExpression, Expression } from '../syntax/ast.ts';
import { plural } from './check-compare.ts';
import { checkLambda, isPerItemType } from './check-lambda.ts';
import { alignTime, type Checking, checkAccepted, didYouMean, matchItem, report } from './checking.ts';
import { countGroups, offsetInLiteral } from './pattern-fault.ts';
import {
  isAlike,
  isScalar,
  isUnknown,
  itemOrSelf,
  kindName,
  type PqlType,
  typeName,
  unknownType,
} from './pql-type.ts';
import {
  findSignature,
  freeNames,
  methodNames,
  type PqlParameter,
  type Signature,
  showSignature,
} from './signatures.ts';

/** Checks a call against the signature of its function. */
export function checkCall(node: CallExpression, checking: Checking): PqlType {
  const entry = findSignature(node.name);
  const target = node.target === undefined ? unknownType : checking.check(node.target, checking);
  const usable = entry === undefined || !isCallable(node, entry, checking) ? undefined : entry;
  if (entry === undefined) reportUnknown(node, checking);
  if (usable === undefined || !suits(node, target, usable, checking)) {
    // What stands in the arguments is wrong or right all the same; but not what may be said of the target's items.
    const isOfItems = entry === undefined && node.target !== undefined;
    for (const argument of node.arguments)
      if (!isOfItems && argument.kind !== 'lambda') checking.check(argument, checking);
    return usable?.result(unknownType, []) ?? unknownType;
  }
  const call: Call = { node, entry: usable, target };
  const types = usable.parameters.map((parameter, index) => {
    const argument = node.arguments[index];
    return argument === undefined ? undefined : checkArgument(argument, parameter, call, checking);
  });
  checkWhole(call, checking);
  return usable.result(target, types);
}

type Call = { readonly node: CallExpression; readonly entry: Signature; readonly target: PqlType };

function isCallable(node: CallExpression, entry: Signature, checking: Checking): boolean {
  if (entry.isFree && node.target !== undefined) {
    report(
      checking,
      node.nameSpan,
      `found ${entry.name} after a value; expected ${showSignature(entry)} alone`,
    );
    return false;
  }
  if (entry.isFree || node.target !== undefined) return true;
  report(
    checking,
    node.nameSpan,
    `found ${entry.name} without a field before it; expected field.${showSignature(entry)}`,
  );
  return false;
}

function reportUnknown(node: CallExpression, checking: Checking): void {
  const word = node.name.toLowerCase();
  if (node.target === undefined && word === 'if')
    report(checking, node.nameSpan, 'expected if(condition, value, otherwise), with three arguments');
  else if (node.target === undefined && word === 'date')
    report(
      checking,
      node.nameSpan,
      'expected date(year, month, day) with whole numbers, such as date(2020, 3, 14)',
    );
  else {
    const names = node.target === undefined ? [...freeNames, ...methodNames] : methodNames;
    report(
      checking,
      node.nameSpan,
      `there is no function ${node.name.slice(0, 40)}.${didYouMean(checking, node.name, () => names)}`,
    );
  }
}

/** Whether the target and the number of arguments fit. */
function suits(node: CallExpression, target: PqlType, entry: Signature, checking: Checking): boolean {
  if (node.target !== undefined && entry.target !== undefined) {
    const aligned = entry.target.includes('instant')
      ? alignTime(node.target, target, { kind: 'instant' }, checking)
      : target;
    // A function of single values asks any item of a list.
    const suited = entry.target.includes('list') ? aligned : itemOrSelf(aligned);
    if (!isUnknown(suited) && !entry.target.includes(suited.kind)) {
      const expected = entry.target.map((kind) => kindName(kind)).join(' or ');
      report(checking, node.target, `found ${typeName(aligned)}; ${entry.name} works on ${expected}`);
      return false;
    }
  }
  const least = entry.parameters.filter((parameter) => parameter.optional === undefined).length;
  const count = node.arguments.length;
  if (count >= least && count <= entry.parameters.length) return true;
  report(
    checking,
    node.nameSpan,
    `found ${count} argument${count === 1 ? '' : 's'}; expected ${showSignature(entry)}`,
  );
  return false;
}

function checkArgument(node: Expression, parameter: PqlParameter, call: Call, checking: Checking): PqlType {
  if (isPerItemType(parameter.type))
    return checkLambda(node, parameter.type, call.target, call.entry.name, checking);
  const type = checking.check(node, checking);
  if (parameter.type === 'item' || parameter.type === 'list')
    checkItems(node, type, parameter.type, call, checking);
  else if (parameter.type === 'same') checkSame(node, type, parameter, call, checking);
  else if (parameter.type === 'key') {
    if (!isUnknown(type) && !isScalar(type))
      report(
        checking,
        node,
        `found ${typeName(type)}; expected a single value as ${describe(parameter, call)}`,
      );
  } else if (parameter.type !== 'any' && !isUnknown(type) && type.kind !== parameter.type)
    report(
      checking,
      node,
      `found ${typeName(type)}; expected ${kindName(parameter.type)} as ${describe(parameter, call)}`,
    );
  else checkLiteral(node, parameter, call, checking);
  return checking.types.get(node) ?? type;
}

const describe = (parameter: PqlParameter, call: Call): string =>
  `${parameter.name} of ${showSignature(call.entry)}`;

function checkLiteral(node: Expression, parameter: PqlParameter, call: Call, checking: Checking): void {
  if (parameter.literal && node.kind !== 'literal') {
    report(
      checking,
      node,
      `found something computed; ${parameter.name} of ${call.entry.name} must be written out in the rule`,
    );
    return;
  }
  const fault = node.kind === 'literal' ? parameter.fault?.(node.value) : undefined;
  if (fault !== undefined) {
    const { start } = node.span;
    const at = fault.at === undefined ? start : offsetInLiteral(checking.text, start, fault.at);
    report(checking, { start: at }, fault.message);
  }
  const [, sensitive] = call.node.arguments;
  const fold = sensitive?.kind === 'literal' && sensitive.value === false ? foldCase : undefined;
  if (parameter.oneOfTarget) checkAccepted(node, call.target, checking, fold);
}

/** The other side of an equality. */
function checkSame(
  node: Expression,
  type: PqlType,
  parameter: PqlParameter,
  call: Call,
  checking: Checking,
): void {
  const wanted = itemOrSelf(call.target);
  const aligned = alignTime(node, type, wanted, checking);
  if (isAlike(aligned, wanted)) checkLiteral(node, parameter, call, checking);
  else
    report(
      checking,
      node,
      `found ${typeName(type)}; expected ${typeName(wanted)} as ${describe(parameter, call)}`,
    );
}

/** An item, or a list of items, beside the target list. */
function checkItems(
  node: Expression,
  type: PqlType,
  wanted: 'item' | 'list',
  call: Call,
  checking: Checking,
): void {
  const items = call.target.kind === 'list' ? call.target.items : unknownType;
  if (wanted === 'list') {
    if (isUnknown(type)) return;
    if (type.kind !== 'list')
      report(checking, node, `found ${typeName(type)}; ${call.entry.name} takes a list, such as ["a", "b"]`);
    else if (node.kind === 'list')
      for (const item of node.items)
        matchItem(
          item,
          alignTime(item, checking.types.get(item) ?? unknownType, items, checking),
          items,
          checking,
        );
    else matchItem(node, type.items, items, checking);
    return;
  }
  const aligned = alignTime(node, type, items, checking);
  if (!isUnknown(items) && !isScalar(items))
    report(
      checking,
      node,
      `${call.entry.name} takes single values; the list holds ${plural(items)}; expected .exists(condition)`,
    );
  else matchItem(node, aligned, items, checking);
}

/** What can be said only of all arguments together. */
function checkWhole({ node, entry, target }: Call, checking: Checking): void {
  const [first, second] = node.arguments;
  if (entry.name === 'regexGroup' && first?.kind === 'literal' && second?.kind === 'literal') {
    const groups = countGroups(String(first.value));
    if (groups !== undefined && typeof second.value === 'number' && second.value > groups)
      report(checking, second, `found group ${second.value}; the pattern has ${groups}`);
  }
  if (entry.name === 'inSegment' && first?.kind === 'literal')
    checkSegment(first, String(first.value), checking);
  const isFigure = entry.name === 'sum' || entry.name === 'average';
  if (first !== undefined || node.target === undefined) return;
  const items = target.kind === 'list' ? target.items : unknownType;
  if (isFigure && !isUnknown(items) && items.kind !== 'number')
    report(
      checking,
      node.nameSpan,
      `found a list of ${plural(items)}; expected ${entry.name}(number), evaluated for each item`,
    );
  const isExtreme = entry.name === 'min' || entry.name === 'max';
  if (isExtreme && !isUnknown(items) && !isScalar(items))
    report(
      checking,
      node.nameSpan,
      `found a list of ${plural(items)}; expected ${entry.name}(by), evaluated for each item`,
    );
}

function checkSegment(node: Expression, id: string, checking: Checking): void {
  const { segments } = checking;
  if (segments === undefined || segments.has(id)) return;
  const byName = [...segments].find(([, name]) => name === id);
  const meant =
    byName === undefined
      ? didYouMean(
          checking,
          id,
          () => segments.keys(),
          (near) => `"${near}" (${segments.get(near) ?? ''})`,
        )
      : ` Did you mean "${byName[0]}", the id of the segment of that name?`;
  report(checking, node, `there is no segment with the id "${id.slice(0, 60)}".${meant}`);
}
