import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { compileCsvMapping, HeadraceError, notFound } from '@headrace/core';
import { Wakeup } from '../lifecycle/wakeup.ts';
import {
  type BatchRow,
  deleteBatch,
  findTwin,
  insertBatch,
  markBatchReceived,
  readBatch,
  readUnfinishedBatches,
} from '../store/batches.ts';
import { type LoadOptions, loadBatch } from './load-batch.ts';

/** Batches another process received are found this often. */
const pollMs = 2_000;

export type BatchesOptions = Omit<LoadOptions, 'signal'> & { readonly onError: (error: unknown) => void };

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
  async create(batch: {
    readonly datasetId: string;
    readonly fileName: string;
    readonly mapping: unknown;
  }): Promise<BatchRow> {
    const { pool, datasets, now } = this.#options;
    const dataset = await datasets.open(pool, batch.datasetId);
    compileCsvMapping(batch.mapping, dataset.schema);
    const batchId = randomUUID();
    await insertBatch(pool, { ...batch, batchId, receivedAt: now() });
    return this.get(batchId);
  }

  async get(batchId: string): Promise<BatchRow> {
    const batch = await readBatch(this.#options.pool, batchId);
    if (batch === undefined) throw notFound('batch', batchId);
    return batch;
  }

  /**
   * Takes the file of an announced batch; its rows are loaded afterwards.
   * @returns the batch; with `duplicate`, the earlier batch that took the same file with the same mapping into
   *   the same dataset: then nothing is loaded and the announced batch is dropped.
   * @throws HeadraceError `conflict` when the batch has its file already.
   */
  async receiveFile(
    batchId: string,
    stream: Readable,
    options: { readonly force: boolean },
  ): Promise<{ readonly batch: BatchRow; readonly duplicate: boolean }> {
    const { pool, files } = this.#options;
    const announced = await this.get(batchId);
    requireLoading(announced);
    const file = await files.receive(batchId, stream);
    const twin = options.force ? undefined : await findTwin(pool, announced, file.digest);
    if (twin !== undefined) {
      await deleteBatch(pool, batchId);
      await files.remove(batchId);
      return { batch: twin, duplicate: true };
    }
    if (!(await markBatchReceived(pool, batchId, file))) requireLoading(await this.get(batchId));
    this.#wakeup.wake();
    return { batch: await this.get(batchId), duplicate: false };
  }

  /** Loads received batches, oldest first, until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { pool, files, onError } = this.#options;
    while (!signal.aborted) {
      const unfinished = await readUnfinishedBatches(pool).catch((error: unknown) => {
        onError(error);
        return [];
      });
      for (const batch of unfinished) {
        if (signal.aborted) return;
        // Another server's upload is loaded there. One batch that cannot be loaded holds up no other.
        if (await files.has(batch.batchId))
          await loadBatch({ ...this.#options, signal }, batch).catch(onError);
      }
      await this.#wakeup.sleep(pollMs, signal);
    }
  }
}

function requireLoading(batch: BatchRow): void {
  if (batch.status !== 'loading')
    throw new HeadraceError(
      'conflict',
      `The batch has its file already and is ${batch.status}. Create another batch for another file.`,
    );
}
