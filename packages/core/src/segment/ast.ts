/**
 * The syntax tree of a segment rule (PQL text). Plain readonly data: every walker (check, compile, print,
 * describe, later SQL) switches on `kind`. Parentheses leave no trace; operators of equal rank associate
 * to the left; `and` and `or` chains are flat.
 */
export type Expression =
  | LiteralExpression
  | DateExpression
  | ListExpression
  | PathExpression
  | LogicExpression
  | NotExpression
  | CompareExpression
  | MembershipExpression
  | ArithmeticExpression
  | NegateExpression
  | ConditionalExpression
  | CallExpression;

/** Where a node stands in the text: zero-based UTF-16 offsets, `end` exclusive. */
export type Span = { readonly start: number; readonly end: number };

/** Text, a number (a minus sign before a number is part of it) or `true` / `false`. */
export type LiteralExpression = {
  readonly kind: 'literal';
  readonly value: string | number | boolean;
  readonly span: Span;
};

/** `date(year, month, day)`; the parser does not know whether such a day exists, the checker does. */
export type DateExpression = {
  readonly kind: 'date';
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly span: Span;
};

/** `[1, 2]`. */
export type ListExpression = {
  readonly kind: 'list';
  readonly items: readonly Expression[];
  readonly span: Span;
};

/** One step of a path: `.key`, or `.get("key")` for a key of a map. */
export type PathStep = { readonly access: 'dot' | 'get'; readonly key: string; readonly span: Span };

/** A profile attribute. The first step is always a `dot` step. */
export type PathExpression = {
  readonly kind: 'path';
  readonly steps: readonly PathStep[];
  readonly span: Span;
};

/** Two operands or more. */
export type LogicExpression = {
  readonly kind: 'logic';
  readonly operator: 'and' | 'or';
  readonly operands: readonly Expression[];
  readonly span: Span;
};

export type NotExpression = { readonly kind: 'not'; readonly operand: Expression; readonly span: Span };

export type CompareOperator = '=' | '!=' | '>' | '>=' | '<' | '<=';
export type CompareExpression = {
  readonly kind: 'compare';
  readonly operator: CompareOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly span: Span;
};

/** `value in list`, `value notIn list`; the list is a list of literals or an attribute that holds one. */
export type MembershipExpression = {
  readonly kind: 'membership';
  readonly operator: 'in' | 'notIn';
  readonly value: Expression;
  readonly list: Expression;
  readonly span: Span;
};

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
export type ArithmeticExpression = {
  readonly kind: 'arithmetic';
  readonly operator: ArithmeticOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly span: Span;
};

/** Unary minus; its operand is never a number literal. */
export type NegateExpression = {
  readonly kind: 'negate';
  readonly operand: Expression;
  readonly span: Span;
};

/** `if(condition, whenTrue, whenFalse)`. */
export type ConditionalExpression = {
  readonly kind: 'if';
  readonly condition: Expression;
  readonly whenTrue: Expression;
  readonly whenFalse: Expression;
  readonly span: Span;
};

/**
 * `target.name(arguments)`, and `target like pattern` with the name `like`. A name of the function table is
 * spelled as there; any other is as written, and the checker refuses it. Without a target it is a call such
 * as `name(…)`, of which the language has none besides `if` and `date`: refused by the checker too.
 */
export type CallExpression = {
  readonly kind: 'call';
  readonly name: string;
  readonly nameSpan: Span;
  readonly target: Expression | undefined;
  readonly arguments: readonly Expression[];
  readonly span: Span;
};
