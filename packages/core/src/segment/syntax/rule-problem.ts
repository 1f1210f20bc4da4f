import { type HeadraceError, invalidInput } from '../../errors/headrace-error.ts';

/** One thing wrong with a rule, at a zero-based UTF-16 offset of its text. */
export type RuleProblem = { readonly offset: number; readonly message: string };

/** What carries a segment rule when the caller names nothing else: the `value` of a definition's expression. */
export const defaultRulePointer = '/expression';

/** The one-based line and column of an offset; a column counts UTF-16 units, as editors do. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (
    let index = text.indexOf('\n');
    index !== -1 && index < offset;
    index = text.indexOf('\n', index + 1)
  ) {
    line++;
    lineStart = index + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

/** Details one error carries at most: a rule of noise shall not answer with a page of it. */
export const maxDetails = 20;

/** The error for a rule that cannot be used: one detail per problem, in the order of the text. */
export function ruleError(text: string, problems: readonly RuleProblem[], pointer: string): HeadraceError {
  const details = [...problems]
    .sort((a, b) => a.offset - b.offset)
    .slice(0, maxDetails)
    .map(({ offset, message }) => {
      const { line, column } = lineAndColumn(text, offset);
      return { pointer, position: offset, message: `Line ${line}, column ${column}: ${message}` };
    });
  const count =
    problems.length === 1
      ? 'The segment rule has an error.'
      : `The segment rule has ${problems.length} errors; the first:`;
  return invalidInput(`${count} ${details[0]?.message ?? ''}`, details);
}
