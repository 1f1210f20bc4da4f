import type { IToken } from 'chevrotain';
import { childrenOf, type PqlNode } from './ast.ts';
import { parseTokens } from './parser.ts';
import { type RuleFault, ruleError } from './rule-errors.ts';
import { unknownEscapeAt } from './text-literal.ts';
import { tokenize, tokens } from './tokens.ts';
import { findUnsupported } from './unsupported.ts';

/** Longest rule, in characters. */
const longestRule = 10_000;
/** Deepest nesting, of brackets in the text and of nodes in the tree. */
const deepestNesting = 100;

/**
 * The tree of a PQL rule. Throws `invalid_input` with positions for text that is no PQL, is too long or too
 * deep, or uses parts of PQL that are not supported yet.
 */
export function parsePql(text: string): PqlNode {
  if (text.length > longestRule)
    throw ruleError('', [
      { position: 0, message: `found ${text.length} characters, expected at most ${longestRule}` },
    ]);
  const lexed = tokenize(text);
  if (lexed.errors.length > 0)
    throw ruleError(
      text,
      lexed.errors.map(({ offset }) => ({ position: offset, message: unknownCharacter(text, offset) })),
    );
  const faults = [...findUnsupported(lexed.tokens), ...findUnknownEscapes(lexed.tokens)];
  if (faults.length > 0) throw ruleError(text, faults);
  const tooDeep = tooDeepBracket(lexed.tokens);
  if (tooDeep !== undefined) throw ruleError(text, [nestingFault(tooDeep)]);
  const parsed = parseTokens(lexed.tokens, text.length);
  if ('fault' in parsed) throw ruleError(text, [parsed.fault]);
  const deepNode = tooDeepNode(parsed.node);
  if (deepNode !== undefined) throw ruleError(text, [nestingFault(deepNode)]);
  return parsed.node;
}

const nestingFault = (position: number): RuleFault => ({
  position,
  message: `found nesting deeper than ${deepestNesting}, expected fewer brackets, signs or terms inside each other`,
});

function unknownCharacter(text: string, offset: number): string {
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  if (character === '"') return 'found a text without an end, expected a closing "';
  if (character === "'") return 'found \', expected " around a text';
  return `found ${JSON.stringify(character)}, expected an attribute, a value or a sign of PQL`;
}

function findUnknownEscapes(rule: readonly IToken[]): readonly RuleFault[] {
  return rule.flatMap(({ tokenType, startOffset, image }) => {
    const at = tokenType === tokens.Text ? unknownEscapeAt(image) : -1;
    if (at < 0) return [];
    return [
      {
        position: startOffset + at,
        message: `found ${image.slice(at, at + 2)} in a text, expected \\\\ for a backslash or one of \\" \\n \\r \\t \\b \\f \\/ \\u0000`,
      },
    ];
  });
}

/** The first bracket inside too many others: the parser calls itself for each. */
function tooDeepBracket(rule: readonly IToken[]): number | undefined {
  let depth = 0;
  for (const { tokenType, startOffset } of rule) {
    if (tokenType === tokens.Open || tokenType === tokens.OpenList) depth += 1;
    if (tokenType === tokens.Close || tokenType === tokens.CloseList) depth -= 1;
    if (depth > deepestNesting) return startOffset;
  }
  return undefined;
}

/** The first node inside too many others (`a - a - a ...` nests too), without calling itself. */
function tooDeepNode(root: PqlNode): number | undefined {
  let level: readonly PqlNode[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepestNesting) return level[0]?.position;
    level = level.flatMap(childrenOf);
  }
  return undefined;
}
