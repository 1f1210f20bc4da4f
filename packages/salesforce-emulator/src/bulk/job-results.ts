import { closeSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { BulkFiles } from './bulk-files.ts';
import { type BulkJob, dialectOf } from './bulk-job.ts';
import { readFilePart } from './file-part.ts';
import { readHeader } from './read-batch.ts';
import { resultHeader } from './result-lines.ts';

export type ResultKind = 'successes' | 'failures' | 'unprocessed';

/** The header of a job's upload and where its rows begin; empty without an upload or a readable header. */
function headerOf(job: BulkJob, files: BulkFiles): { readonly text: string; readonly firstByte: number } {
  if (job.uploadBytes === null) return { text: '', firstByte: 0 };
  const file = openSync(files.upload(job), 'r');
  try {
    const { text, nextByte } = readHeader(file, job.uploadBytes, dialectOf(job));
    return { text, firstByte: nextByte };
  } catch {
    return { text: '', firstByte: 0 };
  } finally {
    closeSync(file);
  }
}

/** One result file of a job, its header first. Rows that were not processed are told as they were sent. */
export function resultStream(job: BulkJob, files: BulkFiles, kind: ResultKind): Readable {
  const dialect = dialectOf(job);
  const header = headerOf(job, files);
  const part =
    kind === 'successes'
      ? { path: files.successes(job), from: 0, to: job.successBytes }
      : kind === 'failures'
        ? { path: files.failures(job), from: 0, to: job.failureBytes }
        : {
            path: files.upload(job),
            from: job.nextByte === 0 ? header.firstByte : job.nextByte,
            to: job.uploadBytes ?? 0,
          };
  const first =
    kind === 'unprocessed'
      ? header.text === ''
        ? ''
        : header.text + dialect.lineEnding
      : resultHeader(kind === 'successes' ? 'sf__Created' : 'sf__Error', header.text, dialect);
  return readFilePart(first, part.path, part.from, part.to);
}
