import type { RuleTypes } from '../check/checking.ts';
import type { Expression } from '../syntax/ast.ts';
import { compare, isMember } from './compare.ts';
import { compileChain } from './compile-chain.ts';
import { compileBindings, compileCall } from './compile-items.ts';
import { pathReader } from './compile-path.ts';
import { compileInstant, compileOccurs, compileOffset, compilePeriod } from './compile-time.ts';
import { type Compiling, compileCondition } from './compiling.ts';
import { compute } from './decimal.ts';
import { countStep, countSteps, eventsOf, type Reader, type Run } from './run.ts';
import { Scope } from './scope.ts';
import { writeDay } from './time-value.ts';
import { asTime, type Value } from './value.ts';

const asItIs: Compiling['wrap'] = (_node, reader) => reader;

/** Compiles a rule into closures. */
export const compileRule = (node: Expression, types: RuleTypes, wrap: Compiling['wrap'] = asItIs): Reader => {
  const compiling: Compiling = { types, scope: Scope.ofProfile(), wrap, compile };
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

function compileNode(node: Expression, compiling: Compiling): Reader {
  const inside = (child: Expression): Reader => compile(child, compiling);
  switch (node.kind) {
    case 'literal': {
      const value = constantOf(node, compiling);
      return () => value;
    }
    case 'date': {
      const value = asTime(writeDay(node.year, node.month, node.day));
      return () => value;
    }
    case 'list': {
      const items = node.items.map(inside);
      return (run) => {
        countSteps(run, items.length);
        return items.map((read) => read(run));
      };
    }
    case 'path':
      return compilePath(node, compiling);
    case 'logic':
      return compileLogic(
        node.operator,
        node.operands.map((operand) => compileCondition(operand, compiling)),
      );
    case 'not': {
      const operand = compileCondition(node.operand, compiling);
      return (run) => {
        countStep(run);
        return !operand(run);
      };
    }
    case 'compare': {
      const [left, right] = [inside(node.left), inside(node.right)];
      const { operator } = node;
      return (run) => compare(run, operator, left(run), right(run));
    }
    case 'membership': {
      const [value, list] = [inside(node.value), inside(node.list)];
      const wanted = node.operator === 'in';
      return (run) => isMember(run, value(run), list(run), wanted);
    }
    case 'arithmetic': {
      const [left, right] = [inside(node.left), inside(node.right)];
      return (run) => {
        const [a, b] = [left(run), right(run)];
        countStep(run);
        return typeof a === 'number' && typeof b === 'number' ? compute(run, node.operator, a, b) : undefined;
      };
    }
    case 'negate': {
      const operand = inside(node.operand);
      return (run) => {
        countStep(run);
        const value = operand(run);
        return typeof value === 'number' ? -value : undefined;
      };
    }
    case 'if': {
      const test = compileCondition(node.condition, compiling);
      const [then, otherwise] = [inside(node.whenTrue), inside(node.whenFalse)];
      return (run) => {
        countStep(run);
        return test(run) ? then(run) : otherwise(run);
      };
    }
    case 'call':
      return compileCall(node, compiling);
    case 'let': {
      const value = inside(node.value);
      const { scope, slot } = compiling.scope.with(node.name);
      const body = compile(node.body, { ...compiling, scope });
      return (run) => {
        countStep(run);
        run.slots[slot] = value(run);
        return body(run);
      };
    }
    case 'quantifier': {
      const isExists = node.quantifier === 'exists';
      const { each, compiling: within } = compileBindings(node.bindings, compiling, node.quantifier);
      const test = compileCondition(node.condition, within);
      return (run) => each(run, () => test(run) === isExists) === isExists;
    }
    case 'select': {
      const { each, compiling: within } = compileBindings(node.bindings, compiling, 'select');
      const test = node.condition === undefined ? () => true : compileCondition(node.condition, within);
      const result = compile(node.result, within);
      return (run) => {
        const found: Value[] = [];
        each(run, () => {
          if (test(run)) found.push(result(run));
          return false;
        });
        return found.filter((value) => value !== undefined && value !== null);
      };
    }
    case 'instant':
      return compileInstant(node.name);
    case 'period':
      return compilePeriod(node);
    case 'offset':
      return compileOffset(node, compiling);
    case 'occurs':
      return compileOccurs(node, compiling);
    case 'chain':
      return compileChain(node, compiling);
    case 'lambda':
      // Only arguments are, and those are compiled by the call.
      return () => undefined;
  }
}

function compileLogic(operator: 'and' | 'or', tests: readonly ((run: Run) => boolean)[]): Reader {
  const [first, second] = tests;
  if (tests.length === 2 && first !== undefined && second !== undefined)
    return operator === 'and'
      ? (run) => {
          countStep(run);
          return first(run) && second(run);
        }
      : (run) => {
          countStep(run);
          return first(run) || second(run);
        };
  const decisive = operator === 'or';
  return (run) => {
    for (const test of tests) {
      countStep(run);
      if (test(run) === decisive) return decisive;
    }
    return !decisive;
  };
}

function compilePath(node: Expression & { readonly kind: 'path' }, compiling: Compiling): Reader {
  const keys = node.steps.map(({ key }) => key);
  const type = compiling.types.get(node);
  // Events are groups, whatever is in them.
  if (node.root.kind === 'events') return keys.length === 0 ? eventsOf : pathReader(eventsOf, keys, type);
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
