import type { DeliveryItem, ReadBatch } from '@headrace/core';
import type { Call } from '../composite.ts';
import { readDetails } from '../dataflow-details.ts';
import { contactFieldOf } from './lead-as-contact.ts';
import { type Describe, type DescribedField, fieldOf, matchFieldOf } from './match-field.ts';
import { objectOfId, recordKey } from './record-id.ts';
import { type ReadOrder, type Row, readRows, toRetrieves } from './run-queries.ts';
import { queryPath, toLiteral, toQueries } from './soql.ts';

/** Reads rows with the fields that a batch is about. */
export class RowSource {
  readonly #batch: ReadBatch;
  readonly #describe: Describe;
  readonly #call: Call;
  readonly #matchField: string;
  /** Its records are of what the details named before; they need not have the field that is named now. */
  readonly #isFormer: boolean;
  readonly #names: readonly string[];

  constructor(batch: ReadBatch, describe: Describe, call: Call) {
    this.#batch = batch;
    this.#describe = describe;
    this.#call = call;
    this.#matchField = matchFieldOf(batch);
    this.#isFormer = batch.object !== 'Account' && batch.object !== readDetails(batch.details).object;
    const mapped = batch.items.flatMap(({ fields }) => Object.keys(fields));
    this.#names = [...new Set(['Id', this.#matchField, ...mapped])];
  }

  async keyField(): Promise<DescribedField> {
    const field = fieldOf(await this.#describe(this.#batch.object), this.#matchField);
    return { ...field, name: this.#matchField };
  }

  /** What is under ids, whatever object they are of, and what is under keys; together. */
  async lookUp(
    ids: readonly string[],
    keyed: readonly DeliveryItem[],
  ): Promise<{ readonly byId: readonly Row[]; readonly byKey: readonly Row[] }> {
    const { object } = this.#batch;
    const byId: ReadOrder[] = [];
    for (const [kind, ofKind] of Map.groupBy(ids, (id) => objectOfId(id) ?? object))
      byId.push(...toRetrieves(kind, ofKind, await this.#namesIn(kind)));
    const orders = [...byId, ...(await this.#keyOrders(keyed))];
    const results = await this.#read(orders);
    return { byId: results.slice(0, byId.length).flat(), byKey: results.slice(byId.length).flat() };
  }

  /** Rows by their ids, of 15 characters. */
  async retrieve(object: string, ids: readonly string[]): Promise<ReadonlyMap<string, Row>> {
    const rows = await this.#read(toRetrieves(object, ids, await this.#namesIn(object)));
    return new Map(rows.flat().map((row) => [recordKey(row.Id), row]));
  }

  /** What deleted records were merged into: id → id of the one that went on; of 15 characters both. */
  async mastersOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const prefix = `SELECT Id,MasterRecordId FROM ${this.#batch.object} WHERE MasterRecordId != null AND Id IN`;
    const literals = ids.map((id) => `'${id}'`);
    const rows = await this.#read(
      toQueries(prefix, literals).map((soql) => ({ kind: 'query', path: queryPath(soql, 'queryAll') })),
    );
    return new Map(rows.flat().map((row) => [recordKey(row.Id), recordKey(String(row.MasterRecordId))]));
  }

  #read(orders: readonly ReadOrder[]): Promise<Row[][]> {
    return readRows(orders, `for ${this.#batch.object} records`, this.#call);
  }

  async #keyOrders(keyed: readonly DeliveryItem[]): Promise<ReadOrder[]> {
    const { object } = this.#batch;
    const field = await this.keyField();
    const names = await this.#namesIn(object);
    if (!names.includes(field.name)) return [];
    const literals = [...new Set(keyed.flatMap(({ matchKey }) => toLiteral(matchKey, field) ?? []))];
    const prefix = `SELECT ${names.join(',')} FROM ${object} WHERE ${field.name} IN`;
    return toQueries(prefix, literals).map((soql) => ({ kind: 'query', path: queryPath(soql) }));
  }

  /** The fields to be read, by the names the object has them by. */
  async #namesIn(object: string): Promise<string[]> {
    const described = await this.#describe(object);
    if (object === this.#batch.object) {
      const isThere = (name: string) => name === 'Id' || described.byName.has(name);
      const names = this.#isFormer ? this.#names.filter(isThere) : this.#names;
      return object === 'Lead' ? [...names, 'IsConverted', 'ConvertedContactId'] : [...names];
    }
    const carried = this.#names.flatMap((name) => contactFieldOf(name, described) ?? []);
    return [...new Set(['Id', ...carried])];
  }
}
