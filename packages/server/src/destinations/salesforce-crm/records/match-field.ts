import type { DeliveryBatch, DeliveryGroup } from '@headrace/core';
import { readDetails } from '../dataflow-details.ts';
import type { FieldDescription } from '../fields/object-description.ts';
import { recordKey } from './record-id.ts';

/** What describe says of a field, as far as reading and writing records needs it. */
export type DescribedField = Pick<FieldDescription, 'name' | 'type' | 'length' | 'scale' | 'updateable'> & {
  /** Whether its values differ by case alone. */
  readonly caseSensitive?: boolean;
};
export type DescribedObject = { readonly byName: ReadonlyMap<string, DescribedField> };
/** Describes an object, from what is cached of it. */
export type Describe = (object: string) => Promise<DescribedObject>;

/** A field that describe does not show, taken for text. */
export const fieldOf = ({ byName }: DescribedObject, name: string): DescribedField =>
  byName.get(name) ?? { name, type: 'string', length: 0, scale: 0, updateable: true };

/** The field records of the batch are found by; `Id` where their keys are ids. */
export function matchFieldOf({ object, details }: Pick<DeliveryBatch, 'object' | 'details'>): string {
  const { matchField, accountMatchField } = readDetails(details);
  return object === 'Account' ? accountMatchField : matchField;
}

/** What decides the meaning of a record's error. */
export type WriteFacts = {
  readonly object: string;
  readonly group: DeliveryGroup;
  readonly matchField: string;
};

/**
 * Values of a match field that mean the same record give the same text: ids in either form, numbers by value, text
 * without regard to case unless the field has it. Source: REST API Developer Guide, "Insert or Update (Upsert)".
 */
export function keyOf(value: unknown, field: DescribedField): string {
  const text = String(value ?? '').trim();
  if (field.name === 'Id') return recordKey(text);
  if (field.type === 'int' || field.type === 'double') return text === '' ? '' : String(Number(text));
  return field.caseSensitive === true ? text : text.toLowerCase();
}
