import { compilePattern, type TextFault } from '../evaluate/regex.ts';

export type { TextFault };

/** What is wrong with a regular expression, or undefined. */
export function findPatternFault(pattern: string): TextFault | undefined {
  const found = compilePattern(pattern);
  return 'fault' in found ? found.fault : undefined;
}

/** What is wrong with one whose groups are read, or undefined. */
export function findGroupsFault(pattern: string): TextFault | undefined {
  const found = compilePattern(pattern);
  if ('fault' in found) return found.fault;
  const at = found.pattern.translated.emptyRepeatedAt;
  if (at === undefined) return undefined;
  return {
    message:
      'found a repetition of what can be empty, so that it is open what a group holds; expected something in it that is always there, such as (a+)* for (a*)*',
    at,
  };
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
export function countGroups(pattern: string): number | undefined {
  const found = compilePattern(pattern);
  return 'fault' in found ? undefined : found.pattern.translated.groups.length;
}
