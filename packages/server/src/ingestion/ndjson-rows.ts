import type { FileRow } from './csv-rows.ts';
import type { Line } from './lines.ts';

/** Records of a file of JSON lines: one JSON value on each line, blank lines passed over. */
export async function* readNdjsonRows(
  groups: AsyncIterable<readonly Line[]>,
): AsyncGenerator<FileRow<unknown>[]> {
  for await (const lines of groups) yield lines.filter(({ text }) => text.trim() !== '').map(rowOf);
}

function rowOf({ text, end, isTooLong }: Line): FileRow<unknown> {
  if (isTooLong) return { error: 'The line is longer than 1 MB. Write one record on each line.', end };
  try {
    return { value: JSON.parse(text), end };
  } catch {
    // The parser's own message quotes the line.
    return { error: 'The line is no valid JSON. Expected one object, whole on its line.', end };
  }
}
