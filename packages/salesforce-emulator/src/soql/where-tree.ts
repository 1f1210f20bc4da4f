import type { HavingClause, WhereClause } from '@jetstreamapp/soql-parser-js';
import { queryErrors } from './query-error.ts';

/** One comparison of a WHERE or HAVING clause as the parser hands it over. */
export type Condition = NonNullable<WhereClause['left']>;

/** A clause with its parentheses resolved. */
export type WhereTree =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly WhereTree[] }
  | { readonly kind: 'not'; readonly part: WhereTree }
  | { readonly kind: 'condition'; readonly condition: Condition };

type Token =
  | { readonly kind: '(' | ')' | 'AND' | 'OR' | 'NOT' }
  | { readonly kind: 'condition'; readonly condition: Condition };

const maxDepth = 100;

/** Reads the clause as a tree. Throws MALFORMED_QUERY where AND and OR meet without parentheses. */
export function buildWhereTree(where: WhereClause | HavingClause): WhereTree {
  const tokens = listTokens(where);
  let position = 0;
  let depth = 0;
  const next = (): Token | undefined => tokens[position];
  const unexpected = (token: Token | undefined): Error =>
    queryErrors.malformed(`unexpected token: '${token?.kind ?? '<EOF>'}'`);

  const group = (): WhereTree => {
    if (++depth > maxDepth) throw queryErrors.malformed('The query is nested too deeply.');
    const first = operand();
    const parts = [first];
    let operator: 'AND' | 'OR' | undefined;
    for (let token = next(); token?.kind === 'AND' || token?.kind === 'OR'; token = next()) {
      // Salesforce wants parentheses where AND and OR meet.
      if (operator !== undefined && operator !== token.kind) throw unexpected(token);
      operator = token.kind;
      position += 1;
      parts.push(operand());
    }
    depth -= 1;
    return operator === undefined ? first : { kind: operator === 'AND' ? 'and' : 'or', parts };
  };

  const operand = (): WhereTree => {
    const token = next();
    position += 1;
    if (token?.kind === 'NOT') {
      if (++depth > maxDepth) throw queryErrors.malformed('The query is nested too deeply.');
      const part = operand();
      depth -= 1;
      return { kind: 'not', part };
    }
    if (token?.kind === '(') {
      const inner = group();
      if (next()?.kind !== ')') throw unexpected(next());
      position += 1;
      return inner;
    }
    if (token?.kind !== 'condition') throw unexpected(token);
    return { kind: 'condition', condition: token.condition };
  };

  const tree = group();
  if (position < tokens.length) throw unexpected(next());
  return tree;
}

/** The parser hangs conditions on a chain and counts parentheses beside them; this lays them out in a row. */
function listTokens(where: WhereClause | HavingClause): Token[] {
  const tokens: Token[] = [];
  for (let clause: WhereClause | HavingClause | undefined = where; clause !== undefined; ) {
    const { left } = clause;
    const opened = left !== null && 'openParen' in left ? (left.openParen ?? 0) : 0;
    const closed = left !== null && 'closeParen' in left ? (left.closeParen ?? 0) : 0;
    for (let index = 0; index < opened; index++) tokens.push({ kind: '(' });
    if (left !== null && ('field' in left || 'fn' in left))
      tokens.push({ kind: 'condition', condition: left });
    for (let index = 0; index < closed; index++) tokens.push({ kind: ')' });
    if (!('operator' in clause)) break;
    tokens.push({ kind: clause.operator });
    clause = clause.right;
  }
  return tokens;
}
