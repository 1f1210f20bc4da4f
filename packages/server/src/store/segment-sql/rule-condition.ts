import type { SegmentRule } from '@headrace/core';
import type { EventColumns } from './event-columns.ts';
import type { Parameters } from './parameters.ts';

export type RuleNode = SegmentRule['ast'];
export type RuleNodeOf<Kind extends RuleNode['kind']> = Extract<RuleNode, { readonly kind: Kind }>;
type PathRoot = RuleNodeOf<'path'>['root'];

/** What the names of a rule stand for at some place: the document of a row. */
export type RowScope = {
  readonly document: 'p.document' | 'e.document';
  readonly isRoot: (root: PathRoot) => boolean;
};

/** One translation in progress, at one place of the rule. */
export type Translating = {
  readonly types: SegmentRule['types'];
  readonly now: Date;
  readonly parameters: Parameters;
  readonly columns: EventColumns;
  readonly row: RowScope;
  /** Undefined: it cannot be said in SQL. A member, so that the modules for kinds of nodes need not import one another. */
  readonly translate: (node: RuleNode, translating: Translating, bound: Bound) => Condition;
};

/**
 * A condition that is never null. One that is not exact is true for more rows than the rule (`upper`) or for fewer
 * (`lower`).
 */
export type Condition = {
  readonly sql: string;
  readonly isExact: boolean;
  /** It is false for a profile without the events that are counted. */
  readonly needsEvents?: boolean;
};
export type Bound = 'upper' | 'lower';

export const exact = (sql: string): Condition => ({ sql, isExact: true });

/** Of what SQL cannot say. */
export const unknownCondition = (bound: Bound): Condition => ({
  sql: bound === 'upper' ? 'true' : 'false',
  isExact: false,
});

export const opposite = (bound: Bound): Bound => (bound === 'upper' ? 'lower' : 'upper');

export const allOf = (conditions: readonly Condition[]): Condition =>
  joined(conditions, 'and', 'true', 'false');
export const anyOf = (conditions: readonly Condition[]): Condition =>
  joined(conditions, 'or', 'false', 'true');

function joined(
  conditions: readonly Condition[],
  operator: 'and' | 'or',
  neutral: string,
  decisive: string,
): Condition {
  const isExact = conditions.every((condition) => condition.isExact);
  const sql = [...new Set(conditions.map((condition) => condition.sql))].filter((part) => part !== neutral);
  if (sql.includes(decisive)) return { sql: decisive, isExact };
  const need = ({ needsEvents }: Condition) => needsEvents === true;
  const needsEvents = operator === 'and' ? conditions.some(need) : sql.length > 0 && conditions.every(need);
  if (sql.length < 2) return { sql: sql[0] ?? neutral, isExact, needsEvents };
  return { sql: `(${sql.join(` ${operator} `)})`, isExact, needsEvents };
}
