import type { DeliveryItem, FieldValue, RecordFields } from '@headrace/core';
import type { Part } from '../composite.ts';
import { toContactFields } from './lead-as-contact.ts';
import { type DescribedField, type DescribedObject, fieldOf, type WriteFacts } from './match-field.ts';
import { objectOfId } from './record-id.ts';

/** How one item is to be written. */
export type WriteOrder = {
  /** Which item of the batch. */
  readonly index: number;
  readonly way: 'upsert' | 'insert' | 'update';
  /** By its id where that is known: a converted Lead is its Contact. */
  readonly object: string;
  readonly recordId: string | null;
  readonly record: Readonly<Record<string, unknown>>;
};

/** An update of a record by its id with the item's fields and no others; undefined where there is nothing to write. */
export function toUpdate(
  index: number,
  recordId: string,
  fields: RecordFields,
  batchObject: string,
  contact: DescribedObject,
): WriteOrder | undefined {
  const object = objectOfId(recordId) ?? batchObject;
  const given = object !== batchObject && object === 'Contact' ? toContactFields(fields, contact) : fields;
  if (Object.keys(given).length === 0) return undefined;
  const record = { ...given, attributes: { type: object }, id: recordId };
  return { index, way: 'update', object, recordId, record };
}

/** A record matched by its key in Salesforce itself, made where there is none. */
export function toUpsert(
  index: number,
  item: DeliveryItem,
  facts: WriteFacts,
  described: DescribedObject,
): WriteOrder {
  const { object, matchField } = facts;
  const key = toKeyValue(item.matchKey, fieldOf(described, matchField));
  // As the fields have it where they do: the key itself is folded for comparing.
  const record = { [matchField]: key, ...item.fields, attributes: { type: object } };
  return { index, way: 'upsert', object, recordId: null, record };
}

/** A new record: whoever orders it knows that there is none. */
export const toInsert = (index: number, item: DeliveryItem, object: string): WriteOrder => ({
  index,
  way: 'insert',
  object,
  recordId: null,
  record: { ...item.fields, attributes: { type: object } },
});

/** A key is text; a number field takes numbers only. */
const toKeyValue = (key: string, { type }: DescribedField): FieldValue =>
  type === 'int' || type === 'double' ? Number(key) : key;

/** The Collections write of orders of one way and object. */
export function toPart(orders: readonly WriteOrder[], matchField: string): Part {
  const [first] = orders;
  const body = { allOrNone: false, records: orders.map(({ record }) => record) };
  if (first?.way === 'upsert')
    return { method: 'PATCH', path: `/composite/sobjects/${first.object}/${matchField}`, body };
  return { method: first?.way === 'insert' ? 'POST' : 'PATCH', path: '/composite/sobjects', body };
}
