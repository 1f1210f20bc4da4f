import { RE2JS, RE2JSSyntaxException } from 're2js';
import { compilePattern, maxInstructions, maxPattern } from '../evaluate/regex.ts';

/** What is wrong with a text that stands in a rule, and with which of its characters (UTF-16, from zero). */
export type TextFault = { readonly message: string; readonly at?: number };

/**
 * What is wrong with the regular expression of `matches` or `regexGroup`, or undefined. RE2JS runs in time linear in
 * the text and so knows no look-around, back-references and possessive quantifiers.
 */
export function findPatternFault(pattern: string): TextFault | undefined {
  if (pattern.length > maxPattern)
    return {
      message: `found a regular expression of ${pattern.length} characters; expected at most ${maxPattern}`,
    };
  try {
    const size = RE2JS.compile(pattern).programSize();
    if (size <= maxInstructions) return undefined;
    return {
      message: `found a regular expression that takes ${size} steps once its repetitions are written out; expected at most ${maxInstructions}; repeat less, or something smaller`,
    };
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException))
      return { message: 'found a regular expression that is too large' };
    const part = error.getPattern() ?? '';
    const at = Math.max(0, pattern.indexOf(part));
    const shown = part === '' ? '' : ` (${part.slice(0, 40)})`;
    return {
      message: `found a regular expression that cannot be used: ${error.getDescription()}${shown}; look-around, back-references and possessive quantifiers are not known`,
      at,
    };
  }
}

/** Where a character of a text literal stands in the rule; the literal begins at `start` with its quote. */
export function offsetInLiteral(rule: string, start: number, character: number): number {
  let offset = start + 1;
  for (let index = 0; index < character; index++) {
    const isEscaped = rule[offset] === '\\';
    offset += isEscaped ? (rule[offset + 1] === 'u' ? 6 : 2) : 1;
  }
  return offset;
}

/** How many groups a pattern has; undefined where it has a fault. */
export const countGroups = (pattern: string): number | undefined => compilePattern(pattern)?.re2.groupCount();
