import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';

/** A text and then the bytes of a file from one position up to another, read as they are sent. */
export const readFilePart = (first: string, path: string, from: number, to: number): Readable =>
  Readable.from(joined(first, path, from, to));

async function* joined(first: string, path: string, from: number, to: number): AsyncGenerator<Buffer> {
  yield Buffer.from(first);
  if (from < to) yield* createReadStream(path, { start: from, end: to - 1 });
}
