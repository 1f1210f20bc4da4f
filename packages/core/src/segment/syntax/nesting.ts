import type { IToken } from 'chevrotain';
import {
  Aggregate,
  And,
  Arrow,
  Caret,
  Comma,
  Comparison,
  Dot,
  Factor,
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
  Quantifier,
  RightBracket,
  RightParen,
  Select,
  Text,
  Unit,
} from './tokens.ts';

/** The deepest nesting: brackets, `not`, arithmetic and calls that stand inside one another. */
export const maxRuleNesting = 100;

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
export function firstTooDeep(tokens: readonly IToken[]): IToken | undefined {
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
