/** A line of text without its end. `end` is the offset in the content of what follows it. */
export type Line = { readonly text: string; readonly end: number; readonly isTooLong: boolean };

/** UTF-8 bytes of one row, and of one line. */
export const longestRow = 1_048_576;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = '\uFEFF';
const none = Buffer.alloc(0);

/**
 * Lines as they stream by, those of one chunk together. Ends are LF or CRLF. A line longer than any row may be
 * is cut, so that memory stays bounded whatever comes.
 *
 * @param from the offset in the content at which the chunks begin
 */
export async function* readLines(chunks: AsyncIterable<Buffer>, from: number): AsyncGenerator<Line[]> {
  let position = from;
  let rest = none;
  let isTooLong = false;
  const lineOf = (bytes: Buffer, end: number): Line => {
    const length = bytes[bytes.length - 1] === carriageReturn ? bytes.length - 1 : bytes.length;
    const text = bytes.toString('utf8', 0, length);
    const isMarked = end - bytes.length <= 1 && text.startsWith(byteOrderMark);
    const line = { text: isMarked ? text.slice(1) : text, end, isTooLong: isTooLong || length > longestRow };
    isTooLong = false;
    return line;
  };
  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let start = 0;
    for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, start)) {
      const bytes = chunk.subarray(start, at);
      start = at + 1;
      lines.push(lineOf(rest.length === 0 ? bytes : Buffer.concat([rest, bytes]), position + start));
      rest = none;
    }
    position += chunk.length;
    if (rest.length > longestRow) isTooLong = true;
    else rest = Buffer.concat([rest, chunk.subarray(start)]);
    if (lines.length > 0) yield lines;
  }
  if (rest.length > 0) yield [lineOf(rest, position)];
}
