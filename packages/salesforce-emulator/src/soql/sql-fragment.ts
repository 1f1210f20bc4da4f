/** SQL text with its parameters in order. */
export interface SqlFragment {
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
}

/** A condition that holds exactly where the given one does not, a null included. */
export const negate = ({ sql, parameters }: SqlFragment): SqlFragment => ({
  sql: `(not ifnull(${sql}, 0))`,
  parameters,
});

/** Joins conditions as a balanced tree: SQLite refuses expressions nested deeper than 1,000. */
export function combine(operator: 'and' | 'or', parts: readonly SqlFragment[]): SqlFragment {
  const [only] = parts;
  if (only === undefined) return { sql: operator === 'and' ? '1' : '0', parameters: [] };
  if (parts.length === 1) return only;
  const middle = parts.length >> 1;
  const left = combine(operator, parts.slice(0, middle));
  const right = combine(operator, parts.slice(middle));
  return {
    sql: `(${left.sql} ${operator} ${right.sql})`,
    parameters: [...left.parameters, ...right.parameters],
  };
}

/**
 * True, but ends the statement when its time is up. A look at the clock costs a call out of SQLite, so it is taken
 * once in 1,024 records.
 */
export const timeGuard = (alias: string): string => `("${alias}".rid & 1023 <> 0 or in_time())`;
