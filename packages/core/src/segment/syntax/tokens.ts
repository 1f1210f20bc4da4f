import { createToken, Lexer, type TokenType } from 'chevrotain';

/**
 * The words and signs of PQL text. Keywords are read in any case (the documents write both `chain` and
 * `CHAIN`) and are ordinary names after a dot.
 */
export const Name = createToken({ name: 'Name', pattern: Lexer.NA });

/** Letters, digits and `_`; letters of other scripts as ranges, without × and ÷, since the lexer takes no `u` flag. */
export const Identifier = createToken({
  name: 'Identifier',
  pattern:
    /[A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u1fff\u3040-\ud7ff][\w\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u1fff\u3040-\ud7ff]*/,
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

/** `xEvent`. */
export const Events = keyword('Events', /xevent/i);
export const InstantWord = keyword('Instant', /now|today|yesterday|tomorrow/i);

/** A word that means something beside certain others and is an ordinary name elsewhere. */
const contextual = (name: string, pattern: RegExp): TokenType =>
  createToken({ name, pattern, longer_alt: Identifier, categories: [Identifier, Name] });

export const Quantifier = contextual('Quantifier', /exists|forall/i);
export const Select = contextual('Select', /select/i);
export const Aggregate = contextual('Aggregate', /sum|average|min|max|count/i);
export const Over = contextual('Over', /over/i);
export const From = contextual('From', /from/i);
export const Where = contextual('Where', /where/i);
export const Let = contextual('Let', /let/i);
export const Occurs = contextual('Occurs', /occurs/i);
export const Side = contextual('Side', /before|after/i);
export const Between = contextual('Between', /between/i);
export const On = contextual('On', /on/i);
export const Which = contextual('Which', /this|last|next/i);
export const Unit = contextual(
  'Unit',
  /(?:millisecond|second|minute|hour|day|week|month|year|decade)s?|century|centuries|millennium|millenniums|millennia/i,
);
export const Chain = contextual('Chain', /chain/i);
export const What = contextual('What', /what/i);
export const When = contextual('When', /when/i);

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

export const Arrow = createToken({ name: 'Arrow', pattern: '=>' });
export const Caret = createToken({ name: 'Caret', pattern: '^' });
export const Parameter = createToken({ name: 'Parameter', pattern: /\$\d+/ });
export const Colon = createToken({ name: 'Colon', pattern: ':' });
/** Habits of other languages, each answered with what PQL writes. */
export const ForeignSign = createToken({
  name: 'ForeignSign',
  pattern: /==+|&&?|\|\|?|<>|\/[/*]|[×÷]|['‘’“”„`]/,
});

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
  Events,
  InstantWord,
  Quantifier,
  Select,
  // Before `min`: a word that begins with another one is tried first.
  Unit,
  Aggregate,
  Over,
  From,
  Where,
  Let,
  Occurs,
  Side,
  Between,
  On,
  Which,
  Chain,
  What,
  When,
  Identifier,
  Text,
  UnclosedText,
  NumberLiteral,
  Arrow,
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
  Caret,
  Parameter,
  Colon,
  Name,
  Not,
];
