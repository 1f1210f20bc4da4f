import type { DeliveryItem, ReadBatch, ReadRecord } from '@headrace/core';
import type { Call } from '../composite.ts';
import { readDetails } from '../dataflow-details.ts';
import { isStoredEqual } from '../fields/stored-equal.ts';
import { type Found, findRecords } from './find-records.ts';
import { contactFieldOf } from './lead-as-contact.ts';
import { type Describe, type DescribedObject, fieldOf } from './match-field.ts';

const maxNamedIds = 20;

/**
 * Reads what the org holds for each item: known records by id, the others by key. What was deleted is absent; what
 * was merged or, being a Lead, converted is the record that went on. Lists are looked at by `readMemberships`.
 */
export async function readRecords(batch: ReadBatch, describe: Describe, call: Call): Promise<ReadRecord[]> {
  const { write } = readDetails(batch.details);
  const found = await findRecords(batch, describe, call);
  const described = new Map<string, DescribedObject>();
  for (const object of new Set(found.flatMap((entry) => (entry.kind === 'found' ? [entry.object] : []))))
    described.set(object, await describe(object));
  return found.map((entry, index): ReadRecord => {
    const item = batch.items[index];
    if (entry.kind === 'absent' || item === undefined) return { kind: 'absent' };
    if (entry.kind === 'several')
      return { kind: 'several', recordIds: entry.recordIds.slice(0, maxNamedIds) };
    const fields = described.get(entry.object) ?? { byName: new Map() };
    return {
      kind: 'found',
      recordId: entry.row.Id,
      isUnderKey: entry.isUnderKey,
      // A record that was there before is left as it is where a dataflow only creates.
      differing: write === 'create_only' ? [] : findDiffering(item, entry, batch.object, fields),
      differingLists: [],
    };
  });
}

/** Of the item's fields those to be written, under the names the item has them by. */
function findDiffering(
  { fields, ifEmpty }: DeliveryItem,
  { row, object }: Extract<Found, { kind: 'found' }>,
  batchObject: string,
  described: DescribedObject,
): string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const held = object === batchObject ? name : contactFieldOf(name, described);
    if (held === undefined) return [];
    const field = fieldOf(described, held);
    if (ifEmpty.includes(name) && !isEmpty(row[held], field.type)) return [];
    return isStoredEqual(value, row[held], field) ? [] : [name];
  });
}

/** A checkbox always holds something. */
const isEmpty = (held: unknown, type: string): boolean =>
  type !== 'boolean' && isStoredEqual(null, held, { type, scale: 0 });
