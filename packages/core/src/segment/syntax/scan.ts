import { type IToken, Lexer } from 'chevrotain';
import type { RuleProblem } from './rule-problem.ts';
import {
  Aggregate,
  And,
  Arrow,
  Caret,
  Comma,
  Comparison,
  Dot,
  Factor,
  ForeignSign,
  In,
  LeftBracket,
  LeftParen,
  Let,
  Like,
  Minus,
  Name,
  Not,
  NotIn,
  Or,
  Plus,
  pqlTokens,
  Quantifier,
  RightBracket,
  RightParen,
  Select,
  Text,
  UnclosedText,
  Unit,
} from './tokens.ts';

/** The most UTF-16 units a rule may have. */
export const maxRuleLength = 10_000;
/** The deepest nesting: brackets, `not`, arithmetic and calls that stand inside one another. */
export const maxRuleNesting = 100;

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
    message: `found ${JSON.stringify(text.slice(offset, offset + 1))}, which has no meaning in a rule`,
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

function foreignSign(token: IToken): string | undefined {
  if (token.tokenType === UnclosedText)
    return 'found text without its closing quote; expected " before the end of the line (a quote inside text is written \\")';
  if (token.tokenType !== ForeignSign) return undefined;
  const sign = token.image;
  if (sign.startsWith('==')) return `found "${sign}"; equality is written =`;
  if (sign.startsWith('&')) return `found "${sign}"; both conditions are joined with: and`;
  if (sign.startsWith('|')) return `found "${sign}"; alternatives are joined with: or`;
  if (sign === '<>') return 'found "<>"; inequality is written !=';
  return `found ${sign}; text is written between straight double quotes: "…"`;
}

/** What is known of one bracket level while its operands are read. */
type Level = {
  /** Constructs that go on to the end of the bracket: quantifiers, `select`, `let`, lambdas. */
  open: number;
  /** Prefixes, arithmetic operators and calls of the operand being read. */
  own: number;
  /** The deepest bracket closed inside that operand. */
  inner: number;
  /** The deepest operand completed. */
  deepest: number;
};

/**
 * The first token at which an upper bound of the tree's depth passes the limit. Known before parsing, so that
 * neither the parser nor any walker of the tree can overflow the stack.
 */
function firstTooDeep(tokens: readonly IToken[]): IToken | undefined {
  const outer: Level[] = [];
  let level: Level = { open: 0, own: 0, inner: 0, deepest: 0 };
  let outerDepth = 0;
  for (const [index, token] of tokens.entries()) {
    switch (kindOf(token, tokens[index + 1], tokens[index + 2])) {
      case 'open':
        if (token.tokenType === LeftBracket && endsOperand(tokens[index - 1])) level.own++;
        outer.push(level);
        outerDepth += level.open + level.own + 1;
        level = { open: 0, own: 0, inner: 0, deepest: 0 };
        break;
      case 'close': {
        const before = outer.pop();
        // More closed than opened: the parser says so.
        if (before === undefined) return undefined;
        outerDepth -= before.open + before.own + 1;
        before.inner = Math.max(
          before.inner,
          1 + level.open + level.deepest,
          1 + level.open + level.own + level.inner,
        );
        level = before;
        break;
      }
      case 'deeper':
        level.own++;
        break;
      case 'fresh':
        level = {
          open: level.open,
          own: 0,
          inner: 0,
          deepest: Math.max(level.deepest, level.own + level.inner),
        };
        break;
      case 'lasting':
        level.open++;
        break;
      case 'neutral':
        break;
    }
    if (outerDepth + level.open + level.own + level.inner > maxRuleNesting) return token;
  }
  return undefined;
}

/** Whether a bracket after it is a filter of what it ends, and so holds that, too. */
const endsOperand = (token: IToken | undefined): boolean =>
  token !== undefined &&
  (token.tokenType === RightBracket ||
    token.tokenType === RightParen ||
    token.tokenType === Text ||
    token.tokenType.CATEGORIES?.includes(Name) === true);

function kindOf(
  token: IToken,
  next: IToken | undefined,
  afterNext: IToken | undefined,
): 'open' | 'close' | 'deeper' | 'lasting' | 'fresh' | 'neutral' {
  switch (token.tokenType) {
    case LeftParen:
    case LeftBracket:
      return 'open';
    case RightParen:
    case RightBracket:
      return 'close';
    case Plus:
    case Minus:
    case Factor:
    case Unit:
    case Caret:
      return 'deeper';
    case Quantifier:
    case Select:
    case Aggregate:
    case Let:
      // A name like them that is only a field opens nothing.
      return next?.tokenType.CATEGORIES?.includes(Name) === true ? 'lasting' : 'neutral';
    case Arrow:
      return 'lasting';
    case Dot:
      return next !== undefined && afterNext?.tokenType === LeftParen ? 'deeper' : 'neutral';
    case And:
    case Or:
    case Comma:
      return 'fresh';
    // The left operand of a comparison is complete, but prefixes before it still hold the comparison.
    case Comparison:
    case In:
    case NotIn:
    case Like:
      return 'neutral';
    default:
      return token.tokenType.CATEGORIES?.includes(Not) === true ? 'deeper' : 'neutral';
  }
}
