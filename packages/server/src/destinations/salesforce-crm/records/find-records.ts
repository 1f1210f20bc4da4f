import type { DeliveryItem, ReadBatch } from '@headrace/core';
import type { Call } from '../composite.ts';
import { type Describe, type DescribedField, keyOf, matchFieldOf } from './match-field.ts';
import { objectOfId, recordKey } from './record-id.ts';
import { RowSource } from './row-source.ts';
import type { Row } from './run-queries.ts';

export type Found =
  | { readonly kind: 'absent' }
  | { readonly kind: 'several'; readonly recordIds: readonly string[] }
  | {
      readonly kind: 'found';
      /** Of what the record asked for was merged or converted into, where it was. */
      readonly row: Row;
      readonly object: string;
      /** Whether the item's key leads to it now. */
      readonly isUnderKey: boolean;
    };

/** @param key what the record asked for holds as its key; undefined where it is of an object without that field */
type Hit = { readonly row: Row; readonly key: string | undefined };

/**
 * Finds each item's record: by its known id, else by its key. A thousand of either take one call; what was merged
 * or converted meanwhile takes one or two more for all of them together.
 */
export async function findRecords(batch: ReadBatch, describe: Describe, call: Call): Promise<Found[]> {
  const source = new RowSource(batch, describe, call);
  const search = new Search(batch, source, await source.keyField());
  await search.lookUp();
  await search.followMerged();
  await search.followConverted();
  return batch.items.map((item) => search.resultOf(item));
}

class Search {
  readonly #object: string;
  readonly #items: readonly DeliveryItem[];
  readonly #source: RowSource;
  readonly #keyField: DescribedField;
  readonly #isById: boolean;
  /** By the id, of 15 characters, that was asked for. */
  readonly #byId = new Map<string, Hit>();
  #byKey = new Map<string | undefined, Hit[]>();

  constructor(batch: ReadBatch, source: RowSource, keyField: DescribedField) {
    this.#object = batch.object;
    this.#items = batch.items;
    this.#source = source;
    this.#keyField = keyField;
    this.#isById = matchFieldOf(batch) === 'Id';
  }

  async lookUp(): Promise<void> {
    const keyed = this.#isById ? [] : this.#items.filter(({ recordId }) => recordId === null);
    const { byId, byKey } = await this.#source.lookUp(this.#idsOf(this.#items), keyed);
    for (const row of byId) this.#byId.set(recordKey(row.Id), this.#hit(row));
    const hits = byKey.map((row) => this.#hit(row));
    this.#byKey = Map.groupBy(hits, ({ key }) => key);
  }

  /** A record that was merged is deleted and names the one that went on. */
  async followMerged(): Promise<void> {
    const lost = this.#items.filter((item) => {
      const id = this.#idOf(item);
      return id !== undefined && objectOfId(id) === this.#object && !this.#byId.has(recordKey(id));
    });
    if (lost.length === 0) return;
    const masterOf = await this.#source.mastersOf(this.#idsOf(lost));
    const masters = await this.#source.retrieve(this.#object, [...new Set(masterOf.values())]);
    for (const item of lost) {
      const id = recordKey(this.#idOf(item) ?? '');
      const master = masters.get(masterOf.get(id) ?? '');
      if (master === undefined) continue;
      const hit = this.#hit(master);
      // What says that it is this person's: an id leads to its successor; else it holds the key.
      if (this.#isById) this.#byId.set(id, { ...hit, key: this.#keyOf(item.matchKey) });
      else if (hit.key === this.#keyOf(item.matchKey)) this.#byId.set(id, hit);
    }
  }

  /** A converted Lead takes no more values: its Contact goes on. */
  async followConverted(): Promise<void> {
    if (this.#object !== 'Lead') return;
    const hits = [...this.#byId.values(), ...[...this.#byKey.values()].flat()].filter(isConverted);
    const ids = hits.flatMap(({ row: { ConvertedContactId: id } }) => (typeof id === 'string' ? [id] : []));
    if (ids.length === 0) return;
    const contacts = await this.#source.retrieve('Contact', [...new Set(ids)]);
    const goesOn = (hit: Hit): Hit => {
      const row = isConverted(hit) && contacts.get(recordKey(String(hit.row.ConvertedContactId)));
      return row ? { ...hit, row } : hit;
    };
    for (const [id, hit] of this.#byId) this.#byId.set(id, goesOn(hit));
    for (const [key, found] of this.#byKey) this.#byKey.set(key, found.map(goesOn));
  }

  resultOf(item: DeliveryItem): Found {
    const id = this.#idOf(item);
    const hits = id === undefined ? this.#hitsUnder(item) : [this.#byId.get(recordKey(id)) ?? []].flat();
    const [hit] = hits;
    if (hit === undefined) return { kind: 'absent' };
    if (hits.length > 1) return { kind: 'several', recordIds: hits.map(({ row }) => row.Id) };
    const { row, key } = hit;
    const isUnderKey = key === undefined || key === this.#keyOf(item.matchKey);
    return { kind: 'found', row, object: objectOfId(row.Id) ?? this.#object, isUnderKey };
  }

  /** Leads that are still open go before those that were converted earlier. */
  #hitsUnder(item: DeliveryItem): Hit[] {
    const hits = this.#byKey.get(this.#keyOf(item.matchKey)) ?? [];
    const distinct = [...new Map(hits.map((hit) => [recordKey(hit.row.Id), hit])).values()];
    const open = distinct.filter((hit) => objectOfId(hit.row.Id) === 'Lead' && !isConverted(hit));
    return open.length > 0 ? open : distinct;
  }

  #hit(row: Row): Hit {
    const { name } = this.#keyField;
    return { row, key: name in row ? this.#keyOf(row[name]) : undefined };
  }

  #idOf(item: DeliveryItem): string | undefined {
    return item.recordId ?? (this.#isById ? item.matchKey : undefined);
  }

  #idsOf(items: readonly DeliveryItem[]): string[] {
    const ids = items.flatMap((item) => this.#idOf(item) ?? []);
    return [...new Map(ids.map((id) => [recordKey(id), id])).values()];
  }

  #keyOf(value: unknown): string {
    return keyOf(value, this.#keyField);
  }
}

const isConverted = ({ row }: Hit): boolean => row.IsConverted === true;
