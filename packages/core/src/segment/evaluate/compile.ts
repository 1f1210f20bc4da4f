import type { RuleTypes } from '../check/checking.ts';
import type { CallExpression, Expression, LambdaExpression, TimeConstraint } from '../syntax/ast.ts';
import { findFunctionName } from '../syntax/function-names.ts';
import { addUnits, beginOf, endOf } from './calendar.ts';
import { type CompiledStep, holdsChain } from './chain.ts';
import { compare, isEqual } from './compare.ts';
import { pathReader } from './compile-path.ts';
import { compute } from './decimal.ts';
import { implementationOf, type PerItem } from './functions.ts';
import { type KnownConstraint, occurs } from './occurs.ts';
import { countStep, eventsOf, type Reader, type Run } from './run.ts';
import { Scope } from './scope.ts';
import { readTime, timeKind, writeDay } from './time-value.ts';
import { asTime, isList, isTrue, TimeValue, type Value } from './value.ts';

/** What a rule is compiled with. */
export type Compiling = {
  /** What the checker knows of each node; a node it knows nothing of is taken as its values come. */
  readonly types: RuleTypes;
  readonly scope: Scope;
  /** Takes the place of a compiled node, to share or to trace it. */
  readonly wrap: (node: Expression, reader: Reader, scope: Scope) => Reader;
};

const asItIs: Compiling['wrap'] = (_node, reader) => reader;

/** Compiles a rule into closures. */
export const compileRule = (node: Expression, types: RuleTypes, wrap: Compiling['wrap'] = asItIs): Reader => {
  const compiling = { types, scope: Scope.ofProfile(), wrap };
  if (node.kind !== 'lambda') return compile(node, compiling);
  // `(Profile) => …`: the profile by a name.
  const [name] = node.parameters;
  if (name === undefined) return compile(node.body, compiling);
  const { scope, slot } = compiling.scope.with(name);
  const body = compile(node.body, { ...compiling, scope });
  return (run) => {
    run.slots[slot] = run.subject.document;
    return body(run);
  };
};

function compile(node: Expression, compiling: Compiling): Reader {
  return compiling.wrap(node, compileNode(node, compiling), compiling.scope);
}

const condition = (node: Expression, compiling: Compiling): ((run: Run) => boolean) => {
  const read = compile(node, compiling);
  return (run) => isTrue(read(run));
};

function compileNode(node: Expression, compiling: Compiling): Reader {
  const inside = (child: Expression): Reader => compile(child, compiling);
  switch (node.kind) {
    case 'literal': {
      const value = constantOf(node, compiling);
      return () => value;
    }
    case 'date': {
      const begin = readTime(writeDay(node.year, node.month, node.day));
      const value = begin === undefined ? undefined : new TimeValue(begin, endOf(begin, 'day'));
      return () => value;
    }
    case 'list': {
      const items = node.items.map(inside);
      return (run) => items.map((read) => read(run));
    }
    case 'path':
      return compilePath(node, compiling);
    case 'logic':
      return compileLogic(
        node.operator,
        node.operands.map((operand) => condition(operand, compiling)),
      );
    case 'not': {
      const operand = condition(node.operand, compiling);
      return (run) => !operand(run);
    }
    case 'compare':
      return compileCompare(node, compiling);
    case 'membership': {
      const [value, list] = [inside(node.value), inside(node.list)];
      const wanted = node.operator === 'in';
      return (run) => isMember(run, value(run), list(run), wanted);
    }
    case 'arithmetic': {
      const [left, right] = [inside(node.left), inside(node.right)];
      return (run) => {
        const [a, b] = [left(run), right(run)];
        return typeof a === 'number' && typeof b === 'number' ? compute(node.operator, a, b) : undefined;
      };
    }
    case 'negate': {
      const operand = inside(node.operand);
      return (run) => {
        const value = operand(run);
        return typeof value === 'number' ? -value : undefined;
      };
    }
    case 'if': {
      const test = condition(node.condition, compiling);
      const [then, otherwise] = [inside(node.whenTrue), inside(node.whenFalse)];
      return (run) => (test(run) ? then(run) : otherwise(run));
    }
    case 'call':
      return compileCall(node, compiling);
    case 'let': {
      const value = inside(node.value);
      const { scope, slot } = compiling.scope.with(node.name);
      const body = compile(node.body, { ...compiling, scope });
      return (run) => {
        run.slots[slot] = value(run);
        return body(run);
      };
    }
    case 'quantifier': {
      const isExists = node.quantifier === 'exists';
      const { each, compiling: within } = compileBindings(node.bindings, compiling, isExists);
      const test = condition(node.condition, within);
      return (run) => each(run, () => test(run) === isExists) === isExists;
    }
    case 'select': {
      const { each, compiling: within } = compileBindings(node.bindings, compiling, false);
      const test = node.condition === undefined ? () => true : condition(node.condition, within);
      const result = compile(node.result, within);
      return (run) => {
        const found: Value[] = [];
        each(run, () => {
          if (test(run)) found.push(result(run));
          return false;
        });
        return found.filter((value) => value !== undefined);
      };
    }
    case 'instant':
      return compileInstant(node.name);
    case 'period': {
      const amount = { this: 0, last: -1, next: 1 }[node.which];
      return ({ clock }) => {
        const begin = beginOf(
          addUnits(beginOf(clock.now, node.unit), { amount, unit: node.unit }),
          node.unit,
        );
        return new TimeValue(begin, endOf(begin, node.unit));
      };
    }
    case 'offset': {
      const reference = inside(node.reference);
      const shift = { amount: node.direction === 'before' ? -node.amount : node.amount, unit: node.unit };
      return (run) => {
        const from = asTime(reference(run));
        if (from === undefined) return undefined;
        const begin = addUnits(from.begin, shift);
        return new TimeValue(begin, begin, node.unit, from.shifts && [...from.shifts, shift]);
      };
    }
    case 'occurs': {
      const time = inside(node.time);
      const constraint = compileConstraint(node.constraint, compiling);
      return (run) => {
        const at = time(run);
        return isList(at)
          ? at.some((item) => holdsAt(run, asTime(item), constraint))
          : holdsAt(run, asTime(at), constraint);
      };
    }
    case 'chain':
      return compileChain(node, compiling);
    case 'lambda':
      // Only arguments are, and those are compiled by the call.
      return () => undefined;
  }
}

const holdsAt = (
  run: Run,
  time: TimeValue | undefined,
  constraint: (run: Run) => KnownConstraint | undefined,
): boolean => {
  if (time === undefined) return false;
  const known = constraint(run);
  return known !== undefined && occurs(run, time, known);
};

function compileLogic(operator: 'and' | 'or', tests: readonly ((run: Run) => boolean)[]): Reader {
  const [first, second] = tests;
  if (tests.length === 2 && first !== undefined && second !== undefined)
    return operator === 'and' ? (run) => first(run) && second(run) : (run) => first(run) || second(run);
  const decisive = operator === 'or';
  return (run) => {
    for (const test of tests) if (test(run) === decisive) return decisive;
    return !decisive;
  };
}

function compilePath(node: Expression & { readonly kind: 'path' }, compiling: Compiling): Reader {
  const keys = node.steps.map(({ key }) => key);
  const type = compiling.types.get(node);
  if (node.root.kind === 'events') return pathReader(eventsOf, keys, type);
  if (node.root.kind === 'value') return pathReader(compile(node.root.value, compiling), keys, type);
  const slot = compiling.scope.slotOf(node.root);
  if (slot === undefined) return () => undefined;
  // Without a schema, the time of an event is known all the same.
  const isTimestamp = keys.length === 1 && keys[0] === 'timestamp' && slot !== 0;
  return pathReader(
    (run) => run.slots[slot],
    keys,
    isTimestamp && (type === undefined || type.kind === 'unknown') ? { kind: 'instant' } : type,
  );
}

/** What a literal stands for; text that the checker read as a time is one. */
function constantOf(node: Expression & { readonly kind: 'literal' }, { types }: Compiling): Value {
  const kind = types.get(node)?.kind;
  if (typeof node.value !== 'string' || (kind !== 'date' && kind !== 'instant')) return node.value;
  return asTime(node.value);
}

function compileCompare(node: Expression & { readonly kind: 'compare' }, compiling: Compiling): Reader {
  const [left, right] = [compile(node.left, compiling), compile(node.right, compiling)];
  const { operator } = node;
  const literal = [
    [node.left, node.right],
    [node.right, node.left],
  ].find(([side, beside]) => isText(side) && beside !== undefined && isUntyped(beside, compiling))?.[0];
  const time =
    literal?.kind === 'literal' && typeof literal.value === 'string' && timeKind(literal.value) !== undefined
      ? asTime(literal.value)
      : undefined;
  if (time !== undefined) {
    // Nothing says whether the field holds times: its values do.
    const [other, isLeft] = literal === node.left ? [right, true] : [left, false];
    const text = literal === node.left ? left : right;
    return (run) => {
      const value = other(run);
      const beside = !isList(value) && asTime(value) === undefined ? text(run) : time;
      const known = isList(value) ? value.map((item) => asTime(item) ?? item) : (asTime(value) ?? value);
      return isLeft ? compare(run, operator, beside, known) : compare(run, operator, known, beside);
    };
  }
  if (operator === '=' || operator === '!=') {
    const wanted = operator === '=';
    return (run) => {
      const a = left(run);
      const b = right(run);
      if (typeof a === 'object' || typeof b === 'object') return compare(run, operator, a, b);
      return a !== undefined && b !== undefined && (a === b) === wanted;
    };
  }
  return (run) => compare(run, operator, left(run), right(run));
}

const isText = (node: Expression | undefined): boolean =>
  node?.kind === 'literal' && typeof node.value === 'string';

/** Whether nobody knows what an expression holds: there is no schema. */
const isUntyped = (node: Expression, { types }: Compiling): boolean =>
  (types.get(node)?.kind ?? 'unknown') === 'unknown';

function isMember(run: Run, value: Value, list: Value, wanted: boolean): boolean {
  if (value === undefined || value === null || !isList(list) || list.length === 0) return false;
  if (isList(value)) return value.some((item) => isMember(run, item, list, wanted));
  const isIn = list.some((item) => {
    countStep(run);
    return item !== undefined && item !== null && isEqual(run, value, item);
  });
  return isIn === wanted;
}

function compileInstant(name: 'now' | 'today' | 'yesterday' | 'tomorrow'): Reader {
  const nowShifts: TimeValue['shifts'] = [];
  if (name === 'now') return ({ clock }) => new TimeValue(clock.now, clock.now, undefined, nowShifts);
  const amount = { today: 0, yesterday: -1, tomorrow: 1 }[name];
  return ({ clock }) => {
    const begin = addUnits(beginOf(clock.now, 'day'), { amount, unit: 'day' });
    return new TimeValue(begin, endOf(begin, 'day'));
  };
}

function compileCall(node: CallExpression, compiling: Compiling): Reader {
  const name = findFunctionName(node.name);
  if (name === undefined) return () => undefined;
  const implementation = implementationOf(name);
  // `filter(…)` without a target is the profile's or the item's, which is no list.
  const target = node.target === undefined ? undefined : compile(node.target, compiling);
  const lambda = node.arguments.find((argument) => argument.kind === 'lambda');
  const perItem = lambda?.kind === 'lambda' ? compileLambda(lambda, compiling) : undefined;
  const given = node.arguments
    .filter((argument) => argument.kind !== 'lambda')
    .map((argument) => compile(argument, compiling));
  const [first, second] = given;
  if (first === undefined && perItem === undefined) {
    const none: readonly Value[] = [];
    return (run) => implementation({ run, target: target?.(run), given: none, perItem: undefined });
  }
  if (second === undefined && first !== undefined)
    return (run) =>
      implementation({ run, target: target?.(run), given: [first(run)], perItem: perItem?.(run) });
  return (run) =>
    implementation({
      run,
      target: target?.(run),
      given: given.map((read) => read(run)),
      perItem: perItem?.(run),
    });
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
  const body = compile(node.body, { ...compiling, scope });
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

function compileBindings(
  bindings: readonly { readonly variable: string; readonly source: Expression }[],
  compiling: Compiling,
  newestFirst: boolean,
): {
  /** Calls for each combination of items until it is told true. @returns whether it was. */
  readonly each: (run: Run, visit: () => boolean) => boolean;
  readonly compiling: Compiling;
} {
  let within = compiling;
  const loops = bindings.map(({ variable, source }) => {
    const read = compile(source, within);
    const { scope, slot } = within.scope.with(variable);
    within = { ...within, scope };
    return { read, slot };
  });
  const descend = (run: Run, depth: number, visit: () => boolean): boolean => {
    const loop = loops[depth];
    if (loop === undefined) return visit();
    const list = loop.read(run);
    if (!isList(list)) return false;
    for (let index = 0; index < list.length; index++) {
      countStep(run);
      // The newest events decide most of what is asked of times.
      run.slots[loop.slot] = list[newestFirst ? list.length - 1 - index : index];
      if (descend(run, depth + 1, visit)) return true;
    }
    return false;
  };
  return { each: (run, visit) => descend(run, 0, visit), compiling: within };
}

function compileConstraint(
  constraint: TimeConstraint,
  compiling: Compiling,
): (run: Run) => KnownConstraint | undefined {
  if (constraint.kind === 'between') {
    const [from, to] = [compile(constraint.from, compiling), compile(constraint.to, compiling)];
    return (run) => {
      const [begin, end] = [asTime(from(run)), asTime(to(run))];
      return begin && end && { kind: 'between', from: begin, to: end };
    };
  }
  const reference = compile(constraint.reference, compiling);
  return (run) => {
    const time = asTime(reference(run));
    return time && { ...constraint, reference: time };
  };
}

function compileChain(node: Expression & { readonly kind: 'chain' }, compiling: Compiling): Reader {
  const events = compile(node.events, compiling);
  const { scope: eventScope, slots } = compiling.scope.inside();
  const [eventSlot] = slots;
  const time = compile(node.time, { ...compiling, scope: eventScope });
  let within = compiling;
  const labels = new Map(node.steps.map(({ label }, index) => [label, index]));
  const looks = node.steps.map(({ when }) => (when === undefined ? [] : labelsIn(when, labels)));
  const steps = node.steps.map((step, index): CompiledStep => {
    const inner = within.scope.inside();
    const what = condition(step.what, { ...within, scope: inner.scope });
    const when = step.when && compileConstraint(step.when, within);
    const { scope, slot } = within.scope.with(step.label);
    within = { ...within, scope };
    return {
      isExcluded: step.isExcluded,
      count: step.count,
      looksAt: [...new Set(looks.slice(index).flat())].filter((label) => label < index),
      holds: (run, event, at) => {
        run.slots[inner.slots[0]] = event;
        return what(run) && (when === undefined || holdsAt(run, at, when));
      },
      setLabel: (run, at) => {
        run.slots[slot] = at;
      },
    };
  });
  const timeOf = (run: Run, event: Value): Value => {
    run.slots[eventSlot] = event;
    return time(run);
  };
  return (run) => {
    const list = events(run);
    return isList(list) && holdsChain(run, steps, list, timeOf);
  };
}

/** The steps whose labels a constraint names. */
function labelsIn(constraint: TimeConstraint, labels: ReadonlyMap<string, number>): readonly number[] {
  const text = JSON.stringify(constraint);
  return [...labels].flatMap(([label, index]) =>
    text.includes(`"kind":"variable","name":${JSON.stringify(label)}`) ? [index] : [],
  );
}
