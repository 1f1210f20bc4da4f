import { readSync } from 'node:fs';
import type { LineEndingName } from './csv-dialect.ts';

const blockBytes = 1 << 20;

/**
 * Looks over a whole upload before any of its rows is written: every line has to end as the job says, and every
 * quote has to be closed. Answers the job's error message, or undefined. Line breaks inside quotes are values.
 */
export function scanUpload(file: number, bytes: number, lineEnding: LineEndingName): string | undefined {
  const block = Buffer.allocUnsafe(Math.min(blockBytes, Math.max(bytes, 1)));
  let isInside = false;
  let previous = 0;
  for (let position = 0; position < bytes; ) {
    const count = readSync(file, block, 0, Math.min(block.length, bytes - position), position);
    if (count === 0) break;
    position += count;
    for (let index = 0; index < count; index++) {
      const byte = block[index] ?? 0;
      if (byte === 34) isInside = !isInside;
      else if (byte === 10 && !isInside && (previous === 13) !== (lineEnding === 'CRLF'))
        return `ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is ${lineEnding}`;
      previous = byte;
    }
  }
  return isInside ? 'ClientInputError : Unclosed quote in the uploaded data' : undefined;
}
