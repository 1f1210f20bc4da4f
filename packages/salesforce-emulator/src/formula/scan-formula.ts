import { type IToken, Lexer } from 'chevrotain';
import { FormulaRefusal } from './formula-problem.ts';
import { BrokenText, formulaTokens, LeftParen, RightParen } from './tokens.ts';

/** The most characters a formula may have, as in Salesforce. */
const maxFormulaLength = 3900;
/** Brackets within brackets: what the parser's stack holds. */
const maxBrackets = 100;

const lexer = new Lexer(formulaTokens, { positionTracking: 'onlyOffset' });

const counted = (count: number): string => count.toLocaleString('en-US');

/** The signs of a formula; refuses what is too long or too deep to parse, and signs that mean nothing. */
export function scanFormula(text: string): IToken[] {
  if (text.length > maxFormulaLength)
    throw new FormulaRefusal(
      `Formula is too long (${counted(text.length)} characters).  Maximum length is ${counted(maxFormulaLength)} characters`,
      maxFormulaLength,
    );
  const { tokens, errors } = lexer.tokenize(text);
  const [error] = errors;
  const broken = tokens.find((token) => token.tokenType === BrokenText);
  if (error !== undefined && (broken === undefined || error.offset < broken.startOffset))
    throw new FormulaRefusal(syntaxError(text.charAt(error.offset)), error.offset);
  if (broken !== undefined) throw new FormulaRefusal(syntaxError(broken.image), broken.startOffset);
  let brackets = 0;
  for (const token of tokens) {
    if (token.tokenType === LeftParen) brackets++;
    else if (token.tokenType === RightParen) brackets--;
    if (brackets > maxBrackets)
      throw new FormulaRefusal(
        `The formula has more than ${maxBrackets} brackets within one another here`,
        token.startOffset,
        'unsupported',
      );
  }
  return tokens;
}

/** What Salesforce says of a sign where it does not belong. */
export const syntaxError = (found: string): string => `Syntax error.  Found '${found.slice(0, 100)}'`;
