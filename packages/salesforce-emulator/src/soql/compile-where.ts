import type { WhereClause } from '@jetstreamapp/soql-parser-js';
import { apiErrors } from '../errors/api-error.ts';
import { compileComparison } from './compile-comparison.ts';
import type { PathScope } from './field-path.ts';
import { queryErrors } from './query-error.ts';
import type { SqlFragment } from './sql-fragment.ts';

type Condition = NonNullable<WhereClause['left']>;
type Token =
  | { readonly kind: '(' | ')' | 'AND' | 'OR' | 'NOT' }
  | { readonly kind: 'condition'; readonly condition: Condition };

const maxDepth = 200;

/** Compiles a WHERE clause. SOQL's conditions are true or false, never unknown: NOT of a null match is true. */
export function compileWhere(scope: PathScope, where: WhereClause): SqlFragment {
  const tokens = listTokens(where);
  let position = 0;
  let depth = 0;
  const next = (): Token | undefined => tokens[position];

  const group = (): SqlFragment => {
    if (++depth > maxDepth) throw queryErrors.malformed('The query is nested too deeply.');
    const parts = [operand()];
    let operator: 'AND' | 'OR' | undefined;
    for (let token = next(); token?.kind === 'AND' || token?.kind === 'OR'; token = next()) {
      // Salesforce wants parentheses where AND and OR meet.
      if (operator !== undefined && operator !== token.kind)
        throw queryErrors.malformed(`unexpected token: '${token.kind}'`);
      operator = token.kind;
      position += 1;
      parts.push(operand());
    }
    depth -= 1;
    if (operator === undefined) return parts[0] ?? { sql: '1', parameters: [] };
    return {
      sql: `(${parts.map((part) => part.sql).join(` ${operator} `)})`,
      parameters: parts.flatMap((part) => part.parameters),
    };
  };

  const operand = (): SqlFragment => {
    const token = next();
    position += 1;
    if (token?.kind === 'NOT') {
      const inner = operand();
      return { sql: `(not ifnull(${inner.sql}, 0))`, parameters: inner.parameters };
    }
    if (token?.kind === '(') {
      const inner = group();
      if (next()?.kind !== ')') throw queryErrors.malformed("unexpected token: '<EOF>'");
      position += 1;
      return inner;
    }
    if (token?.kind !== 'condition')
      throw queryErrors.malformed(`unexpected token: '${token?.kind ?? '<EOF>'}'`);
    return compileCondition(scope, token.condition);
  };

  const result = group();
  if (position < tokens.length) throw queryErrors.malformed(`unexpected token: '${next()?.kind}'`);
  return result;
}

/** The parser hangs conditions on a chain and counts parentheses beside them; this lays them out in a row. */
function listTokens(where: WhereClause): Token[] {
  const tokens: Token[] = [];
  for (let clause: WhereClause | undefined = where; clause !== undefined; ) {
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

function compileCondition(scope: PathScope, condition: Condition): SqlFragment {
  if ('fn' in condition) throw apiErrors.notImplemented('A function in a WHERE clause');
  if (!('field' in condition)) throw queryErrors.malformed("unexpected token: 'NOT'");
  if ('valueQuery' in condition) throw apiErrors.notImplemented('A subquery in a WHERE clause');
  if ('dateLiteralVariable' in condition || condition.literalType === 'DATE_LITERAL')
    throw apiErrors.notImplemented(`The date literal ${String(condition.value)}`);
  const kinds = [condition.literalType ?? 'STRING'].flat();
  const texts = [condition.value].flat();
  const literals = texts.map((text, index) => ({ text, kind: kinds[index] ?? kinds[0] ?? 'STRING' }));
  return compileComparison(scope, condition.field, condition.operator, literals);
}
