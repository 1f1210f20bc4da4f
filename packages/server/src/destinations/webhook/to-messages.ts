import type { DeliveryBatch, DeliveryItem, FieldValue, RemovalBatch } from '@headrace/core';
import { keyTarget } from './dataflow-details.ts';
import { recordIdOf } from './prepare-record.ts';

/** Records of one request. The receiver's own work goes by their number; 100 are some 50 KB. */
export const maxBatchRecords = 100;

/** What a receiver is told of one record. */
export type RecordMessage =
  | {
      readonly id: string;
      /** `update`: the receiver has it, and only what may differ is told. */
      readonly action: 'create' | 'update';
      readonly key: string;
      readonly fields: Readonly<Record<string, FieldValue>>;
      /** Of the fields, those to be written only where the record holds nothing. */
      readonly only_if_empty?: readonly string[];
      /** Segment → `realized`, `exited`, or null to forget it. */
      readonly segments?: Readonly<Record<string, string | null>>;
    }
  | { readonly id: string; readonly action: 'remove' };

/** Content of a request about records. */
export type RecordsMessage = {
  readonly object: string;
  readonly version: number;
  readonly records: readonly RecordMessage[];
};

/** @param accountId goes into the ids of records */
export const toRecordsMessage = (
  { object, version, items, group }: DeliveryBatch,
  accountId: string,
): RecordsMessage => ({
  object,
  version,
  records: items.map((item) => {
    const id = recordIdOf(accountId, object, item.matchKey);
    return hasOtherKey(item, id)
      ? { id: item.recordId, action: 'remove' }
      : { id, action: group, ...contentOf(item) };
  }),
});

/**
 * Whether a known record is one of another key. Ids follow keys: the record of the former key goes, and one is made
 * under the new key.
 */
export const hasOtherKey = (
  item: DeliveryItem,
  id: string,
): item is DeliveryItem & { readonly recordId: string } => item.recordId !== null && item.recordId !== id;

export const toRemovalMessage = ({ object, version, recordIds }: RemovalBatch): RecordsMessage => ({
  object,
  version,
  records: recordIds.map((id) => ({ id, action: 'remove' })),
});

function contentOf({ matchKey, fields, ifEmpty, lists }: DeliveryItem) {
  const { [keyTarget]: _key, ...others } = fields;
  const onlyIfEmpty = ifEmpty.filter((name) => name in others);
  const segments = Object.fromEntries(lists.map(({ listId, status }) => [listId, status]));
  return {
    key: matchKey,
    fields: others,
    ...(onlyIfEmpty.length > 0 && { only_if_empty: onlyIfEmpty }),
    ...(lists.length > 0 && { segments }),
  };
}
