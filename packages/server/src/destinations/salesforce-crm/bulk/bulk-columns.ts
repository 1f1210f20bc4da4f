import type { BulkOrder, DeliveryItem, EncodedRecord, RecordFields } from '@headrace/core';
import { matchFieldOf } from '../records/match-field.ts';
import { objectOfId } from '../records/record-id.ts';
import { toCell } from './csv-cell.ts';

/** Characters of one row. Source: Bulk API limits. */
const longestRow = 400_000;

/** The column by which Salesforce finds the record of a row, and by which its result is told from others. */
export const keyColumnOf = (order: Pick<BulkOrder, 'object' | 'group' | 'details'>): string =>
  order.group === 'update' ? 'Id' : matchFieldOf(order);

/** The columns of a job, its key first. */
const columnsOf = (order: BulkOrder): readonly string[] => {
  const key = keyColumnOf(order);
  return [key, ...order.fields.filter((name) => name !== key)];
};

export const encodeHeader = (order: BulkOrder): string => `${columnsOf(order).join(',')}\n`;

/**
 * A row of a job. Cells of fields that the record does not carry stay empty, which leaves them in Salesforce as they
 * are; null is written as such.
 * @returns undefined for a record that a row cannot carry as JSON would
 */
export function encodeRow(order: BulkOrder, item: DeliveryItem): EncodedRecord | undefined {
  const columns = columnsOf(order);
  const [keyColumn = ''] = columns;
  const key = keyOf(order, keyColumn, item);
  // A Lead that was converted is its Contact, which no job of Leads can write.
  if (key === undefined || (order.group === 'update' && (objectOfId(key) ?? order.object) !== order.object))
    return undefined;
  const known = new Set(columns);
  if (Object.keys(item.fields).some((name) => !known.has(name))) return undefined;
  const cells: string[] = [];
  for (const column of columns) {
    const cell = column === keyColumn ? toCell(key) : cellOf(item.fields, column);
    if (cell === undefined) return undefined;
    cells.push(cell);
  }
  const text = `${cells.join(',')}\n`;
  return text.length > longestRow ? undefined : { rowKey: toRowKey(order, key), text };
}

function keyOf(order: BulkOrder, column: string, { fields, matchKey, recordId }: DeliveryItem) {
  const key = order.group === 'update' ? recordId : String(fields[column] ?? matchKey);
  return key === null || key === '' ? undefined : key;
}

const cellOf = (fields: RecordFields, column: string): string | undefined => {
  const value = fields[column];
  return value === undefined ? '' : toCell(value);
};

/** Result files repeat keys as they were sent; ids may come back in their other length. */
export const toRowKey = ({ group }: Pick<BulkOrder, 'group'>, key: string): string =>
  group === 'update' ? key.slice(0, 15) : key;
