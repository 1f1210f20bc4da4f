import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type BatchWire,
  batchErrorPageWire,
  batchFileAnswerWire,
  batchWire,
  HeadraceError,
} from '@headrace/core';
import type { ApiClient } from '../api-client.ts';
import { formatBytes, formatCount, formatQuantity } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { ReadyDataset } from './set-up-datasets.ts';

const pollMs = 100;
const shownErrors = 3;

/**
 * Uploads the file of a dataset, unless the dataset took the same file before, and shows how far its rows are.
 * Rows that are refused are named and do not stop the others.
 *
 * @throws HeadraceError `invalid_input` when the whole file is refused
 */
export const loadFile = async (
  api: ApiClient,
  { dataset, declaration }: ReadyDataset,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> => {
  const fileName = basename(declaration.file);
  const { size } = await stat(declaration.file);
  const announced = await api.send({
    method: 'POST',
    path: '/batches',
    body: { dataset_id: dataset.dataset_id, file_name: fileName, mapping: declaration.mapping },
    answer: batchWire,
  });
  const progress = terminal.startTask({ label: `Loading ${fileName}`, total: size });
  let result = `  ${fileName}: not loaded`;
  try {
    const { batch, duplicate } = await api.send({
      method: 'PUT',
      path: `/batches/${announced.batch_id}/file`,
      stream: () => ({ contentType: 'text/csv', content: streamOf(declaration.file) }),
      answer: batchFileAnswerWire,
    });
    const finished = await followBatch(api, batch, signal, (at) =>
      progress.update(
        at.bytes_read,
        `${formatQuantity(at.rows_read, 'row')}, ${formatBytes(at.bytes_read)} of ${formatBytes(at.file_bytes)}`,
      ),
    );
    result = describe(finished, duplicate);
    if (finished.status !== 'success')
      throw new HeadraceError(
        'invalid_input',
        `${fileName} could not be loaded: ${finished.error ?? finished.status}`,
      );
  } finally {
    progress.finish(result);
  }
  await showRefusedRows(api, announced.batch_id, terminal);
};

/** Reads the batch until it has come to its end, telling how far it is. */
const followBatch = async (
  api: ApiClient,
  first: BatchWire,
  signal: AbortSignal,
  onProgress: (batch: BatchWire) => void,
): Promise<BatchWire> => {
  let batch = first;
  while (batch.status === 'loading' || batch.status === 'processing') {
    onProgress(batch);
    await delay(pollMs, undefined, { signal });
    batch = await api.send({ method: 'GET', path: `/batches/${batch.batch_id}`, answer: batchWire });
  }
  return batch;
};

const describe = (batch: BatchWire, duplicate: boolean): string => {
  const rows = `${formatQuantity(batch.rows_ingested, 'row')} (${formatBytes(batch.file_bytes)})`;
  const refused = batch.rows_failed === 0 ? '' : `, ${formatCount(batch.rows_failed)} refused`;
  return duplicate
    ? `  ${batch.file_name}: ${rows}${refused}, loaded before`
    : `  ${batch.file_name}: ${rows} loaded${refused}`;
};

const showRefusedRows = async (api: ApiClient, batchId: string, terminal: Terminal): Promise<void> => {
  const { items } = await api
    .send({
      method: 'GET',
      path: `/batches/${batchId}/errors?limit=${shownErrors}`,
      answer: batchErrorPageWire,
    })
    .catch((error: unknown) => {
      // A batch that turned out to be loaded before is dropped, and its refusals were shown then.
      if (error instanceof HeadraceError && error.code === 'not_found') return { items: [] };
      throw error;
    });
  for (const { row, message } of items) terminal.line(`    row ${formatCount(row)}: ${message}`);
};

const streamOf = (path: string): ReadableStream<Uint8Array> => Readable.toWeb(createReadStream(path));
