/** Comparison, membership and arithmetic, as the rule writes them (`notIn` and `like` in this spelling). */
export type BinaryOperator = (typeof binaryOperators)[number];

const binaryOperators = [
  ...(['=', '!=', '>', '>=', '<', '<='] as const),
  ...(['+', '-', '*', '/', '%'] as const),
  ...(['in', 'notIn', 'like'] as const),
] as const;

export const isBinaryOperator = (word: string): word is BinaryOperator =>
  binaryOperators.some((operator) => operator === word);

/** `position` is the zero-based character offset of the part that a message should point at. */
type Node<Kind extends string> = { readonly kind: Kind; readonly position: number };

export type LiteralNode = Node<'literal'> & { readonly value: string | number | boolean };
/** `date(2020, 3, 14)` with whole numbers written out; whether there is such a day is checked later. */
export type DateNode = Node<'date'> & {
  readonly year: number;
  readonly month: number;
  readonly day: number;
};
/** `a.b.c`; `.get("k")` on a path is a step `k`. */
export type PathNode = Node<'path'> & { readonly steps: readonly string[] };
export type ListNode = Node<'list'> & { readonly items: readonly PqlNode[] };
/** `name(arguments)`, or `target.name(arguments)` for a method. */
export type CallNode = Node<'call'> & {
  readonly name: string;
  readonly target: PqlNode | undefined;
  readonly arguments: readonly PqlNode[];
};
export type UnaryNode = Node<'unary'> & { readonly operator: 'not' | '-'; readonly operand: PqlNode };
export type BinaryNode = Node<'binary'> & {
  readonly operator: BinaryOperator;
  readonly left: PqlNode;
  readonly right: PqlNode;
};
/** A run of one connective, so that long rules stay shallow. At least two operands. */
export type LogicalNode = Node<'logical'> & {
  readonly operator: 'and' | 'or';
  readonly operands: readonly PqlNode[];
};

/** A parsed PQL rule. */
export type PqlNode =
  | LiteralNode
  | DateNode
  | PathNode
  | ListNode
  | CallNode
  | UnaryNode
  | BinaryNode
  | LogicalNode;

/** The parts directly inside a node, in the order written. */
export function childrenOf(node: PqlNode): readonly PqlNode[] {
  switch (node.kind) {
    case 'list':
      return node.items;
    case 'call':
      return node.target === undefined ? node.arguments : [node.target, ...node.arguments];
    case 'unary':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'logical':
      return node.operands;
    default:
      return [];
  }
}
