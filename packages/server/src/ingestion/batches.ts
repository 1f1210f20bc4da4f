import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { HeadraceError, invalidInput, notFound } from '@headrace/core';
import { Wakeup } from '../lifecycle/wakeup.ts';
import {
  abortBatch,
  type BatchRow,
  deleteBatch,
  filterUnfinished,
  findTwin,
  insertBatch,
  markBatchReceived,
  readBatch,
  readUnfinishedBatches,
  type TakenFile,
} from '../store/batches.ts';
import { useCsvMapping } from '../store/csv-mappings.ts';
import type { BatchFormat } from './content-check.ts';
import { requireUsableMapping } from './csv-mappings.ts';
import { type LoadOptions, loadBatch } from './load-batch.ts';

/** Batches another process received are found this often. */
const pollMs = 2_000;

export type BatchesOptions = Omit<LoadOptions, 'signal'> & { readonly onError: (error: unknown) => void };

export type NewBatch = {
  readonly datasetId: string;
  readonly fileName: string;
  /** CSV unless said otherwise. */
  readonly format?: BatchFormat;
  /** Of CSV: a mapping, or the id of a saved one. */
  readonly mapping?: unknown;
  readonly mappingId?: string | undefined;
  /** More refused rows than this fail the batch before any is written; 100, the default, bears them all. */
  readonly errorThresholdPercent?: number | undefined;
};

/** A batch that has its file; with `duplicate`, the earlier one that took the same content. */
export type ReceivedBatch = { readonly batch: BatchRow; readonly duplicate: boolean };

/** Files of records: announced, received, then loaded one after the other. */
export class Batches {
  readonly #options: BatchesOptions;
  readonly #wakeup = new Wakeup();

  constructor(options: BatchesOptions) {
    this.#options = options;
  }

  /**
   * Announces a file. Its mapping is checked against the dataset's schema at once.
   * @throws HeadraceError `not_found`, `invalid_input`.
   */
  async create(batch: NewBatch): Promise<BatchRow> {
    const { pool, datasets, now } = this.#options;
    const dataset = await datasets.open(pool, batch.datasetId);
    const { datasetId, fileName, format = 'csv', errorThresholdPercent = 100 } = batch;
    const mapping = await this.#mappingOf(batch, format);
    if (format === 'csv') requireUsableMapping(mapping, dataset);
    const batchId = randomUUID();
    const receivedAt = now();
    const announced = { batchId, datasetId, fileName, format, mapping, errorThresholdPercent, receivedAt };
    await insertBatch(pool, announced);
    return this.get(batchId);
  }

  async get(batchId: string): Promise<BatchRow> {
    const batch = await readBatch(this.#options.pool, batchId);
    if (batch === undefined) throw notFound('batch', batchId);
    return batch;
  }

  /**
   * Takes the file of an announced batch; its rows are loaded afterwards.
   * @returns the batch; with `duplicate`, the earlier batch that took the same content with the same mapping
   *   into the same dataset: then nothing is loaded and the announced batch is dropped.
   * @throws HeadraceError `conflict` when the batch has its file already, `invalid_input` when it is no file of
   *   its format.
   */
  receiveFile(batchId: string, stream: Readable, options: { force: boolean }): Promise<ReceivedBatch> {
    const { files } = this.#options;
    return this.#take(batchId, options.force, ({ format }) => files.receive(batchId, stream, format));
  }

  /** Like `receiveFile`, for a file in a folder that the operator allows; it is read through once here. */
  importFile(
    batchId: string,
    path: string,
    options: { force: boolean; signal: AbortSignal },
  ): Promise<ReceivedBatch> {
    const { files } = this.#options;
    return this.#take(batchId, options.force, ({ format }) => files.take(path, format, options.signal));
  }

  /**
   * Ends a batch that waits for its file, for its turn or is being loaded. Rows ingested before stay and are
   * counted; none follows.
   * @throws HeadraceError `not_found`; `conflict` when it has come to its end.
   */
  async abort(batchId: string): Promise<BatchRow> {
    const { pool, now } = this.#options;
    const wasOpen = await abortBatch(pool, batchId, now());
    const batch = await this.get(batchId);
    if (!wasOpen && batch.status !== 'aborted')
      throw new HeadraceError('conflict', `The batch has come to its end: it is ${batch.status}.`);
    this.#wakeup.wake();
    return batch;
  }

  /** Loads received batches, oldest first, until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { pool, files, onError, now } = this.#options;
    while (!signal.aborted) {
      const unfinished = await readUnfinishedBatches(pool).catch((error: unknown) => {
        onError(error);
        return [];
      });
      for (const batch of unfinished) {
        if (signal.aborted) return;
        // One batch that cannot be loaded holds up no other.
        await loadBatch({ ...this.#options, signal }, batch).catch(onError);
      }
      // However a batch came to its end, and whatever crashed: what no batch needs any more goes here.
      await files.sweep((batchIds) => filterUnfinished(pool, batchIds), now()).catch(onError);
      await this.#wakeup.sleep(pollMs, signal);
    }
  }

  async #take(
    batchId: string,
    force: boolean,
    takeFile: (batch: BatchRow) => Promise<TakenFile>,
  ): Promise<ReceivedBatch> {
    const { pool } = this.#options;
    const announced = await this.get(batchId);
    requireLoading(announced);
    const file = await takeFile(announced);
    const twin = force ? undefined : await findTwin(pool, announced, file.fileDigest);
    if (twin !== undefined) {
      await deleteBatch(pool, batchId);
      return { batch: twin, duplicate: true };
    }
    if (!(await markBatchReceived(pool, batchId, file))) requireLoading(await this.get(batchId));
    this.#wakeup.wake();
    return { batch: await this.get(batchId), duplicate: false };
  }

  async #mappingOf({ datasetId, mapping, mappingId }: NewBatch, format: BatchFormat): Promise<unknown> {
    const { pool, now } = this.#options;
    if (format === 'ndjson') {
      if (mapping === undefined && mappingId === undefined) return null;
      throw invalidInput('JSON lines take no mapping: each line is a record as the schema has it.', [
        { pointer: '/mapping', message: 'Expected none with format "ndjson".' },
      ]);
    }
    if ((mapping === undefined) === (mappingId === undefined))
      throw invalidInput('A CSV file needs a mapping, or the id of a saved one, and not both.', [
        { pointer: '/mapping', message: 'Expected `mapping` or `mapping_id`.' },
      ]);
    if (mappingId === undefined) return mapping;
    const saved = await useCsvMapping(pool, datasetId, mappingId, now());
    if (saved === undefined) throw notFound('mapping of this dataset', mappingId);
    return saved.definition;
  }
}

function requireLoading(batch: BatchRow): void {
  if (batch.status !== 'loading')
    throw new HeadraceError(
      'conflict',
      `The batch has its file already or takes none any more: it is ${batch.status}. Create another batch for another file.`,
    );
}
