import { nearestName } from '../xdm/nearest-name.ts';
import type { CallNode } from './ast.ts';
import { checkAllowed } from './check-allowed.ts';
import { findFunction, type PqlFunction, type PqlParameter, pqlFunctions } from './functions.ts';
import { expectKind, foundKind, refuse, type TypeCheck, unknownAt } from './type-check.ts';
import { areComparable, bracketed, type TypedExpression, toDay, type Value } from './typed-expression.ts';

/** Checks a call against the table of functions, and compiles it. */
export function compileCall(check: TypeCheck, node: CallNode): TypedExpression {
  const { position } = node;
  const written = (node.target === undefined ? node.arguments : [node.target, ...node.arguments]).map(
    (part) => check.compile(part),
  );
  const entry = findFunction(node.name);
  if (node.name.toLowerCase() === 'date' && node.target === undefined)
    return refuse(check, position, 'found date with other values, expected date(year, month, day) in digits');
  if (node.name.toLowerCase() === 'get' && node.target !== undefined)
    return refuse(
      check,
      position,
      'not supported yet: get() with other than one key in quotes on an attribute',
    );
  if (entry === undefined) return refuse(check, position, unknownFunction(node.name));
  if (entry.isMethod !== (node.target !== undefined))
    return refuse(check, position, `found ${node.name} used wrongly, expected ${signatureOf(entry)}`);
  const needed = entry.parameters.filter(({ isOptional }) => !isOptional).length;
  if (written.length < needed || written.length > entry.parameters.length)
    return refuse(
      check,
      position,
      `found ${node.arguments.length} values for ${entry.name}, expected ${signatureOf(entry)}`,
    );
  const fits = written.map((argument, index) => checkArgument(check, entry, written, argument, index));
  if (fits.includes(false)) return unknownAt(position);
  return compiled(check, entry, written, position);
}

function checkArgument(
  check: TypeCheck,
  entry: PqlFunction,
  written: readonly TypedExpression[],
  argument: TypedExpression,
  index: number,
): boolean {
  const parameter: PqlParameter | undefined = entry.parameters[index];
  const before = written[index - 1];
  if (parameter === undefined || argument.kind === 'unknown') return false;
  if (parameter.isLiteral && argument.constant === undefined) {
    refuse(check, argument.position, `found ${foundKind(argument)}, expected true or false written out`);
    return false;
  }
  switch (parameter.kinds) {
    case 'any':
      return true;
    case 'same':
      return before === undefined || expectKind(check, argument, [before.kind]);
    case 'item': {
      const itemKind = before?.itemKind ?? 'unknown';
      return areComparable(itemKind, argument.kind) || expectKind(check, argument, [itemKind]);
    }
    default:
      return expectKind(check, argument, parameter.kinds);
  }
}

function compiled(
  check: TypeCheck,
  entry: PqlFunction,
  written: readonly TypedExpression[],
  position: number,
): TypedExpression {
  const [first, second, third] = written;
  if (first !== undefined && second !== undefined && comparesWhole.has(entry.name)) {
    checkAllowed(check, first, second, third?.constant !== false);
    checkAllowed(check, second, first, third?.constant !== false);
  }
  const one = first?.evaluate ?? nothing;
  let two = second?.evaluate ?? nothing;
  let list = one;
  if (entry.name === 'includes' && first?.itemKind !== second?.kind) {
    const { evaluate } = second ?? { evaluate: nothing };
    two = (document) => toDay(evaluate(document));
    list = (document) => {
      const items = one(document);
      return Array.isArray(items) ? items.map((item) => toDay(item) ?? null) : undefined;
    };
  }
  const three = third?.evaluate ?? nothing;
  return {
    kind: entry.result === 'last' ? (written.at(-1)?.kind ?? 'unknown') : entry.result,
    position,
    description: entry.describe(describe(first), describe(second), describe(third)),
    evaluate: (document) => entry.evaluate(list(document), two(document), three(document)),
  };
}

const describe = (part: TypedExpression | undefined): string => (part === undefined ? '' : bracketed(part));

const nothing = (): Value => undefined;

/** Functions that compare with the whole value, so that an impossible value is a mistake. */
const comparesWhole = new Set(['equals', 'notEqualTo', 'includes']);

function signatureOf({ name, isMethod, parameters }: PqlFunction): string {
  const names = parameters.map((parameter) =>
    parameter.isOptional ? `[${parameter.name}]` : parameter.name,
  );
  return isMethod ? `${names[0]}.${name}(${names.slice(1).join(', ')})` : `${name}(${names.join(', ')})`;
}

function unknownFunction(name: string): string {
  const nearest = nearestName(
    name,
    pqlFunctions.map((entry) => entry.name),
  );
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return `found the unknown function ${name.slice(0, 100)}, expected a function of PQL.${hint}`;
}
