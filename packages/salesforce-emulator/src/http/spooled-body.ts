import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ApiError } from '../errors/api-error.ts';

/** A body that went into a file, since it may be too large to hold. Whoever takes it moves the file away. */
export interface SpooledBody {
  readonly path: string;
  readonly bytes: number;
}

/** 150 MB once Salesforce has stored it in base64. */
const maxBytes = Math.floor((150 * 1024 * 1024) / 4) * 3;

/** Writes a body to a file, unpacked. Throws an ApiError, and leaves no file, when it is too large or no gzip. */
export async function spoolBody(source: Readable, isGzip: boolean, path: string): Promise<SpooledBody> {
  let bytes = 0;
  const count = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) done(null, chunk);
      else
        done(
          new ApiError(
            413,
            'REQUEST_TOO_LARGE',
            `The upload is larger than ${maxBytes} bytes, which are 150 MB in base64.`,
          ),
        );
    },
  });
  const file = createWriteStream(path);
  try {
    if (isGzip) await pipeline(source, createGunzip(), count, file);
    else await pipeline(source, count, file);
    return { path, bytes };
  } catch (error) {
    await rm(path, { force: true });
    if (error instanceof ApiError) throw error;
    if (isGzip) throw new ApiError(400, 'INVALID_CONTENT_ENCODING', 'The request body is not gzip.');
    throw new ApiError(400, 'INCOMPLETE_REQUEST', 'The request body did not arrive whole.');
  }
}
