import { isUtf8 } from 'node:buffer';
import { invalidInput } from '@headrace/core';

export type BatchFormat = 'csv' | 'ndjson';

/** What people send by mistake, by its first bytes. */
const foreignFormats: readonly (readonly [name: string, magic: readonly number[]])[] = [
  ['a ZIP archive or an Excel workbook', [0x50, 0x4b, 0x03, 0x04]],
  ['an old Excel workbook', [0xd0, 0xcf, 0x11, 0xe0]],
  ['a Parquet file', [0x50, 0x41, 0x52, 0x31]],
  ['packed by Zstandard', [0x28, 0xb5, 0x2f, 0xfd]],
  ['packed by bzip2', [0x42, 0x5a, 0x68]],
  ['packed by xz', [0xfd, 0x37, 0x7a, 0x58]],
  ['packed by gzip twice', [0x1f, 0x8b]],
  ['a PDF', [0x25, 0x50, 0x44, 0x46]],
];
const formatNames: Readonly<Record<BatchFormat, string>> = { csv: 'CSV', ndjson: 'JSON lines' };
/** Enough to tell a format, little enough to look at byte by byte. */
const headBytes = 4_096;

/**
 * Checks the unpacked content of a file as it streams by: text in UTF-8, not empty, and at first sight of the
 * announced format. What is wrong with single rows is not its business.
 */
export class ContentCheck {
  readonly #format: BatchFormat;
  #bytes = 0;
  /** A character cut by the end of a chunk; at most 3 bytes. */
  #rest: Buffer = Buffer.alloc(0);
  #head: Buffer = Buffer.alloc(0);
  #isHeadChecked = false;

  constructor(format: BatchFormat) {
    this.#format = format;
  }

  /** @throws HeadraceError `invalid_input` saying what the file looks like and what to do. */
  add(chunk: Buffer): void {
    if (!this.#isHeadChecked) {
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, headBytes - this.#head.length)]);
      if (this.#head.length === headBytes) this.#checkHead();
    }
    const text = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const whole = text.length - cutCharacterLength(text);
    this.#requireUtf8(text.subarray(0, whole));
    this.#rest = Buffer.from(text.subarray(whole));
    this.#bytes += whole;
  }

  end(): void {
    this.#checkHead();
    this.#requireUtf8(this.#rest);
  }

  #checkHead(): void {
    if (this.#isHeadChecked) return;
    this.#isHeadChecked = true;
    const problem = problemOf(this.#head, this.#format);
    if (problem !== undefined) throw invalidInput(problem);
  }

  #requireUtf8(bytes: Buffer): void {
    if (isUtf8(bytes)) return;
    // What is wrong with the beginning says more.
    this.#checkHead();
    const valid = Buffer.byteLength(bytes.toString().split('\uFFFD', 1)[0] ?? '');
    throw invalidInput(
      `The file is not UTF-8 text: byte ${this.#bytes + valid + 1} is wrong. It may be Latin-1 (Windows-1252). Save it as "CSV UTF-8" and send it again.`,
    );
  }
}

function problemOf(head: Buffer, format: BatchFormat): string | undefined {
  const foreign = foreignFormats.find(([, magic]) => magic.every((byte, index) => head[index] === byte));
  if (foreign !== undefined)
    return `The file is ${foreign[0]}. Expected ${formatNames[format]} in UTF-8, as it is or packed by gzip.`;
  if (looksLikeUtf16(head))
    return 'The file looks like UTF-16 ("Unicode text"). Save it as UTF-8 ("CSV UTF-8") and send it again.';
  const text = head.toString().replace(/^\uFEFF/, '');
  if (text.trim() === '')
    return head.length < headBytes
      ? `The file is empty. Expected ${format === 'csv' ? 'a header line and rows' : 'one JSON object on each line'}.`
      : 'The file begins with thousands of blanks. Remove them.';
  if (format === 'ndjson' && text.trimStart().startsWith('['))
    return 'The file begins with a list. Expected JSON lines: one object on each line, without a list around them.';
  if (format === 'csv' && text.trimStart().startsWith('{"'))
    return 'The file begins with a JSON object. Expected CSV; announce the batch with format "ndjson" for JSON lines.';
  if (/\r(?!\n|$)/.test(text) && !text.includes('\n'))
    return 'The lines end with a carriage return alone, as on old Macs. Save the file with line feeds (LF or CRLF).';
  return undefined;
}

/** A byte order mark, or a NUL in every second byte of what would else be Latin letters. */
function looksLikeUtf16(head: Buffer): boolean {
  if (head.length >= 2 && (head.readUInt16BE() === 0xfffe || head.readUInt16BE() === 0xfeff)) return true;
  const nuls = [0, 0];
  for (const [index, byte] of head.entries()) if (byte === 0) nuls[index % 2] = (nuls[index % 2] ?? 0) + 1;
  return nuls.some((count) => count >= 2 && count > head.length * 0.2);
}

/** How many bytes at the end are the beginning of a character whose rest is still to come. */
function cutCharacterLength(bytes: Buffer): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length += 1) {
    const byte = bytes[bytes.length - length] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return length < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? length : 0;
  }
  return 0;
}
