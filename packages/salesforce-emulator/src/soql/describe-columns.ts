import type { JsonObject, JsonValue } from '../json.ts';
import type { FieldType } from '../schema/field.ts';
import type { AggregateColumn, CompiledQuery, SelectedChildren, SelectedField } from './compiled-query.ts';

const apexTypes: Partial<Record<FieldType, string>> = {
  id: 'Id',
  reference: 'Id',
  boolean: 'Boolean',
  int: 'Integer',
  double: 'Double',
  currency: 'Double',
  percent: 'Double',
  date: 'Date',
  datetime: 'Datetime',
  address: 'Address',
};
const numberTypes: ReadonlySet<string> = new Set(['Integer', 'Double']);

/**
 * The columns of a query's result, as `columns=true` answers them. Keys as recorded by Salesforce's command-line
 * client (plugin-data, queryFields exemplars).
 */
export function describeColumns(query: CompiledQuery): JsonObject {
  const { object, select } = query;
  const isGrouped = select.kind === 'aggregate' && select.groupBy.length > 0;
  return {
    columnMetadata: columnsOf(query),
    entityName: object.name,
    groupBy: isGrouped,
    idSelected:
      select.kind === 'fields' &&
      select.items.some(
        (item) => item.kind === 'field' && item.path.field.type === 'id' && item.path.steps.length === 0,
      ),
    keyPrefix: object.keyPrefix,
  };
}

function columnsOf({ select }: CompiledQuery): readonly JsonObject[] {
  if (select.kind === 'count') return [];
  if (select.kind === 'aggregate') return select.columns.map(aggregateColumn);
  return nest(select.items.map((item) => ({ item, depth: 0 })));
}

interface Place {
  readonly item: SelectedField | SelectedChildren;
  readonly depth: number;
}

/** Fields of the same parent become one column that holds theirs, where the first of them stands. */
function nest(places: readonly Place[]): readonly JsonObject[] {
  const columns: JsonObject[] = [];
  const seen = new Set<string>();
  for (const { item, depth } of places) {
    if (item.kind === 'children') {
      columns.push(column({ name: item.name, aggregate: true, join: columnsOf(item.query) }));
      continue;
    }
    const step = item.name === undefined ? item.path.steps[depth] : undefined;
    if (step === undefined) {
      columns.push(fieldColumn(item));
      continue;
    }
    if (seen.has(step.alias)) continue;
    seen.add(step.alias);
    const inside = places
      .filter((other) => other.item.kind === 'field' && other.item.path.steps[depth]?.alias === step.alias)
      .map((other) => ({ item: other.item, depth: depth + 1 }));
    columns.push(
      column({
        name: step.reference.relationshipName ?? '',
        foreignKey: step.reference.name,
        custom: step.reference.custom,
        join: nest(inside),
      }),
    );
  }
  return columns;
}

const fieldColumn = ({ path: { field }, name }: SelectedField): JsonObject =>
  column({
    name: name ?? field.name,
    type: apexTypes[field.type] ?? 'String',
    custom: field.custom,
    insertable: field.createable,
    updatable: field.updateable,
  });

function aggregateColumn({ name, expression }: AggregateColumn): JsonObject {
  const { kind, path, text, type } = expression;
  if (kind === 'field') return fieldColumn({ kind, path, name: name === path.field.name ? undefined : name });
  const isNumber = numberTypes.has(apexTypes[type] ?? 'String');
  // Recorded in lower case: `avg(Amount)`.
  const display = text.replace(/^\w+/, (word) => word.toLowerCase());
  return { ...column({ name, aggregate: true }), displayName: display, numberType: isNumber };
}

interface Column {
  readonly name: string;
  readonly aggregate?: boolean;
  readonly type?: string;
  readonly custom?: boolean;
  readonly foreignKey?: string;
  readonly insertable?: boolean;
  readonly updatable?: boolean;
  readonly join?: readonly JsonValue[];
}

const column = (given: Column): JsonObject => ({
  aggregate: given.aggregate ?? false,
  apexType: given.type ?? null,
  booleanType: given.type === 'Boolean',
  columnName: given.name,
  custom: given.custom ?? false,
  displayName: given.name,
  foreignKeyName: given.foreignKey ?? null,
  insertable: given.insertable ?? false,
  joinColumns: given.join ?? [],
  numberType: numberTypes.has(given.type ?? ''),
  textType: given.type === 'String',
  updatable: given.updatable ?? false,
});
