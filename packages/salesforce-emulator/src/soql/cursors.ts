import type { CompiledQuery } from './compiled-query.ts';

/** A finished query whose later pages are still to be fetched: the record numbers in order. */
export interface OpenCursor {
  readonly query: CompiledQuery;
  readonly recordNumbers: readonly number[];
  /** Whose it is: another user may not see the same fields. */
  readonly userId: string;
}

/** Open cursors by locator; the oldest are forgotten beyond a bound, as an org closes them. */
export type Cursors = Map<string, OpenCursor>;

const maxCursors = 10;

/** Keeps a cursor under its locator. */
export function keepCursor(cursors: Cursors, locator: string, cursor: OpenCursor): void {
  cursors.set(locator, cursor);
  for (const oldest of cursors.keys()) {
    if (cursors.size <= maxCursors) break;
    cursors.delete(oldest);
  }
}
