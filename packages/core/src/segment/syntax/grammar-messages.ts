import { EOF, type IParserErrorMessageProvider, type IToken, type TokenType } from 'chevrotain';
import { And, Comparison, From, In, NumberLiteral, Over, Text, Unit, What } from './tokens.ts';

const found = (token: IToken): string =>
  token.tokenType === EOF
    ? 'found the end of the rule'
    : token.tokenType === Text
      ? 'found text'
      : `found "${token.image.slice(0, 40)}"`;

const afterOperand = 'an operator such as =, in or and';

/** Tokens that are words or of many shapes, as a rule writes them. */
const written: ReadonlyMap<TokenType, string> = new Map([
  [And, 'and'],
  [Comparison, '='],
  [From, 'from'],
  [In, 'in'],
  [Over, 'over'],
  [NumberLiteral, 'a whole number'],
  [Unit, 'a unit of time, such as days or hours'],
  [What, 'WHAT(condition) or not WHAT(condition)'],
]);

/** What stands after a value in other languages, and how PQL writes it. */
function habit({ image }: IToken): string {
  switch (image.toLowerCase()) {
    case 'not':
      return '. What is not in a list is written notIn; any other not stands before its condition';
    case 'is':
      return '. Whether there is a value is written .isNull() or .isNotNull(); equality is =';
    default:
      return '';
  }
}

/** What the parser says at the token where a rule stops being one: what was found, what was expected. */
export const grammarMessages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, actual }) => {
    const sign = typeof expected.PATTERN === 'string' ? expected.PATTERN : undefined;
    return `${found(actual)}; expected ${written.get(expected) ?? (sign === undefined ? 'the name of a field or function' : `"${sign}"`)}${habit(actual)}`;
  },
  buildNotAllInputParsedMessage: ({ firstRedundant }) =>
    `${found(firstRedundant)}; expected ${afterOperand}, or the end of the rule${habit(firstRedundant)}`,
  buildNoViableAltMessage: ({ actual, customUserDescription }) => {
    const [token] = actual;
    if (customUserDescription !== undefined && token !== undefined)
      return `${found(token)}; expected ${customUserDescription}`;
    return `${token === undefined ? 'found nothing' : found(token)}; expected a value: a field, text in double quotes, a number, true, false, a date(…), a list […] or a condition in parentheses`;
  },
  buildEarlyExitMessage: ({ actual }) => {
    const [token] = actual;
    return `${token === undefined ? 'found nothing' : found(token)}; expected at least one, such as C0: WHAT(condition)`;
  },
};
