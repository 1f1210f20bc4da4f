import type { BulkOrder, BulkWriting, DeliveryItem } from '@headrace/core';
import { deleteBulkRows } from '../store/bulk-rows.ts';
import { findChangedSince } from '../store/delivery-claims.ts';
import type { ClaimedRow } from './admit-row.ts';
import { type BulkEntry, claimIntoJob } from './bulk-claim.ts';
import type { ClaimOptions } from './claim-batches.ts';
import { changedSince, putOff } from './row-results.ts';
import { settleBatch } from './settle-batch.ts';

/** Rows claimed at a time: ingestion waits for about a tenth of a second. */
const pageRows = 1_000;
/** Looked at before the job is opened, to know which fields its records carry. */
const firstRows = 5_000;

export type BulkContentOptions = Omit<ClaimOptions, 'range' | 'limit' | 'now' | 'lookAgainAt'> & {
  readonly bulk: BulkWriting;
  readonly bulkJobId: string;
  readonly group: BulkOrder['group'];
  readonly ranges: readonly ClaimOptions['range'][];
  readonly now: () => Date;
  /** From when on a request that is sent now can no longer be running. */
  readonly lookAgainAt: (at: Date) => Date;
};

/** The records of a job, claimed as they are sent: a backlog of any size takes little memory. */
export class BulkContent {
  readonly #options: BulkContentOptions;
  readonly #keys = new Set<string>();
  readonly #pages: AsyncGenerator<readonly BulkEntry[]>;
  readonly #first: (readonly BulkEntry[])[] = [];
  #order: BulkOrder | undefined;
  #bytes = 0;
  #unfit = 0;
  records = 0;

  constructor(options: BulkContentOptions) {
    this.#options = options;
    this.#pages = this.#claimPages();
  }

  /** Rows that could not go into the job. */
  get unfit(): number {
    return this.#unfit;
  }

  /**
   * Claims the first records, which say what the job is for.
   * @returns undefined where there are none
   */
  async begin(): Promise<BulkOrder | undefined> {
    while (this.records < firstRows) {
      const page = await this.#pages.next();
      if (page.done === true) break;
      this.#first.push(page.value);
    }
    const [entry] = this.#first[0] ?? [];
    if (entry === undefined) return undefined;
    const fields = new Set(this.#first.flat().flatMap(({ item }) => Object.keys(item.fields)));
    this.#order = { ...this.#orderOf(entry.row), fields: [...fields] };
    return this.#order;
  }

  /** The content in UTF-8. What has changed since it was claimed is left out: it is claimed again as it is now. */
  async *bytes(order: BulkOrder): AsyncGenerator<Uint8Array> {
    const { bulk } = this.#options;
    yield Buffer.from(bulk.encodeHeader(order));
    // Of the first ones the columns were not known.
    for (const page of this.#first.splice(0)) {
      const texts = (await this.#unchanged(page)).map(({ item }) => bulk.encode(order, item)?.text ?? '');
      yield Buffer.from(texts.join(''));
    }
    for await (const page of this.#pages)
      yield Buffer.from((await this.#unchanged(page)).map(({ text }) => text).join(''));
  }

  async *#claimPages(): AsyncGenerator<readonly BulkEntry[]> {
    const { bulk, ranges, bulkJobId, group, now, lookAgainAt, ...claiming } = this.#options;
    const forBulk = { isKnown: group === 'update' };
    for (const range of ranges)
      for (;;) {
        const limit = Math.min(pageRows, bulk.maxRecords - this.records);
        if (limit <= 0 || this.#bytes > bulk.maxBytes * 0.9) return;
        const at = now();
        const options = { ...claiming, forBulk, range, limit, now: at, lookAgainAt: lookAgainAt(at) };
        const claim = await claimIntoJob(options, bulkJobId, this.#encode, this.#keys);
        if (claim === undefined) break;
        this.#unfit += claim.unfit;
        this.records += claim.entries.length;
        if (claim.entries.length > 0) yield claim.entries;
        // The backlog is mostly none for jobs, and every row of it is looked at twice.
        if (this.#unfit > pageRows) return;
        if (claim.claimed < limit) break;
      }
  }

  readonly #encode = (row: ClaimedRow, item: DeliveryItem) => {
    const order = this.#order ?? { ...this.#orderOf(row), fields: Object.keys(item.fields) };
    const record = row.object === order.object ? this.#options.bulk.encode(order, item) : undefined;
    if (record === undefined) return undefined;
    const bytes = Buffer.byteLength(record.text);
    if (this.#bytes + bytes > this.#options.bulk.maxBytes) return undefined;
    this.#bytes += bytes;
    return record;
  };

  #orderOf({ object }: Pick<ClaimedRow, 'object'>): Omit<BulkOrder, 'fields'> {
    return { object, group: this.#options.group, details: this.#options.rules.details };
  }

  async #unchanged(page: readonly BulkEntry[]): Promise<readonly BulkEntry[]> {
    const { pool, dataflow, bulkJobId, rules, group, now } = this.#options;
    const rows = page.map(({ row }) => row);
    const [{ object }] = rows as [ClaimedRow];
    const batch = {
      version: 0,
      batchId: bulkJobId,
      object,
      purpose: group,
      details: rules.details,
      rows,
      isPart: true,
    };
    const changed = await findChangedSince(pool, dataflow, batch);
    if (changed.size === 0) return page;
    const old = { ...batch, rows: rows.filter(({ profileId }) => changed.has(profileId)) };
    await settleBatch(pool, dataflow, old, putOff(old, changedSince, now()), now());
    await deleteBulkRows(pool, bulkJobId, [...changed]);
    this.records -= changed.size;
    return page.filter(({ row }) => !changed.has(row.profileId));
  }
}
