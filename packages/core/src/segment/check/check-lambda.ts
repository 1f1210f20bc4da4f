import type { Binding, Expression, QuantifierExpression, SelectExpression } from '../syntax/ast.ts';
import { type Checking, report } from './checking.ts';
import { isScalar, isUnknown, type PqlType, typeName, unknownType } from './pql-type.ts';
import { maxLoops, withLevel, withLoop, withVariables } from './scopes.ts';
import type { PqlParameter } from './signatures.ts';

type PerItemType = 'condition' | 'figure' | 'orderable' | 'value';

export const isPerItemType = (type: PqlParameter['type']): type is PerItemType =>
  type === 'condition' || type === 'figure' || type === 'orderable' || type === 'value';

/** What a lambda is given for each item: of a map its key and value. */
function parametersOf(target: PqlType): readonly PqlType[] {
  if (target.kind === 'list') return [target.items];
  return target.kind === 'map' ? [{ kind: 'text' }, target.values] : [unknownType, unknownType];
}

/** One loop further in; reports the one too many. */
export function enterLoop(at: Expression | { readonly start: number }, checking: Checking): Checking {
  const scopes = withLoop(checking.scopes);
  if (scopes.loops === maxLoops + 1)
    report(
      checking,
      at,
      `found a loop over a list inside ${maxLoops} others; expected at most ${maxLoops} inside one another`,
    );
  return { ...checking, scopes };
}

/** Checks what is evaluated once per item of the target; the type of what it yields. */
export function checkLambda(
  node: Expression,
  wanted: PerItemType,
  target: PqlType,
  by: string,
  checking: Checking,
): PqlType {
  const inner = enterLoop(node, checking);
  const parameters = parametersOf(target);
  const body = node.kind === 'lambda' ? node.body : node;
  const names = node.kind === 'lambda' ? node.parameters : [];
  if (names.length > parameters.length)
    report(
      checking,
      node,
      `found ${names.length} parameters; ${by} gives ${parameters.length === 1 ? 'one: the item' : 'two: key and value'}`,
    );
  const scopes =
    names.length === 0
      ? withLevel(inner.scopes, { names: parameters.at(-1) ?? unknownType, parameters })
      : withVariables(
          inner.scopes,
          names.map((name, index) => [name, parameters[index] ?? unknownType] as const),
        );
  const type = checking.check(body, { ...inner, scopes });
  checking.types.set(node, type);
  const expected = isUnknown(type) ? undefined : mismatch(type, wanted);
  if (expected !== undefined) report(checking, body, `found ${typeName(type)}; ${by} takes ${expected}`);
  return type;
}

function mismatch(type: PqlType, wanted: PerItemType): string | undefined {
  if (wanted === 'condition') return type.kind === 'boolean' ? undefined : 'a condition';
  if (wanted === 'figure') return type.kind === 'number' ? undefined : 'a number';
  if (wanted === 'orderable')
    return isScalar(type) && type.kind !== 'boolean' ? undefined : 'a number, a date or text';
  return undefined;
}

/** `exists` and `forall`. */
export function checkQuantifier(node: QuantifierExpression, checking: Checking): PqlType {
  const inner = bind(node.bindings, checking);
  expectCondition(node.condition, `"${node.quantifier}"`, inner);
  return { kind: 'boolean' };
}

/** `select`: a list of its results. */
export function checkSelect(node: SelectExpression, checking: Checking): PqlType {
  const inner = bind(node.bindings, checking);
  if (node.condition !== undefined) expectCondition(node.condition, '"where"', inner);
  const items = checking.check(node.result, inner);
  return { kind: 'list', items: items.kind === 'list' ? items.items : items };
}

export function expectCondition(node: Expression, by: string, checking: Checking): void {
  const type = checking.check(node, checking);
  if (type.kind !== 'boolean' && !isUnknown(type))
    report(checking, node, `found ${typeName(type)}; ${by} takes a condition`);
}

/** Binds one variable after the other: later sources see earlier variables. */
function bind(bindings: readonly Binding[], checking: Checking): Checking {
  let inner = checking;
  for (const binding of bindings) {
    const source = checking.check(binding.source, inner);
    if (!isUnknown(source) && source.kind !== 'list')
      report(checking, binding.source, `found ${typeName(source)}; expected a list, such as xEvent`);
    const items = source.kind === 'list' ? source.items : unknownType;
    inner = enterLoop(binding.span, inner);
    inner = { ...inner, scopes: withVariables(inner.scopes, [[binding.variable, items]]) };
  }
  return inner;
}
