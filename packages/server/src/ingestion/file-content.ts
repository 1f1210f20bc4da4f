import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { invalidInput } from '@headrace/core';

export type Compression = 'none' | 'gzip';

/** What a file says, unpacked where it is packed. */
export type FileContent = {
  /** Told by the first bytes, never by a name. */
  readonly compression: Compression;
  readonly chunks: AsyncIterable<Buffer>;
};

const gzipMagic = [0x1f, 0x8b];
/**
 * Unpacked bytes for each packed one, beyond the first 100 MB. Real tables stay below 100; DEFLATE cannot pass
 * 1,032. So a small file cannot keep the server busy for long, however large it claims to be.
 */
const largestRatio = 200;
const unpackedFreely = 100 * 1024 * 1024;
const gunzipChunkBytes = 64 * 1024;

/**
 * Opens a stream of bytes; gzip of one or several members is unpacked as it is read, in bounded memory.
 * Reading on throws `invalid_input` for gzip that is cut off, damaged or unpacks beyond all measure.
 */
export async function openContent(bytes: AsyncIterable<Uint8Array>): Promise<FileContent> {
  const [head, all] = await peek(bytes, gzipMagic.length);
  const isGzip = gzipMagic.every((byte, index) => head[index] === byte);
  return isGzip ? { compression: 'gzip', chunks: unpack(all) } : { compression: 'none', chunks: all };
}

/** The content from an offset on. */
export async function* skipBytes(chunks: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count;
  for await (const chunk of chunks) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

/** The first bytes, fewer where there are no more, and everything from the start. */
async function peek(
  bytes: AsyncIterable<Uint8Array>,
  count: number,
): Promise<[head: Buffer, all: AsyncIterable<Buffer>]> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < count) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  const all = async function* () {
    try {
      if (head.length > 0) yield head;
      for (;;) {
        const { value, done } = await iterator.next();
        if (done === true) return;
        yield asBuffer(value);
      }
    } finally {
      await iterator.return?.();
    }
  };
  return [head, all()];
}

async function* unpack(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let packed = 0;
  let unpacked = 0;
  const counted = async function* () {
    for await (const chunk of bytes) {
      packed += chunk.length;
      yield chunk;
    }
  };
  const gunzip = createGunzip({ chunkSize: gunzipChunkBytes });
  pipeline(Readable.from(counted()), gunzip, () => undefined);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      if (unpacked > unpackedFreely && unpacked > packed * largestRatio)
        throw invalidInput(
          `The gzip file unpacks to more than ${largestRatio} times its size. No table does; send the file unpacked if it is one.`,
        );
      yield chunk;
    }
  } catch (error) {
    throw explainGzip(error);
  }
}

function explainGzip(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR')
    return invalidInput('The gzip file is cut off: its end is missing. Pack or copy it again.');
  if (typeof code === 'string' && code.startsWith('Z_'))
    return invalidInput('The gzip file is damaged: it cannot be unpacked. Pack or copy it again.');
  return error;
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
