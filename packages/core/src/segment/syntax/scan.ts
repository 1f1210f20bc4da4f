import { type IToken, Lexer } from 'chevrotain';
import { firstTooDeep, maxRuleNesting } from './nesting.ts';
import type { RuleProblem } from './rule-problem.ts';
import { ForeignSign, pqlTokens, UnclosedText } from './tokens.ts';

/** The most UTF-16 units a rule may have. */
export const maxRuleLength = 10_000;
const lexer = new Lexer([...pqlTokens], { positionTracking: 'onlyOffset' });

/** The tokens of a rule, or everything that makes it useless before its grammar is looked at. */
export function scanRule(
  text: string,
):
  | { readonly tokens: IToken[]; readonly problems?: undefined }
  | { readonly problems: readonly RuleProblem[] } {
  if (text.length > maxRuleLength)
    return problem(
      maxRuleLength,
      `the rule has ${text.length} characters; expected at most ${maxRuleLength}. Split it into several segments`,
    );
  const { tokens, errors } = lexer.tokenize(text);
  const problems: RuleProblem[] = errors.map(({ offset }) => ({
    offset,
    message: noMeaning(String.fromCodePoint(text.codePointAt(offset) ?? 0)),
  }));
  for (const token of tokens) {
    const message = foreignSign(token);
    if (message !== undefined) problems.push({ offset: token.startOffset, message });
    // What follows an unclosed quote was meant as text.
    if (token.tokenType === UnclosedText) return { problems };
  }
  if (problems.length > 0) return { problems };
  const tooDeep = firstTooDeep(tokens);
  if (tooDeep !== undefined)
    return problem(tooDeep.startOffset, `the rule is nested more than ${maxRuleNesting} levels deep here`);
  return { tokens };
}

const problem = (offset: number, message: string): { problems: readonly RuleProblem[] } => ({
  problems: [{ offset, message }],
});

/** An accent of its own is shown by its number: alone it cannot be seen. */
function noMeaning(sign: string): string {
  const number = `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return /\p{Mark}/u.test(sign)
    ? `found an accent of its own (${number}); letters of names are written as one character each, such as é (Unicode NFC)`
    : `found ${JSON.stringify(sign)}${sign > '~' ? ` (${number})` : ''}, which has no meaning in a rule`;
}

function foreignSign(token: IToken): string | undefined {
  if (token.tokenType === UnclosedText)
    return 'found text without its closing quote; expected " before the end of the line (a quote inside text is written \\")';
  if (token.tokenType !== ForeignSign) return undefined;
  const sign = token.image;
  if (sign.startsWith('==')) return `found "${sign}"; equality is written =`;
  if (sign.startsWith('&')) return `found "${sign}"; both conditions are joined with: and`;
  if (sign.startsWith('|')) return `found "${sign}"; alternatives are joined with: or`;
  if (sign.startsWith('/')) return `found "${sign}"; a rule has no comments`;
  if (sign === '×' || sign === '÷') return `found ${sign}; computing is written with * and /`;
  if (sign === '<>') return 'found "<>"; inequality is written !=';
  return `found ${sign}; text is written between straight double quotes: "…"`;
}
