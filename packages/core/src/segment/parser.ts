import { EmbeddedActionsParser, EOF, type IToken, type ParserMethod } from 'chevrotain';
import type { PqlNode } from './ast.ts';
import { binary, literal, logical, member, named, prefixed } from './build-node.ts';
import { parseErrorMessages } from './parse-error-messages.ts';
import { textOf } from './text-literal.ts';
import { tokens } from './tokens.ts';

type Rule = ParserMethod<[], PqlNode>;

/**
 * The grammar of PQL, loosest first: `or`, `and`, `not`, one comparison, `+ -`, `* / %`, minus sign, methods.
 * Only brackets recurse; connectives, `not` and signs are loops.
 */
class PqlParser extends EmbeddedActionsParser {
  readonly rule: Rule = this.RULE('rule', () => this.SUBRULE(this.alternatives));

  private readonly alternatives: Rule = this.RULE('alternatives', () => {
    const operands: PqlNode[] = [this.SUBRULE(this.conjunction)];
    this.MANY(() => {
      this.CONSUME(tokens.Or);
      operands.push(this.SUBRULE1(this.conjunction));
    });
    return this.ACTION(() => logical('or', operands));
  });

  private readonly conjunction: Rule = this.RULE('conjunction', () => {
    const operands: PqlNode[] = [this.SUBRULE(this.negation)];
    this.MANY(() => {
      this.CONSUME(tokens.And);
      operands.push(this.SUBRULE1(this.negation));
    });
    return this.ACTION(() => logical('and', operands));
  });

  private readonly negation: Rule = this.RULE('negation', () => {
    const signs: IToken[] = [];
    this.MANY(() => signs.push(this.CONSUME(tokens.Negation)));
    const operand = this.SUBRULE(this.comparison);
    return this.ACTION(() => prefixed('not', signs, operand));
  });

  private readonly comparison: Rule = this.RULE('comparison', () => {
    const left = this.SUBRULE(this.sum);
    let operator: IToken | undefined;
    let right: PqlNode | undefined;
    this.OPTION(() => {
      operator = this.OR([
        { ALT: () => this.CONSUME(tokens.Comparison) },
        { ALT: () => this.CONSUME(tokens.Membership) },
        { ALT: () => this.CONSUME(tokens.Like) },
      ]);
      right = this.SUBRULE1(this.sum);
    });
    return this.ACTION(() =>
      operator === undefined || right === undefined ? left : binary(left, operator, right),
    );
  });

  private readonly sum: Rule = this.RULE('sum', () => {
    let left = this.SUBRULE(this.product);
    this.MANY(() => {
      const operator = this.CONSUME(tokens.Additive);
      const right = this.SUBRULE1(this.product);
      left = this.ACTION(() => binary(left, operator, right));
    });
    return left;
  });

  private readonly product: Rule = this.RULE('product', () => {
    let left = this.SUBRULE(this.signed);
    this.MANY(() => {
      const operator = this.CONSUME(tokens.Multiplicative);
      const right = this.SUBRULE1(this.signed);
      left = this.ACTION(() => binary(left, operator, right));
    });
    return left;
  });

  private readonly signed: Rule = this.RULE('signed', () => {
    const signs: IToken[] = [];
    this.MANY(() => signs.push(this.CONSUME(tokens.Minus)));
    const operand = this.SUBRULE(this.methods);
    return this.ACTION(() => prefixed('-', signs, operand));
  });

  private readonly methods: Rule = this.RULE('methods', () => {
    let target = this.SUBRULE(this.primary);
    this.MANY(() => {
      this.CONSUME(tokens.Dot);
      const name = this.CONSUME(tokens.Name);
      let values: readonly PqlNode[] | undefined;
      this.OPTION(() => {
        values = this.SUBRULE(this.values);
      });
      target = this.ACTION(() => member(target, name, values));
    });
    return target;
  });

  private readonly primary: Rule = this.RULE('primary', () =>
    this.OR([
      { ALT: () => this.SUBRULE(this.literal) },
      { ALT: () => this.SUBRULE(this.list) },
      {
        ALT: () => {
          this.CONSUME(tokens.Open);
          const inner = this.SUBRULE(this.alternatives);
          this.CONSUME(tokens.Close);
          return inner;
        },
      },
      {
        ALT: () => {
          const name = this.CONSUME(tokens.Identifier);
          let values: readonly PqlNode[] | undefined;
          this.OPTION(() => {
            values = this.SUBRULE(this.values);
          });
          return this.ACTION(() => named(name, values));
        },
      },
    ]),
  );

  private readonly literal: Rule = this.RULE('literal', () =>
    this.OR([
      { ALT: () => literal(this.CONSUME(tokens.Text), (image) => textOf(image)) },
      { ALT: () => literal(this.CONSUME(tokens.Digits), Number) },
      { ALT: () => literal(this.CONSUME(tokens.True), () => true) },
      { ALT: () => literal(this.CONSUME(tokens.False), () => false) },
    ]),
  );

  private readonly list: Rule = this.RULE('list', () => {
    const items: PqlNode[] = [];
    const open = this.CONSUME(tokens.OpenList);
    this.MANY_SEP({ SEP: tokens.Comma, DEF: () => items.push(this.SUBRULE(this.alternatives)) });
    this.CONSUME(tokens.CloseList);
    return this.ACTION((): PqlNode => ({ kind: 'list', position: open.startOffset, items }));
  });

  private readonly values: ParserMethod<[], readonly PqlNode[]> = this.RULE('values', () => {
    const items: PqlNode[] = [];
    this.CONSUME(tokens.Open);
    this.MANY_SEP({ SEP: tokens.Comma, DEF: () => items.push(this.SUBRULE(this.alternatives)) });
    this.CONSUME(tokens.Close);
    return items;
  });

  constructor() {
    super(Object.values(tokens), { maxLookahead: 1, errorMessageProvider: parseErrorMessages });
    this.performSelfAnalysis();
  }
}

let parser: PqlParser | undefined;

export type ParseFault = { readonly position: number; readonly message: string };

/** The tree of a whole rule, or the first place where it is not PQL. `length` is where the text ends. */
export function parseTokens(
  rule: IToken[],
  length: number,
): { readonly node: PqlNode } | { readonly fault: ParseFault } {
  parser ??= new PqlParser();
  parser.input = rule;
  const node = parser.rule();
  const [error] = parser.errors;
  if (error === undefined) return { node };
  const { startOffset, tokenType } = error.token;
  return {
    fault: { position: tokenType === EOF ? length : startOffset, message: error.message },
  };
}
