import type { FileHandle } from 'node:fs/promises';
import { HeadraceError } from '@headrace/core';
import { type Compression, openContent, skipBytes } from './file-content.ts';
import { isUnchanged } from './import-folders.ts';

/** About a thousand rows: those of one reading are parsed in one go, and nothing else runs meanwhile. */
const readBytes = 64 * 1024;

/** A file of a batch, open for reading as often as needed. */
export class OpenedFile implements AsyncDisposable {
  readonly #handle: FileHandle;
  readonly #state: string | null;
  readonly #size: number;

  /** @param file.state what the file has to be like all the time; null where nobody else can change it */
  constructor(handle: FileHandle, file: { readonly size: number; readonly state: string | null }) {
    this.#handle = handle;
    this.#size = file.size;
    this.#state = file.state;
  }

  /**
   * The bytes as they lie there, from an offset on. Several readings may go on at once.
   * @param onRead hears how far this one has come
   */
  async *read(from: number, signal: AbortSignal, onRead?: (bytes: number) => void): AsyncGenerator<Buffer> {
    for (let position = from; position < this.#size; ) {
      signal.throwIfAborted();
      const length = Math.min(readBytes, this.#size - position);
      const { bytesRead, buffer } = await this.#handle.read(Buffer.allocUnsafe(length), 0, length, position);
      if (bytesRead === 0) throw changed();
      position += bytesRead;
      onRead?.(position);
      yield buffer.subarray(0, bytesRead);
    }
  }

  /** The unpacked content from an offset on: what is packed is read from its start, all else from there. */
  async *readContent(
    compression: Compression,
    from: number,
    signal: AbortSignal,
    onRead?: (bytes: number) => void,
  ): AsyncGenerator<Buffer> {
    if (compression === 'none') yield* this.read(from, signal, onRead);
    else yield* skipBytes((await openContent(this.read(0, signal, onRead))).chunks, from);
  }

  /** @throws HeadraceError `conflict` when the file is no longer as it was taken. */
  async requireUnchanged(): Promise<void> {
    if (this.#state !== null && !(await isUnchanged(this.#handle, this.#state))) throw changed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

const changed = (): HeadraceError =>
  new HeadraceError(
    'conflict',
    'The file changed after it was taken. Rows read before are kept. Announce another batch once it is complete.',
  );
