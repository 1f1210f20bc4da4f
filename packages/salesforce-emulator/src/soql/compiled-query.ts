import type { FieldDefinition } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import type { Expression } from './expression.ts';
import type { FieldPath } from './field-path.ts';
import type { SqlFragment } from './sql-fragment.ts';

/** SQL alias of the queried object's table. */
export const rootAlias = 't';

/** A field of the answer, under its own name or an alias. */
export interface SelectedField {
  readonly kind: 'field';
  readonly path: FieldPath;
  readonly name: string | undefined;
}

/** A list of child records in the answer, under the name of the relationship. */
export interface SelectedChildren {
  readonly kind: 'children';
  readonly name: string;
  /** The child's field that refers to the parent. */
  readonly reference: FieldDefinition;
  readonly query: CompiledQuery;
}

/** A column of an aggregate answer. */
export interface AggregateColumn {
  readonly name: string;
  readonly expression: Expression;
}

export type CompiledSelect =
  | { readonly kind: 'fields'; readonly items: readonly (SelectedField | SelectedChildren)[] }
  | { readonly kind: 'count' }
  | {
      readonly kind: 'aggregate';
      readonly columns: readonly AggregateColumn[];
      /** Empty for one row over everything. */
      readonly groupBy: readonly Expression[];
      readonly having: SqlFragment | undefined;
    };

/** A query ready to run. The root table has the alias `t`. */
export interface CompiledQuery {
  readonly object: ObjectType;
  readonly select: CompiledSelect;
  /** What the conditions, groups and order need beside the root table. */
  readonly joins: string;
  readonly where: SqlFragment;
  /** Terms of ORDER BY, empty for none. */
  readonly order: readonly string[];
  readonly limit: number | undefined;
  readonly offset: number;
}

/** `limit … offset …` of a query, at most `cap` rows. */
export function limitClause({ limit, offset }: CompiledQuery, cap?: number): string {
  if (limit === undefined && offset === 0 && cap === undefined) return '';
  return `limit ${Math.min(limit ?? Number.MAX_SAFE_INTEGER, cap ?? Number.MAX_SAFE_INTEGER)} offset ${offset}`;
}
