import { EmbeddedActionsParser, type IToken, type ParserMethod } from 'chevrotain';
import { isBinaryOperator, type PqlNode } from './ast.ts';
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

const literal = (token: IToken, read: (image: string) => string | number | boolean): PqlNode => ({
  kind: 'literal',
  position: token.startOffset,
  value: read(token.image),
});

function logical(operator: 'and' | 'or', operands: readonly PqlNode[]): PqlNode {
  const [first] = operands;
  if (first === undefined) throw new Error('A run of operands is never empty.');
  return operands.length === 1 ? first : { kind: 'logical', position: first.position, operator, operands };
}

function binary(left: PqlNode, token: IToken, right: PqlNode): PqlNode {
  const word = token.image.toLowerCase();
  const operator = word === 'notin' ? 'notIn' : word;
  if (!isBinaryOperator(operator)) throw new Error('The grammar takes only known operators.');
  return { kind: 'binary', position: token.startOffset, operator, left, right };
}

/** A minus sign before a number written out is part of the number. */
function prefixed(operator: 'not' | '-', signs: readonly IToken[], operand: PqlNode): PqlNode {
  let node = operand;
  for (const { startOffset: position } of signs.toReversed())
    node =
      operator === '-' && node.kind === 'literal' && typeof node.value === 'number'
        ? { kind: 'literal', position, value: -node.value }
        : { kind: 'unary', position, operator, operand: node };
  return node;
}

/** What a name means when nothing stands before it: an attribute, or a function with its values. */
function named(token: IToken, values: readonly PqlNode[] | undefined): PqlNode {
  const position = token.startOffset;
  if (values === undefined) return { kind: 'path', position, steps: [token.image] };
  const [year, month, day] = values.map((value) =>
    value.kind === 'literal' && Number.isSafeInteger(value.value) ? Number(value.value) : undefined,
  );
  const isDate = token.image.toLowerCase() === 'date' && values.length === 3;
  if (isDate && year !== undefined && month !== undefined && day !== undefined)
    return { kind: 'date', position, year, month, day };
  return { kind: 'call', position, name: token.image, target: undefined, arguments: values };
}

/** `target.name` and `target.name(values)`. */
function member(target: PqlNode, name: IToken, values: readonly PqlNode[] | undefined): PqlNode {
  const position = name.startOffset;
  if (values === undefined) {
    if (target.kind === 'path') return { ...target, steps: [...target.steps, name.image] };
    return { kind: 'call', position, name: name.image, target, arguments: [] };
  }
  const [key] = values;
  const isKey = values.length === 1 && key?.kind === 'literal' && typeof key.value === 'string';
  if (name.image.toLowerCase() === 'get' && isKey && target.kind === 'path')
    return { ...target, steps: [...target.steps, String(key.value)] };
  return { kind: 'call', position, name: name.image, target, arguments: values };
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
  const { startOffset } = error.token;
  return {
    fault: { position: Number.isNaN(startOffset) ? length : startOffset, message: error.message },
  };
}
