import type { DeliveryBatch, DeliveryItem } from '@headrace/core';
import type { Call } from '../composite.ts';
import { contactFieldOf } from './lead-as-contact.ts';
import { type Describe, type DescribedField, fieldOf, keyOf, matchFieldOf } from './match-field.ts';
import { objectOfId, recordKey } from './record-id.ts';
import { type ReadOrder, type Row, readRows, toRetrieves } from './run-queries.ts';
import { queryPath, toLiteral, toQueries } from './soql.ts';

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

/** @param key what the record asked for holds as its key; a Contact need not have the field its Lead was found by */
type Hit = { readonly row: Row; readonly key: string };

/**
 * Finds each item's record: by its known id, else by its key. A thousand of either take one call; what was merged
 * or converted meanwhile takes one or two more for all of them together.
 */
export async function findRecords(batch: DeliveryBatch, describe: Describe, call: Call): Promise<Found[]> {
  const search = new Search(batch, describe, call);
  await search.lookUp();
  await search.followMerged();
  await search.followConverted();
  return batch.items.map((item) => search.resultOf(item));
}

class Search {
  readonly #batch: DeliveryBatch;
  readonly #describe: Describe;
  readonly #call: Call;
  readonly #matchField: string;
  readonly #names: readonly string[];
  /** By the id they were asked by or are the successor of; 15 characters. */
  readonly #byId = new Map<string, Hit>();
  #byKey = new Map<string, Hit[]>();
  #keyField: DescribedField | undefined;

  constructor(batch: DeliveryBatch, describe: Describe, call: Call) {
    this.#batch = batch;
    this.#describe = describe;
    this.#call = call;
    this.#matchField = matchFieldOf(batch);
    const mapped = batch.items.flatMap(({ fields }) => Object.keys(fields));
    this.#names = [...new Set(['Id', this.#matchField, ...mapped])];
  }

  /** Known ids and keys, together. */
  async lookUp(): Promise<void> {
    const { object, items } = this.#batch;
    const field = fieldOf(await this.#describe(object), this.#matchField);
    this.#keyField = { ...field, name: this.#matchField };
    const ids = this.#idsOf(items).map((id) => ({ id, object: objectOfId(id) ?? object }));
    const keyed = this.#matchField === 'Id' ? [] : items.filter(({ recordId }) => recordId === null);
    const orders: ReadOrder[] = [];
    for (const [kind, group] of Map.groupBy(ids, (known) => known.object))
      orders.push(
        ...toRetrieves(
          kind,
          group.map(({ id }) => id),
          await this.#namesIn(kind),
        ),
      );
    const byIds = orders.length;
    orders.push(...(await this.#keyOrders(keyed)));
    const results = await readRows(orders, `for ${object} records`, this.#call);
    for (const row of results.slice(0, byIds).flat()) this.#byId.set(recordKey(row.Id), this.#hit(row));
    this.#byKey = Map.groupBy(
      results
        .slice(byIds)
        .flat()
        .map((row) => this.#hit(row)),
      ({ key }) => key,
    );
  }

  /** A record that was merged is deleted and names the one that went on: its id in the key's place. */
  async followMerged(): Promise<void> {
    const { object, items } = this.#batch;
    const lost = items.filter((item) => this.#isLost(item));
    // Only an id leads from the one to the other; under another key the match by key finds what went on.
    const ids = this.#idsOf(lost).filter((id) => objectOfId(id) === object);
    if (ids.length === 0) return;
    const prefix = `SELECT Id,MasterRecordId FROM ${object} WHERE MasterRecordId != null AND Id IN`;
    const orders: ReadOrder[] = toQueries(
      prefix,
      ids.map((id) => `'${id}'`),
    ).map((soql) => ({
      kind: 'query',
      path: queryPath(soql, 'queryAll'),
    }));
    const what = `what ${object} records were merged into`;
    const merged = (await readRows(orders, what, this.#call)).flat();
    const masterOf = new Map(merged.map((row) => [recordKey(row.Id), String(row.MasterRecordId)]));
    const masters = await this.#retrieve(object, [...new Set(masterOf.values())]);
    for (const item of lost) {
      const id = this.#idOf(item) ?? '';
      const master = masters.get(recordKey(masterOf.get(recordKey(id)) ?? ''));
      if (master === undefined) continue;
      const hit = this.#hit(master);
      // What says that it is this person's: an id leads to its successor; else it holds the key.
      if (this.#matchField === 'Id') this.#byId.set(recordKey(id), { ...hit, key: this.#keyOf(id) });
      else if (hit.key === this.#keyOf(item.matchKey)) this.#byId.set(recordKey(id), hit);
    }
  }

  /** A converted Lead takes no more values: its Contact goes on. */
  async followConverted(): Promise<void> {
    if (this.#batch.object !== 'Lead') return;
    const hits = [...this.#byId.values(), ...[...this.#byKey.values()].flat()].filter(isConverted);
    const ids = hits.flatMap(({ row: { ConvertedContactId: id } }) => (typeof id === 'string' ? [id] : []));
    if (ids.length === 0) return;
    const contacts = await this.#retrieve('Contact', [...new Set(ids)]);
    const goesOn = (hit: Hit): Hit => {
      const row = isConverted(hit) && contacts.get(recordKey(String(hit.row.ConvertedContactId)));
      return row ? { ...hit, row } : hit;
    };
    for (const [id, hit] of this.#byId) this.#byId.set(id, goesOn(hit));
    for (const [key, found] of this.#byKey) this.#byKey.set(key, found.map(goesOn));
  }

  resultOf(item: DeliveryItem): Found {
    const id = this.#idOf(item);
    const hits = id === undefined ? this.#hitsUnder(item) : [this.#byId.get(recordKey(id))];
    const [hit] = hits;
    if (hit === undefined) return { kind: 'absent' };
    if (hits.length > 1)
      return {
        kind: 'several',
        recordIds: hits.flatMap((other) => (other === undefined ? [] : [other.row.Id])),
      };
    const { row, key } = hit;
    const object = objectOfId(row.Id) ?? this.#batch.object;
    return { kind: 'found', row, object, isUnderKey: key === this.#keyOf(item.matchKey) };
  }

  /** Leads that are still open go before those that were converted earlier. */
  #hitsUnder(item: DeliveryItem): Hit[] {
    const hits = this.#byKey.get(this.#keyOf(item.matchKey)) ?? [];
    const distinct = [...new Map(hits.map((hit) => [recordKey(hit.row.Id), hit])).values()];
    const open = distinct.filter((hit) => objectOfId(hit.row.Id) === 'Lead' && !isConverted(hit));
    return open.length > 0 ? open : distinct;
  }

  #hit(row: Row): Hit {
    return { row, key: this.#keyOf(row[this.#matchField]) };
  }

  #idOf(item: DeliveryItem): string | undefined {
    return item.recordId ?? (this.#matchField === 'Id' ? item.matchKey : undefined);
  }

  #idsOf(items: readonly DeliveryItem[]): string[] {
    const ids = items.flatMap((item) => this.#idOf(item) ?? []);
    return [...new Map(ids.map((id) => [recordKey(id), id])).values()];
  }

  #isLost(item: DeliveryItem): boolean {
    const id = this.#idOf(item);
    return id !== undefined && !this.#byId.has(recordKey(id));
  }

  #keyOf(value: unknown): string {
    return keyOf(value, this.#keyField ?? fieldOf({ byName: new Map() }, this.#matchField));
  }

  async #keyOrders(keyed: readonly DeliveryItem[]): Promise<ReadOrder[]> {
    const { object } = this.#batch;
    const field = this.#keyField;
    if (field === undefined) return [];
    const literals = [...new Set(keyed.flatMap(({ matchKey }) => toLiteral(matchKey, field) ?? []))];
    const names = await this.#namesIn(object);
    return toQueries(`SELECT ${names.join(',')} FROM ${object} WHERE ${this.#matchField} IN`, literals).map(
      (soql) => ({ kind: 'query', path: queryPath(soql) }),
    );
  }

  async #retrieve(object: string, ids: readonly string[]): Promise<Map<string, Row>> {
    const orders = toRetrieves(object, ids, await this.#namesIn(object));
    const rows = (await readRows(orders, `for ${object} records`, this.#call)).flat();
    return new Map(rows.map((row) => [recordKey(row.Id), row]));
  }

  /** The fields to be read, by the names the object has them by. */
  async #namesIn(object: string): Promise<string[]> {
    if (object === this.#batch.object)
      return object === 'Lead' ? [...this.#names, 'IsConverted', 'ConvertedContactId'] : [...this.#names];
    const described = await this.#describe(object);
    const carried = this.#names.flatMap((name) => contactFieldOf(name, described) ?? []);
    return [...new Set(['Id', ...carried])];
  }
}

const isConverted = ({ row }: Hit): boolean => row.IsConverted === true;
