import { createHash, randomUUID } from 'node:crypto';
import { access, link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { HeadraceError, invalidInput } from '@headrace/core';

export type ReceivedFile = { readonly digest: string; readonly bytes: number };

/** Where uploaded files lie until their rows are ingested: one per batch, in the data folder. */
export class BatchFiles {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'uploads');
  }

  pathOf(batchId: string): string {
    return join(this.#folder, `${batchId}.csv`);
  }

  /**
   * Writes a stream to disk as it comes, whatever its size; it is there as a whole, and survives a power cut,
   * or not at all.
   * @throws HeadraceError `invalid_input` when it is empty, no UTF-8, or breaks off.
   */
  async receive(batchId: string, stream: Readable): Promise<ReceivedFile> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const partial = `${this.pathOf(batchId)}.${randomUUID()}.partial`;
    const file = await open(partial, 'w', 0o600);
    try {
      const digest = createHash('sha256');
      const utf8 = new TextDecoder('utf-8', { fatal: true });
      let bytes = 0;
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        requireUtf8(() => utf8.decode(chunk, { stream: true }), bytes);
        digest.update(chunk);
        bytes += chunk.length;
        await file.writeFile(chunk);
      }
      requireUtf8(() => utf8.decode(), bytes);
      if (bytes === 0) throw invalidInput('The file is empty. Expected a header line and rows.');
      await file.sync();
      await file.close();
      // Unlike a rename, it never replaces the file of an upload that came first.
      await link(partial, this.pathOf(batchId));
      await rm(partial, { force: true });
      await syncFolder(this.#folder);
      return { digest: digest.digest('hex'), bytes };
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(partial, { force: true });
      throw asReceiptError(error);
    }
  }

  /** Whether the file is here, and not with another server that shares the database. */
  async has(batchId: string): Promise<boolean> {
    return access(this.pathOf(batchId)).then(
      () => true,
      () => false,
    );
  }

  async remove(batchId: string): Promise<void> {
    await rm(this.pathOf(batchId), { force: true });
  }
}

/** A file is there after a power cut once its folder is on disk, too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function requireUtf8(decode: () => unknown, bytesBefore: number): void {
  try {
    decode();
  } catch {
    throw invalidInput(
      `The file is not UTF-8 text: the first wrong byte lies after byte ${bytesBefore}. Save it as "CSV UTF-8" and send it again.`,
    );
  }
}

function asReceiptError(error: unknown): unknown {
  if (error instanceof HeadraceError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EEXIST')
    return new HeadraceError(
      'conflict',
      'The batch has its file already. Create another batch for another file.',
    );
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return invalidInput('The upload broke off. Nothing of it was taken; send the file again.');
  if (code === 'ENOSPC')
    return new HeadraceError('overloaded', 'The disk is full. Free some space, then send the file again.', {
      retryAfterMs: 60_000,
      cause: error,
    });
  return error;
}
