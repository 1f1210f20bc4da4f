import { findFunction } from '../evaluate/functions.ts';
import type { Expression } from './ast.ts';
import { writeTextLiteral } from './text-literal.ts';

/** How tightly an expression holds together; an operand that holds less than its place needs parentheses. */
const rank = { or: 1, and: 2, not: 3, compare: 4, sum: 5, product: 6, signed: 7, postfix: 8 } as const;

/** The rule as PQL text in its canonical form: parsing it yields the same tree again. */
export function printSegmentRule(node: Expression): string {
  switch (node.kind) {
    case 'literal':
      return typeof node.value === 'string' ? writeTextLiteral(node.value) : printPlain(node.value);
    case 'date':
      return `date(${node.year}, ${node.month}, ${node.day})`;
    case 'list':
      return `[${node.items.map(printSegmentRule).join(', ')}]`;
    case 'path':
      return node.steps
        .map(({ access, key }, index) =>
          access === 'get' ? `.get(${writeTextLiteral(key)})` : index === 0 ? key : `.${key}`,
        )
        .join('');
    case 'logic':
      return node.operands
        .map((operand) => printAt(operand, rank[node.operator] + 1))
        .join(` ${node.operator} `);
    case 'not':
      return `not ${printAt(node.operand, rank.not)}`;
    case 'compare':
      return `${printAt(node.left, rank.sum)} ${node.operator} ${printAt(node.right, rank.sum)}`;
    case 'membership':
      return `${printAt(node.value, rank.sum)} ${node.operator} ${printAt(node.list, rank.sum)}`;
    case 'arithmetic': {
      const own = rankOf(node);
      return `${printAt(node.left, own)} ${node.operator} ${printAt(node.right, own + 1)}`;
    }
    case 'negate':
      return `-${printAt(node.operand, rank.signed)}`;
    case 'if':
      return `if(${[node.condition, node.whenTrue, node.whenFalse].map(printSegmentRule).join(', ')})`;
    case 'call': {
      const given = node.arguments.map(printSegmentRule).join(', ');
      if (node.target === undefined) return `${node.name}(${given})`;
      const [pattern] = node.arguments;
      if (isInfix(node) && pattern !== undefined)
        return `${printAt(node.target, rank.sum)} ${node.name} ${printAt(pattern, rank.sum)}`;
      return `${printAt(node.target, rank.postfix)}.${node.name}(${given})`;
    }
    default:
      throw new TypeError(`A rule was printed that cannot be parsed (${node.kind}).`);
  }
}

const printAt = (node: Expression, least: number): string =>
  rankOf(node) < least ? `(${printSegmentRule(node)})` : printSegmentRule(node);

const printPlain = (value: number | boolean): string => (Object.is(value, -0) ? '-0' : String(value));

const isInfix = (node: Expression & { readonly kind: 'call' }): boolean =>
  findFunction(node.name)?.infix === true && node.arguments.length === 1;

function rankOf(node: Expression): number {
  switch (node.kind) {
    case 'logic':
      return rank[node.operator];
    case 'not':
      return rank.not;
    case 'compare':
    case 'membership':
      return rank.compare;
    case 'arithmetic':
      return node.operator === '+' || node.operator === '-' ? rank.sum : rank.product;
    case 'negate':
      return rank.signed;
    case 'literal':
      return typeof node.value === 'number' && (node.value < 0 || Object.is(node.value, -0))
        ? rank.signed
        : rank.postfix;
    case 'call':
      return node.target !== undefined && isInfix(node) ? rank.compare : rank.postfix;
    default:
      return rank.postfix;
  }
}
