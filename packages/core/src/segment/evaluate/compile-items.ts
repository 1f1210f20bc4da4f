import type { CallExpression, Expression, LambdaExpression } from '../syntax/ast.ts';
import { findFunctionName } from '../syntax/function-names.ts';
import type { Compiling } from './compiling.ts';
import { conformTo } from './conform.ts';
import { isNothing } from './cost.ts';
import type { PerItem } from './functions/call.ts';
import { implementationOf } from './functions.ts';
import { countStep, type Reader, type Run } from './run.ts';
import type { Scope } from './scope.ts';
import { isList, type Value } from './value.ts';

/** A call; what stands at the keys of a map is taken as far as it is what the schema says. */
export function compileCall(node: CallExpression, compiling: Compiling): Reader {
  const read = compileAnyCall(node, compiling);
  const type = node.name === 'values' || node.name === 'get' ? compiling.types.get(node) : undefined;
  const conform = type === undefined ? undefined : conformTo(type);
  return conform === undefined ? read : (run) => conform(run, read(run));
}

/** What is evaluated per item gets a scope of its own. */
function compileAnyCall(node: CallExpression, compiling: Compiling): Reader {
  const name = findFunctionName(node.name);
  if (name === undefined) return () => undefined;
  const implementation = implementationOf(name);
  // `filter(…)` without a target is the profile's or the item's, which is no list.
  const target = node.target === undefined ? undefined : compiling.compile(node.target, compiling);
  const lambda = node.arguments.find((argument) => argument.kind === 'lambda');
  const perItem = lambda?.kind === 'lambda' ? compileLambda(lambda, compiling) : undefined;
  const given = node.arguments
    .filter((argument) => argument.kind !== 'lambda')
    .map((argument) => compiling.compile(argument, compiling));
  const [first, second] = given;
  if (first === undefined && perItem === undefined) {
    const none: readonly Value[] = [];
    return (run) => {
      countStep(run);
      return implementation({ run, target: target?.(run), given: none, perItem: undefined });
    };
  }
  if (second === undefined && first !== undefined)
    return (run) => {
      countStep(run);
      return implementation({ run, target: target?.(run), given: [first(run)], perItem: perItem?.(run) });
    };
  return (run) => {
    countStep(run);
    return implementation({
      run,
      target: target?.(run),
      given: given.map((read) => read(run)),
      perItem: perItem?.(run),
    });
  };
}

function compileLambda(node: LambdaExpression, compiling: Compiling): (run: Run) => PerItem {
  let scope: Scope;
  let slots: readonly (number | undefined)[];
  if (node.parameters.length === 0) ({ scope, slots } = compiling.scope.inside());
  else {
    const found: number[] = [];
    scope = compiling.scope;
    for (const parameter of node.parameters) {
      const bound: { readonly scope: Scope; readonly slot: number } = scope.with(parameter);
      scope = bound.scope;
      found.push(bound.slot);
    }
    slots = found;
  }
  const body = compiling.compile(node.body, { ...compiling, scope });
  const [itemSlot, valueSlot] = slots;
  const isImplicit = node.parameters.length === 0;
  const perItem: PerItem = (run, item, value) => {
    // Of an entry of a map, names without a parameter are those of its value.
    if (itemSlot !== undefined) run.slots[itemSlot] = isImplicit && value !== undefined ? value : item;
    if (valueSlot !== undefined) run.slots[valueSlot] = value;
    return body(run);
  };
  return () => perItem;
}

/** What quantifiers and `select` go through. */
export function compileBindings(
  bindings: readonly { readonly variable: string; readonly source: Expression }[],
  compiling: Compiling,
  by: 'exists' | 'forall' | 'select',
): {
  /** Calls for each combination of items until it is told true. @returns whether it was. */
  readonly each: (run: Run, visit: () => boolean) => boolean;
  readonly compiling: Compiling;
} {
  let within = compiling;
  const loops = bindings.map(({ variable, source }) => {
    const read = compiling.compile(source, within);
    const { scope, slot } = within.scope.with(variable);
    within = { ...within, scope };
    return { read, slot };
  });
  const descend = (run: Run, depth: number, visit: () => boolean): boolean => {
    const loop = loops[depth];
    if (loop === undefined) return visit();
    const list = loop.read(run);
    // A single value is no list all of whose items fulfil something.
    if (!isList(list)) return by === 'forall' && !isNothing(run, list);
    for (let index = 0; index < list.length; index++) {
      countStep(run);
      // The newest events decide most of what is asked of times.
      run.slots[loop.slot] = list[by === 'exists' ? list.length - 1 - index : index];
      if (descend(run, depth + 1, visit)) return true;
    }
    return false;
  };
  return { each: (run, visit) => descend(run, 0, visit), compiling: within };
}
