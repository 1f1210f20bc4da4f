import { createToken, Lexer } from 'chevrotain';

/**
 * The signs of a formula, as Salesforce's own lexer has them (github.com/salesforce/formula-engine,
 * `LexerRules.g4`): a dotted path is one name, a text may hold only known escapes and no line break, comments do
 * not nest.
 */
export const Name = createToken({ name: 'Name', pattern: /[A-Za-z$][\w$:.#]*/ });

const word = (name: string, pattern: RegExp) => createToken({ name, pattern, longer_alt: Name });
export const True = word('True', /true/i);
export const False = word('False', /false/i);
export const Null = word('Null', /null/i);
export const Not = word('Not', /not/i);

export const Text = createToken({
  name: 'Text',
  pattern: /"(?:[^"\\\r\n]|\\[nrtNRT"'\\])*"|'(?:[^'\\\r\n]|\\[nrtNRT"'\\])*'/,
});
/** Text without its end, or with an escape that does not exist. */
export const BrokenText = createToken({ name: 'BrokenText', pattern: /["'][^\r\n]*/ });
export const NumberLiteral = createToken({ name: 'NumberLiteral', pattern: /\d+(?:\.\d+)?/ });
export const Operator = createToken({ name: 'Operator', pattern: /&&|\|\||==|!=|<>|<=|>=|[&=<>*/^]/ });
export const Sign = createToken({ name: 'Sign', pattern: /[+-]/ });
export const Bang = createToken({ name: 'Bang', pattern: '!' });
export const LeftParen = createToken({ name: 'LeftParen', pattern: '(' });
export const RightParen = createToken({ name: 'RightParen', pattern: ')' });
export const Comma = createToken({ name: 'Comma', pattern: ',' });

const space = createToken({ name: 'Space', pattern: /[ \t\f\r\n]+/, group: Lexer.SKIPPED });
const comment = createToken({
  name: 'Comment',
  pattern: /\/\*[\s\S]*?\*\//,
  line_breaks: true,
  group: Lexer.SKIPPED,
});

/** In the order in which the lexer tries them. */
export const formulaTokens = [
  space,
  comment,
  True,
  False,
  Null,
  Not,
  Name,
  Text,
  BrokenText,
  NumberLiteral,
  Operator,
  Sign,
  Bang,
  LeftParen,
  RightParen,
  Comma,
];
