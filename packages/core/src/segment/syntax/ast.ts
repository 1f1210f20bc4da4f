/**
 * The syntax tree of a segment rule (PQL text). Plain readonly data: every walker (check, compile, print,
 * describe, SQL) switches on `kind`. Parentheses leave no trace; operators of equal rank associate to the left;
 * `and` and `or` chains are flat; words that mean the same have one node:
 *
 * - `a[c]` and `a.filter(c)` are a call of `filter`; `!a` is `not a`; `x like p` is a call of `like`.
 * - `sum X.a over X from s where c` is a call of `sum` without arguments on `select X.a from …`.
 * - `[select …]` is that `select` and no list of one.
 * - An argument that is evaluated once per item is a `lambda`, whether or not the rule names its parameters.
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
  | CallExpression
  | LambdaExpression
  | LetExpression
  | QuantifierExpression
  | SelectExpression
  | InstantExpression
  | PeriodExpression
  | OffsetExpression
  | OccursExpression
  | ChainExpression;

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

/** Where a path begins. */
export type PathRoot =
  /**
   * What names stand for where they stand alone: 0 is the item of the innermost lambda without named parameters
   * (also of `[…]` and `WHAT(…)`), or the profile where there is none; each `^` is one such level further out. A
   * lambda with named parameters, a quantifier, `select` and `let` open no level.
   */
  | { readonly kind: 'scope'; readonly up: number; readonly span: Span }
  /** A name that the rule binds: by `exists`, `forall`, `select`, `let` or the parameters of a lambda. */
  | { readonly kind: 'variable'; readonly name: string; readonly span: Span }
  /** `$1`, `$2`: parameters, from 1, of the innermost lambda without named parameters; else `$1` is the profile. */
  | { readonly kind: 'parameter'; readonly number: number; readonly span: Span }
  /** `xEvent`: all events of the profile, wherever it stands. */
  | { readonly kind: 'events'; readonly span: Span }
  /** A value that is computed: `orders.topN(price, 1).head().price`. */
  | { readonly kind: 'value'; readonly value: Expression };

/**
 * What is found at the end of some steps. A step into a list is taken into each of its items: the result is the list
 * of what they have there. Without steps only `^`, a variable, a parameter or `xEvent` stands.
 */
export type PathExpression = {
  readonly kind: 'path';
  readonly root: PathRoot;
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

/** `value in list`, `value notIn list`. */
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
 * `target.name(arguments)`, and `target like pattern` with the name `like`; without a target a call such as
 * `inSegment("…")` or `currentMonth()`. A name of the function table is spelled as there; any other is as written, and
 * the checker refuses it.
 */
export type CallExpression = {
  readonly kind: 'call';
  readonly name: string;
  readonly nameSpan: Span;
  readonly target: Expression | undefined;
  readonly arguments: readonly Expression[];
  readonly span: Span;
};

/**
 * An argument that is evaluated once per item: `price`, `(O) => O.price`, `(K, G) => …`. The parser makes one of each
 * argument that the function table says is evaluated so. Without names (`parameters` empty) the item is the scope that
 * names stand in. `(Profile) => …` around a whole rule is one, too.
 */
export type LambdaExpression = {
  readonly kind: 'lambda';
  readonly parameters: readonly string[];
  readonly body: Expression;
  readonly span: Span;
};

/** `let S = value in body`; the body is all that follows. */
export type LetExpression = {
  readonly kind: 'let';
  readonly name: string;
  readonly value: Expression;
  readonly body: Expression;
  readonly span: Span;
};

/** `E from xEvent`; later ones see the variables of earlier ones. */
export type Binding = {
  readonly variable: string;
  readonly source: Expression;
  readonly span: Span;
};

/** `exists E from xEvent, I from E.productListItems where …`, `forall E from xEvent : …`. */
export type QuantifierExpression = {
  readonly kind: 'quantifier';
  readonly quantifier: 'exists' | 'forall';
  readonly bindings: readonly Binding[];
  readonly condition: Expression;
  readonly span: Span;
};

/** `select E from xEvent where …`: the result for each combination of items that fulfils the condition. */
export type SelectExpression = {
  readonly kind: 'select';
  readonly result: Expression;
  readonly bindings: readonly Binding[];
  /** Undefined without `where`: all. */
  readonly condition: Expression | undefined;
  readonly span: Span;
};

/** The instant of the run, or the day (UTC) it is in, the day before or after. */
export type InstantExpression = {
  readonly kind: 'instant';
  readonly name: 'now' | 'today' | 'yesterday' | 'tomorrow';
  readonly span: Span;
};

/** Singular, as written in canonical form; the parser takes the plural, too. */
export type TimeUnit =
  | 'millisecond'
  | 'second'
  | 'minute'
  | 'hour'
  | 'day'
  | 'week'
  | 'month'
  | 'year'
  | 'decade'
  | 'century'
  | 'millennium';

/** `this month`, `last week`, `next year`: a whole unit of the calendar in UTC. */
export type PeriodExpression = {
  readonly kind: 'period';
  readonly which: 'this' | 'last' | 'next';
  readonly unit: TimeUnit;
  readonly span: Span;
};

/** `3 days before now`: an instant. `from` as direction is `after`. */
export type OffsetExpression = {
  readonly kind: 'offset';
  readonly amount: number;
  readonly unit: TimeUnit;
  readonly direction: 'before' | 'after';
  readonly reference: Expression;
  readonly span: Span;
};

/** What `occurs` (and `WHEN` of a chain) says of a time. */
export type TimeConstraint =
  /** `<= 3 days before now`, `> 1 hour after C0`. */
  | {
      readonly kind: 'distance';
      readonly operator: CompareOperator;
      readonly amount: number;
      readonly unit: TimeUnit;
      readonly direction: 'before' | 'after';
      readonly reference: Expression;
      readonly span: Span;
    }
  /** `before today`, `after date(…)`. */
  | {
      readonly kind: 'side';
      readonly direction: 'before' | 'after';
      readonly reference: Expression;
      readonly span: Span;
    }
  /** `today`, `on date(…)`, `last week`, `(3 days before now)`. */
  | { readonly kind: 'on'; readonly reference: Expression; readonly span: Span }
  /** `between t and t`. */
  | { readonly kind: 'between'; readonly from: Expression; readonly to: Expression; readonly span: Span };

/** `time occurs …`. */
export type OccursExpression = {
  readonly kind: 'occurs';
  readonly time: Expression;
  readonly constraint: TimeConstraint;
  readonly span: Span;
};

/** `C0: WHAT(…) COUNT(2) WHEN(…)`. */
export type ChainStep = {
  readonly label: string;
  /** Evaluated with the event as scope. */
  readonly what: Expression;
  /** A step that must not happen: `C1: not WHAT(…)` or as the documents write it. */
  readonly isExcluded: boolean;
  /** How many events; undefined: at least one. */
  readonly count: { readonly operator: CompareOperator; readonly amount: number } | undefined;
  /** References to earlier steps are variables named by their labels, and stand for the time of their event. */
  readonly when: TimeConstraint | undefined;
  readonly span: Span;
};

/** `CHAIN(xEvent, timestamp, [C0: …, C1: …])`: events in this order. */
export type ChainExpression = {
  readonly kind: 'chain';
  readonly events: Expression;
  /** Of an event, with the event as scope. */
  readonly time: Expression;
  readonly steps: readonly ChainStep[];
  readonly span: Span;
};
