/** A transaction that may hold records: one call, or one chunk of a job. */
export interface LockHolder {
  readonly ids: Set<string>;
  /** Whether it may be undone and begun again once the records are free; else they count as refused. */
  readonly mayWait: boolean;
}

/** Thrown out of a transaction that needs a record another one holds; it is begun anew when that is free. */
export class LockWait extends Error {
  readonly freed: Promise<void>;
  constructor(freed: Promise<void>) {
    super('A record is locked by another transaction.');
    this.freed = freed;
  }
}

/** Records held by transactions that have been committed and are not at their end yet. */
export interface RowLocks {
  /** Who writes now; without one nothing gets locked, and what others hold is refused at once. */
  current: LockHolder | undefined;
  /** Whether nobody holds anything and nobody is to. */
  readonly isIdle: () => boolean;
  /** Holds a record for {@link current}; false when another has it. Throws a {@link LockWait} where one may wait. */
  readonly take: (id: string) => boolean;
  readonly release: (holder: LockHolder) => void;
}

export function createRowLocks(): RowLocks {
  const holders = new Map<string, LockHolder>();
  const waiters = new Map<LockHolder, PromiseWithResolvers<void>>();
  const locks: RowLocks = {
    current: undefined,
    isIdle: () => locks.current === undefined && holders.size === 0,
    take: (id) => {
      const { current } = locks;
      const holder = holders.get(id);
      if (holder === undefined || holder === current) {
        if (current === undefined) return true;
        holders.set(id, current);
        current.ids.add(id);
        return true;
      }
      if (current?.mayWait !== true) return false;
      const waiter = waiters.get(holder) ?? Promise.withResolvers<void>();
      waiters.set(holder, waiter);
      throw new LockWait(waiter.promise);
    },
    release: (holder) => {
      for (const id of holder.ids) if (holders.get(id) === holder) holders.delete(id);
      holder.ids.clear();
      waiters.get(holder)?.resolve();
      waiters.delete(holder);
    },
  };
  return locks;
}
