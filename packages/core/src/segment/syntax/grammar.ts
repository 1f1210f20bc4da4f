import { EmbeddedActionsParser, EOF, type IToken, type TokenType } from 'chevrotain';
import type { ChainStep, Expression, TimeConstraint } from './ast.ts';
import { bindNames } from './bind-names.ts';
import { grammarMessages } from './grammar-messages.ts';
import { type OperatorChain, resolveOperators } from './operators.ts';
import type { RuleProblem } from './rule-problem.ts';
import * as time from './time-tree.ts';
import * as t from './tokens.ts';
import * as tree from './tree.ts';

/**
 * The grammar: operands with brackets, calls and signs; `resolveOperators` ranks the operators between them. Words such
 * as `select` or `days` are names unless what follows them makes them more, so that any field can be named. Stack depth
 * is bounded by the scanner's limit on nesting.
 */
class RuleParser extends EmbeddedActionsParser {
  /** Faults found while building the tree of a text whose grammar is sound. */
  problems: RuleProblem[] = [];
  /** Between `let S =` and its `in`, which is no operator there. */
  private isLetting = false;

  constructor() {
    super([...t.pqlTokens], { errorMessageProvider: grammarMessages, maxLookahead: 2 });
    this.performSelfAnalysis();
  }

  /** A whole rule: `(Profile) => …` or an expression. */
  readonly rule: () => Expression = this.RULE('rule', () => this.SUBRULE(this.argument));

  private readonly expression: () => Expression = this.RULE('expression', () => {
    const parts: OperatorChain[] = [this.SUBRULE(this.operand)];
    this.MANY({
      GATE: () => !(this.isLetting && this.LA(1).tokenType === t.In),
      DEF: () => {
        this.OR([
          {
            ALT: () => {
              const token = this.CONSUME(t.Occurs);
              const constraint = this.SUBRULE(this.constraint);
              parts.push([{ token, constraint }]);
            },
          },
          {
            ALT: () => {
              const token = this.OR1(this.binaryOperators);
              parts.push([{ token }], this.SUBRULE1(this.operand));
            },
          },
        ]);
      },
    });
    return this.ACTION(() => resolveOperators(parts.flat(), this.problems));
  });

  private readonly binaryOperators = [
    t.And,
    t.Or,
    t.Comparison,
    t.In,
    t.NotIn,
    t.Like,
    t.Plus,
    t.Minus,
    t.Factor,
  ].map((type) => ({ ALT: () => this.CONSUME(type) }));

  /** One operand with the signs before it and the steps, calls and filters after it, as parts of a chain. */
  private readonly operand = this.RULE('operand', (): OperatorChain => {
    const chain: OperatorChain[number][] = [];
    this.MANY(() => {
      const token = this.OR([{ ALT: () => this.CONSUME(t.Not) }, { ALT: () => this.CONSUME(t.Minus) }]);
      chain.push({ token });
    });
    const operand = this.SUBRULE(this.value);
    return [...chain, { operand }];
  });

  /** A value with the steps, calls and filters after it. */
  private readonly value = this.RULE('value', (): Expression => {
    let value = this.SUBRULE(this.primary);
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.Dot);
            const name = this.CONSUME(t.Name);
            const call = this.OPTION(() => this.SUBRULE(this.callArguments));
            value = this.ACTION(() => tree.member(value, name, call));
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.LeftBracket);
            const condition = this.SUBRULE(this.bracketed);
            const close = this.CONSUME(t.RightBracket);
            value = this.ACTION(() => tree.filtered(value, condition, close));
          },
        },
      ]);
    });
    return value;
  });

  private readonly callArguments = this.RULE('callArguments', () => {
    this.CONSUME(t.LeftParen);
    const items = this.SUBRULE(this.list);
    const close = this.CONSUME(t.RightParen);
    return this.ACTION(() => ({ items, end: tree.spanOf(close) }));
  });

  /** Arguments or items between commas, none or more. */
  private readonly list = this.RULE('list', (): readonly Expression[] => {
    const items: Expression[] = [];
    const isLetting = this.suspendLet();
    this.MANY_SEP({
      SEP: t.Comma,
      DEF: () => {
        items.push(this.SUBRULE(this.argument));
      },
    });
    this.isLetting = isLetting;
    return items;
  });

  private readonly argument: () => Expression = this.RULE('argument', () =>
    this.OR([
      { GATE: () => this.isLambda(), ALT: () => this.SUBRULE(this.lambda) },
      { ALT: () => this.SUBRULE(this.expression) },
    ]),
  );

  private readonly lambda = this.RULE('lambda', (): Expression => {
    const open = this.CONSUME(t.LeftParen);
    const names: IToken[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: t.Comma,
      DEF: () => {
        names.push(this.CONSUME(t.Identifier));
      },
    });
    this.CONSUME(t.RightParen);
    this.CONSUME(t.Arrow);
    const body = this.SUBRULE(this.expression);
    return this.ACTION(() => tree.lambda(open, names, body));
  });

  /** An expression within brackets of its own. */
  private readonly bracketed = this.RULE('bracketed', (): Expression => {
    const isLetting = this.suspendLet();
    const inner = this.SUBRULE(this.expression);
    this.isLetting = isLetting;
    return inner;
  });

  private readonly primary = this.RULE('primary', (): Expression => {
    const next = (type: TokenType, after?: TokenType): boolean =>
      this.LA(1).tokenType === type && (after === undefined || this.isA(2, after));
    return this.OR({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        {
          ALT: () => {
            const token = this.CONSUME(t.Text);
            return this.ACTION(() => tree.textLiteral(token, this.problems));
          },
        },
        {
          GATE: () => next(t.NumberLiteral, t.Unit),
          ALT: () => this.SUBRULE(this.offset),
        },
        {
          ALT: () => {
            const token = this.CONSUME(t.NumberLiteral);
            return this.ACTION(() => tree.numberLiteral(token, this.problems));
          },
        },
        { ALT: () => tree.truthLiteral(this.CONSUME(t.True), true) },
        { ALT: () => tree.truthLiteral(this.CONSUME(t.False), false) },
        {
          ALT: () => {
            const open = this.CONSUME(t.LeftBracket);
            const items = this.SUBRULE(this.list);
            const close = this.CONSUME(t.RightBracket);
            return this.ACTION(() => tree.listOf(items, open, close));
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.LeftParen);
            const inner = this.SUBRULE(this.bracketed);
            this.CONSUME(t.RightParen);
            return inner;
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(t.Events);
            return this.ACTION(() => tree.rootPath({ kind: 'events', span: tree.spanOf(token) }));
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(t.InstantWord);
            return this.ACTION(() => time.instant(token));
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(t.Parameter);
            return this.ACTION(() => tree.parameter(token, this.problems));
          },
        },
        { ALT: () => this.SUBRULE(this.outer) },
        {
          GATE: () => next(t.Quantifier, t.Identifier) && this.isVariable(),
          ALT: () => this.SUBRULE(this.quantifier),
        },
        {
          GATE: () => next(t.Select, t.Identifier) && this.isVariable(),
          ALT: () => this.SUBRULE(this.select),
        },
        { GATE: () => this.isAggregate(), ALT: () => this.SUBRULE(this.aggregate) },
        {
          GATE: () => next(t.Let, t.Identifier) && this.LA(3).image === '=',
          ALT: () => this.SUBRULE(this.letIn),
        },
        { GATE: () => next(t.Which, t.Unit), ALT: () => this.SUBRULE(this.period) },
        { GATE: () => next(t.Chain, t.LeftParen), ALT: () => this.SUBRULE(this.chain) },
        {
          ALT: () => {
            const name = this.CONSUME(t.Identifier);
            const call = this.OPTION(() => this.SUBRULE(this.callArguments));
            return this.ACTION(() => tree.rooted(name, call));
          },
        },
      ],
    });
  });

  /** `^name`, `^^.a.b`, `^`. */
  private readonly outer = this.RULE('outer', (): Expression => {
    const carets: IToken[] = [];
    this.AT_LEAST_ONE(() => {
      carets.push(this.CONSUME(t.Caret));
    });
    const name = this.OPTION(() => this.CONSUME(t.Identifier));
    return this.ACTION(() => tree.outerPath(carets, name));
  });

  /** `3 days before now`. */
  private readonly offset = this.RULE('offset', (): Expression => {
    const amount = this.CONSUME(t.NumberLiteral);
    const unit = this.CONSUME(t.Unit);
    const direction = this.SUBRULE(this.direction);
    const reference = this.SUBRULE(this.value);
    return this.ACTION(() => time.offset(amount, unit, direction, reference, this.problems));
  });

  private readonly direction = this.RULE(
    'direction',
    (): IToken =>
      this.OR({
        DEF: [{ ALT: () => this.CONSUME(t.Side) }, { ALT: () => this.CONSUME(t.From) }],
        ERR_MSG: 'before or after',
      }),
  );

  private readonly period = this.RULE('period', (): Expression => {
    const which = this.CONSUME(t.Which);
    const unit = this.CONSUME(t.Unit);
    return this.ACTION(() => time.period(which, unit));
  });

  private readonly quantifier = this.RULE('quantifier', (): Expression => {
    const word = this.CONSUME(t.Quantifier);
    const sources = this.SUBRULE(this.sources);
    return this.ACTION(() => tree.quantifier(word, sources, this.problems));
  });

  /** `E from xEvent where …, I from E.items where …`. */
  private readonly sources = this.RULE('sources', (): tree.Sources => {
    const found = [this.SUBRULE(this.source)];
    this.MANY({
      GATE: () => this.isA(2, t.Identifier) && this.LA(3).tokenType === t.From,
      DEF: () => {
        this.CONSUME(t.Comma);
        found.push(this.SUBRULE1(this.source));
      },
    });
    return this.ACTION(() => ({
      bindings: found.map(({ binding }) => binding),
      conditions: found.flatMap(({ condition }) => (condition === undefined ? [] : [condition])),
    }));
  });

  private readonly source = this.RULE('source', () => {
    const variable = this.CONSUME(t.Identifier);
    this.CONSUME(t.From);
    const value = this.SUBRULE(this.value);
    const condition = this.OPTION(() => {
      this.OR([{ ALT: () => this.CONSUME(t.Where) }, { ALT: () => this.CONSUME(t.Colon) }]);
      return this.SUBRULE(this.expression);
    });
    return this.ACTION(() => ({ binding: tree.binding(variable, value), condition }));
  });

  private readonly select = this.RULE('select', (): Expression => {
    const word = this.CONSUME(t.Select);
    const sources = this.SUBRULE(this.sources);
    return this.ACTION(() => tree.select(word, sources));
  });

  /** `sum X.a over X from xEvent where …`. */
  private readonly aggregate = this.RULE('aggregate', (): Expression => {
    const word = this.CONSUME(t.Aggregate);
    const result = this.SUBRULE(this.value);
    this.CONSUME(t.Over);
    const sources = this.SUBRULE(this.sources);
    return this.ACTION(() => tree.aggregate(word, result, sources));
  });

  /** `let S = value in body`: the body is all that follows. */
  private readonly letIn = this.RULE('letIn', (): Expression => {
    const word = this.CONSUME(t.Let);
    const name = this.CONSUME(t.Identifier);
    const equals = this.CONSUME(t.Comparison);
    const isLetting = this.isLetting;
    this.isLetting = true;
    const value = this.SUBRULE(this.expression);
    this.isLetting = isLetting;
    this.CONSUME(t.In);
    const body = this.SUBRULE1(this.expression);
    return this.ACTION(() => tree.letIn(word, name, equals, value, body, this.problems));
  });

  /** What stands after `occurs` and in `WHEN(…)`. */
  private readonly constraint = this.RULE(
    'constraint',
    (): TimeConstraint =>
      this.OR({
        IGNORE_AMBIGUITIES: true,
        DEF: [
          {
            ALT: () => {
              const operator = this.CONSUME(t.Comparison);
              const amount = this.CONSUME(t.NumberLiteral);
              const unit = this.CONSUME(t.Unit);
              const direction = this.SUBRULE(this.direction);
              const reference = this.SUBRULE(this.value);
              return this.ACTION(() =>
                time.distance(operator, amount, unit, direction, reference, this.problems),
              );
            },
          },
          {
            GATE: () => !this.isA(2, t.Dot),
            ALT: () => {
              const direction = this.SUBRULE1(this.direction);
              const reference = this.SUBRULE1(this.value);
              return this.ACTION(() => time.side(direction, reference));
            },
          },
          {
            GATE: () => !this.isA(2, t.Dot),
            ALT: () => {
              const word = this.CONSUME(t.Between);
              const from = this.SUBRULE2(this.value);
              this.CONSUME(t.And);
              const to = this.SUBRULE3(this.value);
              return this.ACTION(() => time.between(word, from, to));
            },
          },
          {
            GATE: () => this.LA(1).tokenType === t.On && !this.isA(2, t.Dot),
            ALT: () => {
              const word = this.CONSUME(t.On);
              const reference = this.SUBRULE4(this.value);
              return this.ACTION(() => time.on(reference, word));
            },
          },
          {
            ALT: () => {
              const reference = this.SUBRULE5(this.value);
              return this.ACTION(() => time.on(reference));
            },
          },
        ],
      }),
  );

  private readonly chain = this.RULE('chain', (): Expression => {
    const word = this.CONSUME(t.Chain);
    this.CONSUME(t.LeftParen);
    const isLetting = this.suspendLet();
    const events = this.SUBRULE(this.expression);
    this.CONSUME(t.Comma);
    const at = this.SUBRULE1(this.expression);
    this.CONSUME1(t.Comma);
    this.CONSUME(t.LeftBracket);
    const steps: ChainStep[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: t.Comma,
      DEF: () => {
        steps.push(this.SUBRULE(this.chainStep));
      },
    });
    this.isLetting = isLetting;
    this.CONSUME(t.RightBracket);
    const close = this.CONSUME(t.RightParen);
    return this.ACTION(() => time.chain(word, events, at, steps, close));
  });

  /** `C0: WHAT(…) WHEN(…) COUNT(2)`. */
  private readonly chainStep = this.RULE('chainStep', (): ChainStep => {
    const label = this.CONSUME(t.Identifier);
    this.CONSUME(t.Colon);
    const excluded = this.OPTION(() => this.CONSUME(t.Not));
    this.CONSUME(t.What);
    this.CONSUME(t.LeftParen);
    const what = this.SUBRULE(this.expression);
    let end = this.CONSUME(t.RightParen);
    let when: TimeConstraint | undefined;
    let count: time.StepCount | undefined;
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.When);
            this.CONSUME1(t.LeftParen);
            when = this.SUBRULE(this.constraint);
            end = this.CONSUME1(t.RightParen);
          },
        },
        {
          ALT: () => {
            const word = this.CONSUME(t.Aggregate);
            this.CONSUME2(t.LeftParen);
            const operator = this.OPTION1(() => this.CONSUME(t.Comparison));
            const amount = this.CONSUME(t.NumberLiteral);
            end = this.CONSUME2(t.RightParen);
            count = this.ACTION(() => time.stepCount(word, operator, amount, this.problems));
          },
        },
      ]);
    });
    return this.ACTION(() => time.chainStep(label, excluded, what, when, count, end));
  });

  private isA(ahead: number, type: TokenType): boolean {
    const { tokenType } = this.LA(ahead);
    return tokenType === type || tokenType.CATEGORIES?.includes(type) === true;
  }

  /** `sum X.a over` or `sum (…) over` stands here, and no field of that name or call. */
  private isAggregate(): boolean {
    if (!this.isA(1, t.Aggregate)) return false;
    const following = this.LA(2).tokenType;
    if (following !== t.LeftParen) return this.isA(2, t.Identifier) && !infixWords.includes(following);
    let ahead = 3;
    for (let depth = 1; depth > 0; ahead++) {
      const { tokenType } = this.LA(ahead);
      if (tokenType === EOF) return false;
      if (tokenType === t.LeftParen) depth++;
      if (tokenType === t.RightParen) depth--;
    }
    return this.LA(ahead).tokenType === t.Over;
  }

  /** The name behind this word is that of a variable, and no word that makes this one a field. */
  private isVariable(): boolean {
    return this.isA(3, t.From) || !infixWords.includes(this.LA(2).tokenType);
  }

  /** `(a, b) =>` stands here. */
  private isLambda(): boolean {
    if (!this.isA(1, t.LeftParen)) return false;
    let ahead = 2;
    while (this.isA(ahead, t.Identifier)) {
      if (this.isA(ahead + 1, t.RightParen)) return this.isA(ahead + 2, t.Arrow);
      if (!this.isA(ahead + 1, t.Comma)) return false;
      ahead += 2;
    }
    return false;
  }

  /** Inside brackets `in` is an operator again. @returns what to set back behind them. */
  private suspendLet(): boolean {
    const { isLetting } = this;
    this.isLetting = false;
    return isLetting;
  }

  /** As it was before the first rule, which may have ended in the middle. */
  begin(tokens: IToken[]): void {
    this.input = tokens;
    this.problems = [];
    this.isLetting = false;
  }
}

/** Words that join a field before them to what follows. */
const infixWords: readonly TokenType[] = [t.Occurs, t.From, t.Where, t.Over];

let sharedParser: RuleParser | undefined;

/** Applies the grammar to scanned tokens. `length` is where the end of the rule is reported. */
export function parseTokens(
  tokens: IToken[],
  length: number,
):
  | { readonly expression: Expression; readonly problems?: undefined }
  | { readonly problems: readonly RuleProblem[] } {
  sharedParser ??= new RuleParser();
  const parser = sharedParser;
  parser.begin(tokens);
  const expression = parser.rule();
  const [error] = parser.errors;
  if (error !== undefined) {
    const offset = error.token.tokenType === EOF ? length : error.token.startOffset;
    return { problems: [{ offset, message: error.message }] };
  }
  return parser.problems.length > 0 ? { problems: parser.problems } : { expression: bindNames(expression) };
}
