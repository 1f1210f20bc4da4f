import type { FieldDefinition } from '../schema/field.ts';
import type { MatchMethod } from '../schema/match-key.ts';
import type { ObjectType } from '../schema/object-type.ts';
import type { Database, Row } from './database.ts';
import { columnOf, tableOf } from './record-table.ts';

/** A column compared by a matching method. */
export interface MatchColumn {
  readonly field: FieldDefinition;
  readonly method: MatchMethod;
}

const expression = ({ field, method }: MatchColumn): string => `match_key('${method}', ${columnOf(field)})`;

/** Makes records findable by what these columns match by. */
export function ensureMatchIndex(
  database: Database,
  object: ObjectType,
  columns: readonly MatchColumn[],
): void {
  const name = columns.map(({ field, method }) => `${field.name}:${method}`).join('~');
  database.exec(
    `create index if not exists "${object.name}~${name}" on ${tableOf(object)} (${columns.map(expression).join(', ')})`,
  );
}

/** Live records whose columns match by these keys, oldest first; a null key finds blank values. */
export function findMatches(
  database: Database,
  object: ObjectType,
  columns: readonly MatchColumn[],
  keys: readonly (string | null)[],
  limit: number,
): readonly Row[] {
  const conditions = columns.map((column) => `${expression(column)} is ?`).join(' and ');
  const sql = `select * from ${tableOf(object)} where ${conditions} and IsDeleted = 0 order by rid limit ${limit}`;
  return database.prepare(sql).all(...keys);
}
