/** One call the org was sent: no bodies, no query values, no tokens. */
export interface JournalEntry {
  readonly sequence: number;
  readonly at: string;
  readonly method: string;
  readonly path: string;
  /** 0 when the connection was cut before an answer. */
  readonly status: number;
  /** Records in the request or the answer, where the call has any. */
  readonly records: number | undefined;
  readonly durationMs: number;
}

/** The latest calls, oldest dropped first. `total` counts all since the start of the process. */
export interface Journal {
  /** The number of a call that begins; its entry is added under it when it ends. */
  readonly next: () => number;
  readonly add: (entry: JournalEntry) => void;
  readonly latest: (limit: number, before?: number) => readonly JournalEntry[];
  readonly total: () => number;
  readonly clear: () => void;
}

export function createJournal(capacity: number): Journal {
  const entries: JournalEntry[] = [];
  let total = 0;
  return {
    next: () => ++total,
    add: (entry) => {
      entries[(entry.sequence - 1) % capacity] = entry;
    },
    latest: (limit, before = Number.MAX_SAFE_INTEGER) => {
      const found: JournalEntry[] = [];
      for (let sequence = Math.min(total, before - 1); sequence > 0 && found.length < limit; sequence--) {
        const entry = entries[(sequence - 1) % capacity];
        if (entry?.sequence === sequence) found.push(entry);
      }
      return found;
    },
    total: () => total,
    clear: () => {
      entries.length = 0;
      total = 0;
    },
  };
}
