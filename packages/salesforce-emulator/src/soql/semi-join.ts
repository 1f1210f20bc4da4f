import type { Query } from '@jetstreamapp/soql-parser-js';
import { findObject } from '../schema/catalog.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { columnOf, tableOf } from '../store/record-table.ts';
import { type FieldPath, type PathScope, resolvePath, sqlColumn } from './field-path.ts';
import { queryErrors } from './query-error.ts';
import { type SqlFragment, timeGuard } from './sql-fragment.ts';

/** Where a sub-select stands: joined with AND only, under an OR, deeper below one, or in another sub-select. */
export type SemiJoinPlace = 'top' | 'or' | 'nested' | 'inside';

/** A checked `Id IN (SELECT AccountId FROM Contact WHERE …)`. */
export interface SemiJoin {
  readonly left: FieldPath;
  readonly object: ObjectType;
  readonly objectAlias: string | undefined;
  readonly selected: FieldPath;
}

const alias = 's';

/** The scope names inside the sub-select are resolved in. */
export const semiJoinScope = (
  scope: PathScope,
  join: Pick<SemiJoin, 'object' | 'objectAlias'>,
): PathScope => ({
  ...scope,
  object: join.object,
  objectAlias: join.objectAlias,
  alias,
});

/** Checks a sub-select against the rules for them. Source: "Comparison Operators", SOQL and SOSL Reference. */
export function checkSemiJoin(
  scope: PathScope,
  leftText: string,
  query: Query,
  place: SemiJoinPlace,
): SemiJoin {
  const { soql } = scope;
  const fail = (message: string): Error => queryErrors.malformedAt(soql, leftText, message);
  if (place === 'inside') throw fail('Nesting of semi join sub-selects is not supported');
  if (place === 'or') throw fail("Semi join sub-selects are not allowed with the 'OR' operator");
  if (place === 'nested')
    throw fail('Semi join sub-selects are only allowed at the top level WHERE expressions');
  const left = resolvePath(scope, leftText);
  const object = findObject(scope.catalog, query.sObject ?? '');
  if (object === undefined) throw queryErrors.unknownObject(soql, query.sObject ?? '');
  if (left.steps.length > 0 || !isIdField(left))
    throw fail(`The left operand of a semi join must be an id field of the object itself: '${leftText}'`);
  if (query.limit ?? query.offset ?? query.orderBy ?? query.groupBy ?? query.having)
    throw fail('Semi join sub-selects cannot have LIMIT, OFFSET, ORDER BY, GROUP BY or HAVING');
  const [field] = query.fields ?? [];
  const isName = field?.type === 'Field' || field?.type === 'FieldRelationship';
  const text = isName
    ? ('rawValue' in field && field.rawValue) || ('field' in field && field.field) || ''
    : '';
  if (query.fields?.length !== 1 || text === '')
    throw fail('Semi join sub-selects can only query one id field');
  const selected = resolvePath(semiJoinScope(scope, { object, objectAlias: query.sObjectAlias }), text);
  if (selected.steps.length > 0 || !isIdField(selected))
    throw fail(`Semi join sub-selects can only query id fields, cannot use: '${text}'`);
  if (object.name === scope.object.name)
    throw fail('The inner and outer selects should not be on the same object type');
  const targets = targetsOf(left);
  if (!targetsOf(selected).some((target) => targets.includes(target)))
    throw fail(
      `The selected field '${selected.field.name}' in the subquery and the left operand field in the where expression in the outer query '${left.field.name}' should point to the same object type`,
    );
  return { left, object, objectAlias: query.sObjectAlias, selected };
}

const isIdField = ({ field }: FieldPath): boolean => field.type === 'id' || field.type === 'reference';
const targetsOf = ({ field, object }: FieldPath): readonly string[] =>
  field.type === 'id' ? [object.name] : field.referenceTo;

/** The SQL of a semi-join with its compiled inner WHERE. Deleted records join nothing. */
export function semiJoinFragment(
  { left, object, selected }: SemiJoin,
  where: SqlFragment | undefined,
): SqlFragment {
  const value =
    left.field.type === 'id'
      ? selected.field.type === 'id'
        ? sqlColumn(selected)
        : `record_number(${sqlColumn(selected)}, '${left.object.keyPrefix}')`
      : selected.field.type === 'id'
        ? `record_id('${object.keyPrefix}', ${sqlColumn(selected)})`
        : sqlColumn(selected);
  const given = selected.field.type === 'id' ? '' : ` and "${alias}".${columnOf(selected.field)} is not null`;
  const condition = where === undefined ? '' : ` and ${where.sql}`;
  return {
    sql: `${sqlColumn(left)} in (select ${value} from ${tableOf(object)} as "${alias}" where ${timeGuard(alias)} and "${alias}".IsDeleted = 0${given}${condition})`,
    parameters: where?.parameters ?? [],
  };
}
