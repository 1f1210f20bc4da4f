import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { HeadraceError, invalidInput } from '@headrace/core';
import type { TakenFile } from '../store/batches.ts';
import { type BatchFormat, ContentCheck } from './content-check.ts';
import { openContent } from './file-content.ts';
import { ImportFolders } from './import-folders.ts';
import { OpenedFile } from './opened-file.ts';

const suffix = '.upload';
/** A partial upload that was not written to for so long belongs to nobody. */
const partialLifeMs = 86_400_000;

/**
 * The files of batches until their rows are ingested: uploads lie in the data folder, one per batch; files of
 * allowed folders stay where they are.
 */
export class BatchFiles {
  readonly #folder: string;
  readonly #imports: ImportFolders;

  constructor(dataDir: string, importFolders: readonly string[] = []) {
    this.#folder = join(dataDir, 'uploads');
    this.#imports = new ImportFolders(importFolders);
  }

  /**
   * Writes a stream to disk as it comes, whatever its size, and checks it; it is there as a whole, and survives
   * a power cut, or not at all.
   * @throws HeadraceError `invalid_input` when it is empty, no UTF-8, damaged, or breaks off; `conflict` when
   *   the batch has its file.
   */
  async receive(batchId: string, stream: Readable, format: BatchFormat): Promise<TakenFile> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const partial = `${this.#pathOf(batchId)}.${randomUUID()}.partial`;
    const file = await open(partial, 'w', 0o600);
    try {
      // Refused half-way, the stream is left to its owner, who still has to answer on the same connection.
      const bytes: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false });
      const taken = await inspect(bytes, format, (chunk) => file.writeFile(chunk));
      await file.sync();
      await file.close();
      // Unlike a rename, it never replaces the file of an upload that came first.
      await link(partial, this.#pathOf(batchId));
      await rm(partial, { force: true });
      await syncFolder(this.#folder);
      return { ...taken, sourcePath: null, sourceState: null };
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(partial, { force: true });
      throw asReceiptError(error);
    }
  }

  /**
   * Reads a file of an allowed folder through once, as `receive` does, and leaves it where it is.
   * @throws HeadraceError `invalid_input`, `not_found`, `conflict` when it changed meanwhile.
   */
  async take(path: string, format: BatchFormat, signal: AbortSignal): Promise<TakenFile> {
    const file = await this.#imports.open(path);
    await using opened = new OpenedFile(file.handle, { size: file.bytes, state: file.state });
    const taken = await inspect(opened.read(0, signal), format);
    await opened.requireUnchanged();
    return { ...taken, sourcePath: file.path, sourceState: file.state };
  }

  /**
   * The file of a batch; undefined when it is with another server that shares the database.
   * @throws HeadraceError when a file of an allowed folder is gone or has changed.
   */
  async open(
    batch: { readonly batchId: string } & Pick<TakenFile, 'sourcePath' | 'sourceState'>,
  ): Promise<OpenedFile | undefined> {
    if (batch.sourcePath === null) {
      const handle = await open(this.#pathOf(batch.batchId)).catch(absent);
      return handle && new OpenedFile(handle, { size: (await handle.stat()).size, state: null });
    }
    if (!this.#imports.allows(batch.sourcePath)) return undefined;
    const { handle, bytes } = await this.#imports.open(batch.sourcePath);
    return new OpenedFile(handle, { size: bytes, state: batch.sourceState });
  }

  /**
   * Removes uploads that no batch needs any more, and what a crash left of those that broke off. Whoever is
   * reading one may go on.
   * @param filterNeeded tells which of these batches need their file
   */
  async sweep(filterNeeded: (batchIds: readonly string[]) => Promise<Set<string>>, now: Date): Promise<void> {
    const names = (await readdir(this.#folder).catch(absent)) ?? [];
    const uploads = names.filter((name) => name.endsWith(suffix)).map((name) => basename(name, suffix));
    const needed = await filterNeeded(uploads);
    for (const batchId of uploads) if (!needed.has(batchId)) await rm(this.#pathOf(batchId), { force: true });
    for (const name of names.filter((partial) => partial.endsWith('.partial'))) {
      const path = join(this.#folder, name);
      const found = await stat(path).catch(absent);
      if (found !== undefined && found.mtimeMs < now.getTime() - partialLifeMs)
        await rm(path, { force: true });
    }
  }

  #pathOf(batchId: string): string {
    return join(this.#folder, batchId + suffix);
  }
}

/** Reads a file through as it streams by. @param keep gets it as it came. */
async function inspect(
  bytes: AsyncIterable<Buffer>,
  format: BatchFormat,
  keep?: (chunk: Buffer) => Promise<void>,
): Promise<Pick<TakenFile, 'fileDigest' | 'fileBytes' | 'compression'>> {
  let fileBytes = 0;
  const kept = async function* () {
    for await (const chunk of bytes) {
      fileBytes += chunk.length;
      await keep?.(chunk);
      yield chunk;
    }
  };
  const { compression, chunks } = await openContent(kept());
  const digest = createHash('sha256');
  const check = new ContentCheck(format);
  for await (const chunk of chunks) {
    check.add(chunk);
    digest.update(chunk);
  }
  check.end();
  return { fileDigest: digest.digest('hex'), fileBytes, compression };
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

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

function absent(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}

function asReceiptError(error: unknown): unknown {
  if (error instanceof HeadraceError) return error;
  const code = codeOf(error);
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
