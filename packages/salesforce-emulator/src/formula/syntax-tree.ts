import { FormulaRefusal } from './formula-problem.ts';

interface Placed {
  /** Where in the text the node's first own sign stands. */
  readonly at: number;
  /** How many nodes stand above one another here. */
  readonly depth: number;
}

/** A parsed formula. Operators are calls of the function with their name, `-` and `+` also with one argument. */
export type SyntaxNode =
  | (Placed & { readonly kind: 'literal'; readonly value: string | number | boolean | null })
  | (Placed & { readonly kind: 'field'; readonly path: string })
  | (Placed & { readonly kind: 'call'; readonly name: string; readonly args: readonly SyntaxNode[] });

/** Deep enough for any formula a person writes, shallow enough for the stack. */
const maxDepth = 250;

/** A call, refused when it would make the tree too deep to walk. */
export function callNode(name: string, args: readonly SyntaxNode[], at: number): SyntaxNode {
  const depth = args.reduce((deepest, arg) => Math.max(deepest, arg.depth), 0) + 1;
  if (depth > maxDepth)
    throw new FormulaRefusal(
      `The formula is nested more than ${maxDepth} levels deep here`,
      at,
      'unsupported',
    );
  return { kind: 'call', name, args, at, depth };
}

/**
 * How tight each operator binds. Salesforce's own grammar has `*` and `/` tighter than `^`, `=` looser than `<`,
 * everything left-associative: `2 * 3 ^ 2` is 36 and `2 ^ 3 ^ 2` is 64
 * (github.com/salesforce/formula-engine, `Formula.g4`).
 */
const ranks: ReadonlyMap<string, number> = new Map([
  ['OR', 1],
  ['AND', 2],
  ['=', 3],
  ['<>', 3],
  ['<', 4],
  ['>', 4],
  ['<=', 4],
  ['>=', 4],
  ['+', 5],
  ['-', 5],
  ['&', 5],
  ['^', 6],
  ['*', 7],
  ['/', 7],
]);

/** Operators of one meaning with several spellings. */
const spellings: ReadonlyMap<string, string> = new Map([
  ['&&', 'AND'],
  ['||', 'OR'],
  ['==', '='],
  ['!=', '<>'],
]);

export interface InfixOperator {
  readonly image: string;
  readonly at: number;
}

/** The tree of `operands[0] operators[0] operands[1] …`, by the operators' ranks. */
export function rankOperators(
  operands: readonly SyntaxNode[],
  operators: readonly InfixOperator[],
): SyntaxNode {
  const values: SyntaxNode[] = [];
  const waiting: { name: string; rank: number; at: number }[] = [];
  const reduce = (): void => {
    const operator = waiting.pop();
    const right = values.pop();
    const left = values.pop();
    if (operator === undefined || left === undefined || right === undefined)
      throw new TypeError('An operator without its operands.');
    values.push(joined(operator.name, left, right, operator.at));
  };
  for (const [index, operand] of operands.entries()) {
    values.push(operand);
    const operator = operators[index];
    if (operator === undefined) break;
    const name = spellings.get(operator.image) ?? operator.image;
    const rank = ranks.get(name) ?? 0;
    while ((waiting.at(-1)?.rank ?? -1) >= rank) reduce();
    waiting.push({ name, rank, at: operator.at });
  }
  while (waiting.length > 0) reduce();
  const [tree] = values;
  if (tree === undefined) throw new TypeError('An expression without operands.');
  return tree;
}

/** `a && b && c` is one call of three arguments, so that a long list of conditions is not a deep tree. */
const joined = (name: string, left: SyntaxNode, right: SyntaxNode, at: number): SyntaxNode =>
  (name === 'AND' || name === 'OR') && left.kind === 'call' && left.name === name
    ? callNode(name, [...left.args, right], left.at)
    : callNode(name, [left, right], at);
