import { createToken, type IToken, Lexer, type TokenType } from 'chevrotain';

const category = (name: string, label: string): TokenType => createToken({ name, pattern: Lexer.NA, label });

/** Any word; every keyword belongs to it, so that `person.in` stays a path. */
const Name = category('Name', 'a name');
const Comparison = category('Comparison', 'a comparison');
const Additive = category('Additive', '"+" or "-"');
const Multiplicative = category('Multiplicative', '"*", "/" or "%"');
const Negation = category('Negation', '"not"');
const Membership = category('Membership', '"in" or "notIn"');

const Identifier = createToken({
  name: 'Identifier',
  pattern: /[A-Za-z_@][A-Za-z0-9_@]*/,
  categories: [Name],
  label: 'a name',
});
const keyword = (word: string, more: readonly TokenType[] = []): TokenType =>
  createToken({
    name: `Keyword_${word}`,
    pattern: new RegExp(word, 'i'),
    longer_alt: Identifier,
    categories: [Name, ...more],
    label: `"${word}"`,
  });
const sign = (name: string, pattern: string, categories: TokenType[] = []): TokenType =>
  createToken({ name, pattern, categories, label: `"${pattern}"` });

const Text = createToken({
  name: 'Text',
  pattern: /"(?:[^"\\]|\\[\s\S])*"/,
  line_breaks: true,
  label: 'a text',
});
const Digits = createToken({
  name: 'Digits',
  pattern: /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![A-Za-z0-9_])/,
  label: 'a number',
});
const Space = createToken({ name: 'Space', pattern: /\s+/, group: Lexer.SKIPPED, line_breaks: true });

/** The words and signs of PQL. Those that no rule may hold yet are here too, so that they get a message. */
export const tokens = {
  Name,
  Comparison,
  Additive,
  Multiplicative,
  Negation,
  Membership,
  Space,
  Text,
  Digits,
  And: keyword('and'),
  Or: keyword('or'),
  NotIn: keyword('notIn', [Membership]),
  Not: keyword('not', [Negation]),
  In: keyword('in', [Membership]),
  Like: keyword('like'),
  True: keyword('true'),
  False: keyword('false'),
  Identifier,
  Parameter: createToken({ name: 'Parameter', pattern: /\$\d+/, label: 'a parameter' }),
  Arrow: sign('Arrow', '=>'),
  Equal: sign('Equal', '=', [Comparison]),
  NotEqual: sign('NotEqual', '!=', [Comparison]),
  GreaterOrEqual: sign('GreaterOrEqual', '>=', [Comparison]),
  Greater: sign('Greater', '>', [Comparison]),
  LessOrEqual: sign('LessOrEqual', '<=', [Comparison]),
  Less: sign('Less', '<', [Comparison]),
  Bang: sign('Bang', '!', [Negation]),
  Plus: sign('Plus', '+', [Additive]),
  Minus: sign('Minus', '-', [Additive]),
  Times: sign('Times', '*', [Multiplicative]),
  Divide: sign('Divide', '/', [Multiplicative]),
  Modulo: sign('Modulo', '%', [Multiplicative]),
  Dot: sign('Dot', '.'),
  Comma: sign('Comma', ','),
  Open: sign('Open', '('),
  Close: sign('Close', ')'),
  OpenList: sign('OpenList', '['),
  CloseList: sign('CloseList', ']'),
  Caret: sign('Caret', '^'),
  Colon: sign('Colon', ':'),
  Brace: createToken({ name: 'Brace', pattern: /[{}]/, label: 'a brace' }),
} as const;

const lexer = new Lexer(Object.values(tokens), { positionTracking: 'onlyOffset' });

/** The tokens of a rule, and where characters stand that begin none. */
export function tokenize(text: string): {
  readonly tokens: IToken[];
  readonly errors: readonly { readonly offset: number; readonly message: string }[];
} {
  const result = lexer.tokenize(text);
  return { tokens: result.tokens, errors: result.errors };
}
