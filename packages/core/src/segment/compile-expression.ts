import type { XdmObject } from '../xdm/field.ts';
import type { DateNode, ListNode, LiteralNode, PqlNode } from './ast.ts';
import { compileCall } from './compile-call.ts';
import { compileBinary, compileLogical, compileUnary } from './compile-operators.ts';
import { compilePath } from './compile-path.ts';
import type { RuleFault } from './rule-errors.ts';
import { expectKind, foundKind, refuse, type TypeCheck } from './type-check.ts';
import { areComparable, nameKinds, type TypedExpression } from './typed-expression.ts';

/** Longest list a rule may hold. */
const mostItems = 1000;

export type CompiledExpression = {
  readonly expression: TypedExpression;
  readonly paths: readonly string[];
  /** Everything wrong with the rule; it may run only when this is empty. */
  readonly faults: readonly RuleFault[];
};

/** Checks a rule against the schema and compiles it to closures. The rule has to be a condition. */
export function compileExpression(node: PqlNode, schema: XdmObject): CompiledExpression {
  const check: TypeCheck = {
    schema,
    paths: new Set(),
    faults: [],
    compile: (part) => compileNode(check, part),
  };
  const expression = check.compile(node);
  expectKind(check, expression, ['boolean']);
  return { expression, paths: [...check.paths].sort(), faults: check.faults };
}

function compileNode(check: TypeCheck, node: PqlNode): TypedExpression {
  switch (node.kind) {
    case 'literal':
      return compileLiteral(check, node);
    case 'date':
      return compileDate(check, node);
    case 'path':
      return compilePath(check, node);
    case 'list':
      return compileList(check, node);
    case 'call':
      return compileCall(check, node);
    case 'unary':
      return compileUnary(check, node);
    case 'binary':
      return compileBinary(check, node);
    case 'logical':
      return compileLogical(check, node);
  }
}

function compileLiteral(check: TypeCheck, { value, position }: LiteralNode): TypedExpression {
  if (typeof value === 'number' && !Number.isFinite(value))
    return refuse(check, position, 'found a number that is too large, expected at most 1.7e308');
  const kind = typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'boolean';
  return { kind, position, constant: value, description: JSON.stringify(value), evaluate: () => value };
}

function compileDate(check: TypeCheck, node: DateNode): TypedExpression {
  const { year, month, day, position } = node;
  const iso = [String(year).padStart(4, '0'), twoDigits(month), twoDigits(day)].join('-');
  const instant = new Date(`${iso}T00:00:00Z`);
  const isReal = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(iso);
  if (!isReal || year < 1 || year > 9999)
    return refuse(check, position, `found date(${year}, ${month}, ${day}), expected a day of the calendar`);
  const value = instant.getTime();
  return { kind: 'date', position, constant: value, description: iso, evaluate: () => value };
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

function compileList(check: TypeCheck, node: ListNode): TypedExpression {
  const { position } = node;
  if (node.items.length > mostItems)
    return refuse(
      check,
      position,
      `found a list of ${node.items.length} items, expected at most ${mostItems}`,
    );
  const items = node.items.map((item) => check.compile(item));
  const first = items.find(({ kind }) => kind !== 'unknown');
  for (const item of items) {
    if (item.kind === 'unknown') continue;
    if (item.constant === undefined)
      refuse(check, item.position, `found ${foundKind(item)}, expected values written out in a list`);
    else if (first !== undefined && !areComparable(first.kind, item.kind))
      refuse(
        check,
        item.position,
        `found ${foundKind(item)}, expected ${nameKinds([first.kind])} like the items before`,
      );
  }
  const values = items.flatMap(({ constant }) => (constant === undefined ? [] : [constant]));
  return {
    kind: 'list',
    position,
    itemKind: first?.kind ?? 'unknown',
    items,
    description: `[${items.map(({ description }) => description).join(', ')}]`,
    evaluate: () => values,
  };
}
