import { createToken, Lexer, type TokenType } from 'chevrotain';

/**
 * The words and signs of PQL text. Keywords are read in any case (the documents write both `chain` and
 * `CHAIN`) and are ordinary names after a dot.
 */
export const Name = createToken({ name: 'Name', pattern: Lexer.NA });

/** Letters, digits and `_`; letters of other scripts as ranges, since the lexer takes no `u` flag. */
export const Identifier = createToken({
  name: 'Identifier',
  pattern: /[A-Za-z_\u00c0-\u024f\u0370-\u1fff\u3040-\ud7ff][\w\u00c0-\u024f\u0370-\u1fff\u3040-\ud7ff]*/,
  categories: [Name],
});

const keyword = (name: string, pattern: RegExp): TokenType =>
  createToken({ name, pattern, longer_alt: Identifier, categories: [Name] });

export const And = keyword('And', /and/i);
export const Or = keyword('Or', /or/i);
export const In = keyword('In', /in/i);
export const NotIn = keyword('NotIn', /notin/i);
export const Like = keyword('Like', /like/i);
export const True = keyword('True', /true/i);
export const False = keyword('False', /false/i);

/** `not` and `!`, the same operator. */
export const Not = createToken({ name: 'Not', pattern: Lexer.NA });
const notWord = createToken({
  name: 'NotWord',
  pattern: /not/i,
  longer_alt: Identifier,
  categories: [Name, Not],
});
const bang = createToken({ name: 'Bang', pattern: '!', categories: [Not] });

export const Text = createToken({ name: 'Text', pattern: /"(?:[^"\\\r\n]|\\.)*"/ });
/** Tried after `Text`, so that a missing quote costs one pass over the line and not one per quote. */
export const UnclosedText = createToken({ name: 'UnclosedText', pattern: /"(?:[^"\\\r\n]|\\.)*\\?/ });
export const NumberLiteral = createToken({ name: 'Number', pattern: /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/ });

export const Comparison = createToken({ name: 'Comparison', pattern: /!=|>=|<=|=|>|</ });
export const Minus = createToken({ name: 'Minus', pattern: '-' });
export const Plus = createToken({ name: 'Plus', pattern: '+' });
export const Factor = createToken({ name: 'Factor', pattern: /[*/%]/ });
export const LeftParen = createToken({ name: 'LeftParen', pattern: '(' });
export const RightParen = createToken({ name: 'RightParen', pattern: ')' });
export const LeftBracket = createToken({ name: 'LeftBracket', pattern: '[' });
export const RightBracket = createToken({ name: 'RightBracket', pattern: ']' });
export const Comma = createToken({ name: 'Comma', pattern: ',' });
export const Dot = createToken({ name: 'Dot', pattern: '.' });

/** Documented signs outside today's scope: `=>`, `^`, `$1`, and the `:` of `exists … : …`. */
export const UnsupportedSign = createToken({ name: 'UnsupportedSign', pattern: /=>|\^+|\$\d*|:/ });
/** Habits of other languages, each answered with what PQL writes. */
export const ForeignSign = createToken({ name: 'ForeignSign', pattern: /==+|&&?|\|\|?|<>|['‘’“”„`]/ });

const whitespace = createToken({ name: 'Whitespace', pattern: /\s+/, group: Lexer.SKIPPED });

/** In the order in which the lexer tries them. */
export const pqlTokens: readonly TokenType[] = [
  whitespace,
  NotIn,
  notWord,
  And,
  Or,
  In,
  Like,
  True,
  False,
  Identifier,
  Text,
  UnclosedText,
  NumberLiteral,
  UnsupportedSign,
  ForeignSign,
  Comparison,
  bang,
  Minus,
  Plus,
  Factor,
  LeftParen,
  RightParen,
  LeftBracket,
  RightBracket,
  Comma,
  Dot,
  Name,
  Not,
];
