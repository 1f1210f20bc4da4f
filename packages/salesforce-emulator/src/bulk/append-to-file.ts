import { closeSync, openSync, writeSync } from 'node:fs';

/**
 * Writes texts behind the part of a file that counts, and answers its new length in bytes. What an unfinished
 * step left behind that part is overwritten.
 */
export function appendToFile(path: string, length: number, texts: readonly string[]): number {
  if (texts.length === 0) return length;
  const bytes = Buffer.from(texts.join(''));
  const file = openSync(path, length === 0 ? 'w' : 'r+');
  try {
    for (let done = 0; done < bytes.length; )
      done += writeSync(file, bytes, done, bytes.length - done, length + done);
  } finally {
    closeSync(file);
  }
  return length + bytes.length;
}
