import { type IParserErrorMessageProvider, type IToken, tokenLabel } from 'chevrotain';

/** A token as it is quoted in messages. */
const found = (token: IToken | undefined): string =>
  token === undefined || token.image === '' ? 'the end of the rule' : quoted(token.image);

const quoted = (text: string): string => `\`${text.length > 40 ? `${text.slice(0, 40)}…` : text}\``;

const value = 'an attribute, a value, a function or "("';

/** What the parser found and what it expected, in words of a person who writes rules. */
export const parseErrorMessages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, actual }) =>
    `found ${found(actual)}, expected ${tokenLabel(expected)}`,
  buildNotAllInputParsedMessage: ({ firstRedundant }) =>
    `found ${found(firstRedundant)}, expected "and", "or" or the end of the rule`,
  buildNoViableAltMessage: ({ actual }) => `found ${found(actual[0])}, expected ${value}`,
  buildEarlyExitMessage: ({ actual }) => `found ${found(actual[0])}, expected ${value}`,
};
