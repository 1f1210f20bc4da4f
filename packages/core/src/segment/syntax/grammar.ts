import { EmbeddedActionsParser, EOF, type IToken } from 'chevrotain';
import type { Expression } from './ast.ts';
import { grammarMessages } from './grammar-messages.ts';
import { type OperatorChain, resolveOperators } from './operators.ts';
import type { RuleProblem } from './rule-problem.ts';
import {
  And,
  Comma,
  Comparison,
  Dot,
  Factor,
  False,
  Identifier,
  In,
  LeftBracket,
  LeftParen,
  Like,
  Minus,
  Name,
  Not,
  NotIn,
  NumberLiteral,
  Or,
  Plus,
  pqlTokens,
  RightBracket,
  RightParen,
  Text,
  True,
} from './tokens.ts';
import { listOf, member, numberLiteral, rooted, spanOf, textLiteral, truthLiteral } from './tree.ts';

/**
 * The grammar: operands with brackets, calls and signs; `resolveOperators` ranks the operators between them.
 * Stack depth is bounded by the scanner's limit on nesting.
 */
class RuleParser extends EmbeddedActionsParser {
  /** Faults found while building the tree of a text whose grammar is sound. */
  problems: RuleProblem[] = [];

  constructor() {
    super([...pqlTokens], { errorMessageProvider: grammarMessages });
    this.performSelfAnalysis();
  }

  readonly expression: () => Expression = this.RULE('expression', () => {
    const parts = [this.SUBRULE(this.operand)];
    this.MANY(() => {
      const token = this.OR(this.binaryOperators);
      parts.push([{ token }], this.SUBRULE2(this.operand));
    });
    return this.ACTION(() => resolveOperators(parts.flat(), this.problems));
  });

  private readonly binaryOperators = [And, Or, Comparison, In, NotIn, Like, Plus, Minus, Factor].map(
    (type) => ({
      ALT: () => this.CONSUME(type),
    }),
  );

  /** One operand with the signs before it and the steps and calls after it, as parts of a chain. */
  private readonly operand = this.RULE('operand', (): OperatorChain => {
    const chain: OperatorChain[number][] = [];
    this.MANY(() => {
      const token = this.OR([{ ALT: () => this.CONSUME(Not) }, { ALT: () => this.CONSUME(Minus) }]);
      chain.push({ token });
    });
    let value = this.OR1([
      {
        ALT: () => {
          const token = this.CONSUME(Text);
          return this.ACTION(() => textLiteral(token, this.problems));
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(NumberLiteral);
          return this.ACTION(() => numberLiteral(token, this.problems));
        },
      },
      { ALT: () => truthLiteral(this.CONSUME(True), true) },
      { ALT: () => truthLiteral(this.CONSUME(False), false) },
      {
        ALT: () => {
          const open = this.CONSUME(LeftBracket);
          const items = this.SUBRULE(this.expressions);
          const close = this.CONSUME(RightBracket);
          return this.ACTION(() => listOf(items, open, close));
        },
      },
      {
        ALT: () => {
          this.CONSUME(LeftParen);
          const inner = this.SUBRULE(this.expression);
          this.CONSUME(RightParen);
          return inner;
        },
      },
      {
        ALT: () => {
          const name = this.CONSUME(Identifier);
          const call = this.OPTION(() => {
            this.CONSUME1(LeftParen);
            const items = this.SUBRULE1(this.expressions);
            const close = this.CONSUME1(RightParen);
            return this.ACTION(() => ({ items, end: spanOf(close) }));
          });
          return this.ACTION(() => rooted(name, call));
        },
      },
    ]);
    this.MANY1(() => {
      this.CONSUME(Dot);
      const name = this.CONSUME(Name);
      const call = this.OPTION1(() => {
        this.CONSUME2(LeftParen);
        const items = this.SUBRULE2(this.expressions);
        const close = this.CONSUME2(RightParen);
        return this.ACTION(() => ({ items, end: spanOf(close) }));
      });
      value = this.ACTION(() => member(value, name, call, this.problems));
    });
    return [...chain, { operand: value }];
  });

  /** Expressions between commas, none or more. */
  private readonly expressions = this.RULE('expressions', (): readonly Expression[] => {
    const items: Expression[] = [];
    this.MANY_SEP({
      SEP: Comma,
      DEF: () => {
        items.push(this.SUBRULE(this.expression));
      },
    });
    return items;
  });
}

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
  parser.input = tokens;
  parser.problems = [];
  const expression = parser.expression();
  const [error] = parser.errors;
  if (error !== undefined) {
    const offset = error.token.tokenType === EOF ? length : error.token.startOffset;
    return { problems: [{ offset, message: error.message }] };
  }
  return parser.problems.length > 0 ? { problems: parser.problems } : { expression };
}
