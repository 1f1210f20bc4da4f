import type { Binding, CallExpression, ChainStep, Expression, PathRoot, TimeConstraint } from './ast.ts';
import { writeTextLiteral } from './text-literal.ts';

/**
 * How tightly an expression holds together; an operand that holds less than its place needs parentheses. `open` takes
 * in what follows it.
 */
const rank = {
  open: 0,
  or: 1,
  and: 2,
  not: 3,
  compare: 4,
  sum: 5,
  product: 6,
  signed: 7,
  postfix: 8,
} as const;

/** The rule as PQL text in its canonical form: parsing it yields the same tree again. */
export function printSegmentRule(node: Expression): string {
  switch (node.kind) {
    case 'literal':
      return typeof node.value === 'string' ? writeTextLiteral(node.value) : printPlain(node.value);
    case 'date':
      return `date(${node.year}, ${node.month}, ${node.day})`;
    case 'list':
      return `[${node.items.map(printArgument).join(', ')}]`;
    case 'path': {
      const steps = node.steps.map(({ access, key }) =>
        access === 'get' ? `.get(${writeTextLiteral(key)})` : `.${key}`,
      );
      return printRoot(node.root) === '' ? steps.join('').slice(1) : printRoot(node.root) + steps.join('');
    }
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
    case 'call':
      return printCall(node);
    case 'lambda': {
      const body = printSegmentRule(node.body);
      return node.parameters.length === 0 ? body : `(${node.parameters.join(', ')}) => ${body}`;
    }
    case 'let':
      return `let ${node.name} = (${printSegmentRule(node.value)}) in (${printSegmentRule(node.body)})`;
    case 'quantifier':
      return `${node.quantifier} ${printSources(node.bindings)} where ${printSegmentRule(node.condition)}`;
    case 'select':
      return `select ${printSelected(node.bindings, node.condition)}`;
    case 'instant':
      return node.name;
    case 'period':
      return `${node.which} ${node.unit}`;
    case 'offset':
      return `${node.amount} ${node.unit} ${node.direction} ${printAt(node.reference, rank.postfix)}`;
    case 'occurs':
      return `${printAt(node.time, rank.sum)} occurs ${printConstraint(node.constraint)}`;
    case 'chain':
      return `CHAIN(${printSegmentRule(node.events)}, ${printSegmentRule(node.time)}, [${node.steps.map(printStep).join(', ')}])`;
  }
}

function printRoot(root: PathRoot): string {
  switch (root.kind) {
    case 'scope':
      return '^'.repeat(root.up);
    case 'variable':
      return root.name;
    case 'parameter':
      return `$${root.number}`;
    case 'events':
      return 'xEvent';
    case 'value':
      return printAt(root.value, rank.postfix);
  }
}

function printCall(node: CallExpression): string {
  const given = node.arguments.map(printArgument).join(', ');
  const { target } = node;
  if (target === undefined) return `${node.name}(${given})`;
  const [first] = node.arguments;
  if (node.name === 'like' && node.arguments.length === 1 && first !== undefined)
    return `${printAt(target, rank.sum)} like ${printAt(first, rank.sum)}`;
  if (node.name === 'filter' && first?.kind === 'lambda' && first.parameters.length === 0)
    return `${printAt(target, rank.postfix)}[${given}]`;
  if (isAggregate(node) && target.kind === 'select')
    return `${node.name} ${printResult(target.result)} over ${printSelected(target.bindings, target.condition)}`;
  return `${printAt(target, rank.postfix)}.${node.name}(${given})`;
}

/** Of a `select` that names something other than its items, which only `sum X.a over …` can say. */
const isAggregate = ({ target, arguments: given }: CallExpression): boolean =>
  given.length === 0 &&
  target?.kind === 'select' &&
  !(
    target.result.kind === 'path' &&
    target.result.steps.length === 0 &&
    target.result.root.kind === 'variable' &&
    target.result.root.name === target.bindings[0]?.variable
  );

/** Between `sum` and `over`: bare where it begins with a name. */
const printResult = (node: Expression): string =>
  node.kind === 'path' && node.root.kind === 'variable'
    ? printSegmentRule(node)
    : `(${printSegmentRule(node)})`;

const printSelected = (bindings: readonly Binding[], condition: Expression | undefined): string =>
  condition === undefined
    ? printSources(bindings)
    : `${printSources(bindings)} where ${printSegmentRule(condition)}`;

const printSources = (bindings: readonly Binding[]): string =>
  bindings.map(({ variable, source }) => `${variable} from ${printAt(source, rank.postfix)}`).join(', ');

const printStep = ({ label, what, isExcluded, count, when }: ChainStep): string =>
  [
    `${label}: ${isExcluded ? 'not ' : ''}WHAT(${printSegmentRule(what)})`,
    ...(when === undefined ? [] : [`WHEN(${printConstraint(when)})`]),
    ...(count === undefined ? [] : [`COUNT(${count.operator} ${count.amount})`]),
  ].join(' ');

function printConstraint(constraint: TimeConstraint): string {
  switch (constraint.kind) {
    case 'distance': {
      const { operator, amount, unit, direction, reference } = constraint;
      return `${operator} ${amount} ${unit} ${direction} ${printAt(reference, rank.postfix)}`;
    }
    case 'side':
      return `${constraint.direction} ${printAt(constraint.reference, rank.postfix)}`;
    case 'on':
      return `on ${printAt(constraint.reference, rank.postfix)}`;
    case 'between':
      return `between ${printAt(constraint.from, rank.postfix)} and ${printAt(constraint.to, rank.postfix)}`;
  }
}

/** Between commas, where another source of a quantifier could follow. */
const printArgument = (node: Expression): string =>
  node.kind === 'lambda' ? printSegmentRule(node) : printAt(node, rank.or);

const printAt = (node: Expression, least: number): string =>
  rankOf(node) < least ? `(${printSegmentRule(node)})` : printSegmentRule(node);

const printPlain = (value: number | boolean): string => (Object.is(value, -0) ? '-0' : String(value));

function rankOf(node: Expression): number {
  switch (node.kind) {
    case 'quantifier':
    case 'select':
    case 'lambda':
    case 'let':
      return rank.open;
    case 'logic':
      return rank[node.operator];
    case 'not':
      return rank.not;
    case 'compare':
    case 'membership':
    case 'occurs':
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
      if (node.target === undefined) return rank.postfix;
      if (isAggregate(node)) return rank.open;
      return node.name === 'like' && node.arguments.length === 1 ? rank.compare : rank.postfix;
    case 'offset':
      // It ends in a value that takes the steps after it.
      return rank.signed;
    default:
      return rank.postfix;
  }
}
