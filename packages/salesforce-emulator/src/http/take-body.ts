import type { Readable } from 'node:stream';
import { ApiError } from '../errors/api-error.ts';

/**
 * Reads a body of at most so many bytes. With 0 it is read to its end and thrown away, for a call that is refused
 * whatever it holds. Throws an ApiError for more, while the rest of it is thrown away; so the refusal arrives.
 */
export function takeBody(source: Readable, mostBytes: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let parts: Buffer[] = [];
  let bytes = 0;
  source.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes <= mostBytes) parts.push(part);
    else {
      parts = [];
      if (mostBytes > 0)
        reject(new ApiError(413, 'REQUEST_TOO_LARGE', `The request body is larger than ${mostBytes} bytes.`));
    }
  });
  source.on('end', () => resolve(Buffer.concat(parts)));
  const broken = (): void =>
    reject(new ApiError(400, 'INCOMPLETE_REQUEST', 'The request body did not arrive whole.'));
  source.on('error', broken);
  source.on('close', broken);
  return promise;
}
