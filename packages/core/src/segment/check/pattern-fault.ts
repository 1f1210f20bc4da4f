import { RE2JS, RE2JSSyntaxException } from 're2js';
import { compilePattern, maxPattern } from '../evaluate/regex.ts';

/**
 * What is wrong with the regular expression of `matches` or `regexGroup`, or undefined. RE2JS runs in time linear in
 * the text and so knows no look-around, back-references and possessive quantifiers.
 */
export function findPatternFault(pattern: string): string | undefined {
  if (pattern.length > maxPattern)
    return `found a regular expression of ${pattern.length} characters; expected at most ${maxPattern}`;
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) return 'found a regular expression that is too large';
    const part = error.getPattern() ?? '';
    const at = part === '' ? -1 : pattern.indexOf(part);
    const place = at === -1 ? '' : ` at its character ${at + 1}`;
    return `found a regular expression that cannot be used: ${error.getDescription()}${place}${part === '' ? '' : ` (${part.slice(0, 40)})`}; look-around, back-references and possessive quantifiers are not known`;
  }
}

/** How many groups a pattern has; undefined where it has a fault. */
export const countGroups = (pattern: string): number | undefined => compilePattern(pattern)?.groupCount();
