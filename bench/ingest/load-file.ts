import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchServer } from './bench-server.ts';
import { csvHeader, csvRow, mapping } from './people.ts';

const pollMs = 20;
const rowsPerWrite = 1_000;

/** People from one index up to another, as they are in a round. */
export type People = { readonly from: number; readonly to: number; readonly round: number };

export type LoadedFile = { readonly batchId: string; readonly seconds: number };

/**
 * Writes a CSV file of people, then announces, uploads and loads it through the API.
 * @returns seconds from the first byte of the upload until the batch is complete.
 */
export async function loadFile(
  { call }: Pick<BenchServer, 'call'>,
  datasetId: string,
  people: People,
): Promise<LoadedFile> {
  const file = join(tmpdir(), `headrace-bench-${process.pid}-${people.round}-${people.from}.csv`);
  await pipeline(Readable.from(linesOf(people)), createWriteStream(file));
  try {
    const batch = await call('POST', '/batches', { dataset_id: datasetId, file_name: 'people.csv', mapping });
    const batchId = String(batch.batch_id);
    const startedAt = performance.now();
    const body = Readable.toWeb(createReadStream(file)) as ReadableStream;
    await call('PUT', `/batches/${batchId}/file`, body, 'text/csv');
    for (;;) {
      const { status, rows_ingested } = await call('GET', `/batches/${batchId}`);
      if (status === 'success' && rows_ingested === people.to - people.from) break;
      if (status !== 'processing')
        throw new Error(`The batch ended ${status} with ${rows_ingested} rows ingested.`);
      await sleep(pollMs);
    }
    return { batchId, seconds: (performance.now() - startedAt) / 1_000 };
  } finally {
    await rm(file);
  }
}

function* linesOf({ from, to, round }: People): Generator<string> {
  yield csvHeader;
  for (let first = from; first < to; first += rowsPerWrite) {
    let lines = '';
    for (let index = first; index < Math.min(first + rowsPerWrite, to); index += 1)
      lines += csvRow(index, round);
    yield lines;
  }
}
