import { EmbeddedActionsParser, EOF, type IParserErrorMessageProvider, type IToken } from 'chevrotain';
import { FormulaRefusal } from './formula-problem.ts';
import { scanFormula, syntaxError } from './scan-formula.ts';
import { callNode, type InfixOperator, rankOperators, type SyntaxNode } from './syntax-tree.ts';
import {
  Bang,
  Comma,
  False,
  formulaTokens,
  LeftParen,
  Name,
  Not,
  Null,
  NumberLiteral,
  Operator,
  RightParen,
  Sign,
  Text,
  True,
} from './tokens.ts';

const found = (token: IToken | undefined): string =>
  token === undefined || token.tokenType === EOF ? 'end of formula' : token.image;

/** The messages of Salesforce's parser (github.com/salesforce/formula-engine, `labels.xml`). */
const messages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) =>
    `Syntax error.  Missing ${typeof expected.PATTERN === 'string' ? `'${expected.PATTERN}'` : 'field name'}`,
  buildNotAllInputParsedMessage: ({ firstRedundant }) =>
    `Syntax error. Extra ${firstRedundant.tokenType === Name ? firstRedundant.image : `'${firstRedundant.image}'`}`,
  buildNoViableAltMessage: ({ actual }) => syntaxError(found(actual[0])),
  buildEarlyExitMessage: ({ actual }) => syntaxError(found(actual[0])),
};

const literal = (value: string | number | boolean | null, at: number): SyntaxNode => ({
  kind: 'literal',
  value,
  at,
  depth: 1,
});

/** Only `\"` and `\\` are escapes; `\n` and the others stay two characters, for REGEX to read. */
const textOf = (token: IToken): SyntaxNode =>
  literal(token.image.slice(1, -1).replace(/\\(["\\])/g, '$1'), token.startOffset);

const fieldOrCall = (name: IToken, args: readonly SyntaxNode[] | undefined): SyntaxNode =>
  args === undefined
    ? { kind: 'field', path: name.image, at: name.startOffset, depth: 1 }
    : callNode(name.image.toUpperCase(), args, name.startOffset);

class FormulaParser extends EmbeddedActionsParser {
  constructor() {
    super(formulaTokens, { errorMessageProvider: messages });
    this.performSelfAnalysis();
  }

  readonly expression: () => SyntaxNode = this.RULE('expression', () => {
    const operands = [this.SUBRULE(this.operand)];
    const operators: InfixOperator[] = [];
    this.MANY(() => {
      const token = this.OR([{ ALT: () => this.CONSUME(Operator) }, { ALT: () => this.CONSUME(Sign) }]);
      operators.push({ image: token.image, at: token.startOffset });
      operands.push(this.SUBRULE2(this.operand));
    });
    return this.ACTION(() => rankOperators(operands, operators));
  });

  private readonly operand = this.RULE('operand', (): SyntaxNode => {
    const prefixes: IToken[] = [];
    this.MANY(() => {
      prefixes.push(
        this.OR([
          { ALT: () => this.CONSUME(Sign) },
          { ALT: () => this.CONSUME(Bang) },
          { ALT: () => this.CONSUME(Not) },
        ]),
      );
    });
    const value: SyntaxNode = this.OR1([
      {
        ALT: () => {
          const token = this.CONSUME(Text);
          return this.ACTION(() => textOf(token));
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(NumberLiteral);
          return this.ACTION(() => literal(Number(token.image), token.startOffset));
        },
      },
      { ALT: () => literal(true, this.CONSUME(True).startOffset) },
      { ALT: () => literal(false, this.CONSUME(False).startOffset) },
      { ALT: () => literal(null, this.CONSUME(Null).startOffset) },
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
          const name = this.CONSUME(Name);
          const args = this.OPTION(() => this.SUBRULE(this.callArguments));
          return this.ACTION(() => fieldOrCall(name, args));
        },
      },
    ]);
    return this.ACTION(() =>
      prefixes.reduceRight(
        (inner, sign) => callNode(sign.tokenType === Sign ? sign.image : 'NOT', [inner], sign.startOffset),
        value,
      ),
    );
  });

  private readonly callArguments = this.RULE('callArguments', (): readonly SyntaxNode[] => {
    const args: SyntaxNode[] = [];
    this.CONSUME(LeftParen);
    this.MANY_SEP({ SEP: Comma, DEF: () => args.push(this.SUBRULE(this.expression)) });
    this.CONSUME(RightParen);
    return args;
  });
}

let sharedParser: FormulaParser | undefined;

/** The tree of a formula's text. Throws a `FormulaRefusal` where it stops being a formula. */
export function parseFormula(text: string): SyntaxNode {
  const tokens = scanFormula(text);
  sharedParser ??= new FormulaParser();
  sharedParser.input = tokens;
  const tree = sharedParser.expression();
  const [error] = sharedParser.errors;
  if (error === undefined) return tree;
  const offset = error.token.tokenType === EOF ? text.length : error.token.startOffset;
  throw new FormulaRefusal(error.message, offset);
}
