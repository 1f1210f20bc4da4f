/** API calls being answered, for the limit of calls that take long at a time. */
export interface RunningCalls {
  /** A call begins; what it returns ends it, once or more often. */
  readonly begin: () => () => void;
  /** Calls that have run for so long. */
  readonly longRunning: (longMs: number) => number;
}

export function createRunningCalls(): RunningCalls {
  const starts = new Map<number, number>();
  let last = 0;
  return {
    begin: () => {
      const number = ++last;
      starts.set(number, performance.now());
      return () => {
        starts.delete(number);
      };
    },
    longRunning: (longMs) => {
      const latest = performance.now() - longMs;
      let count = 0;
      // In the order they began: the first that is too young ends it.
      for (const start of starts.values()) {
        if (start > latest) break;
        count += 1;
      }
      return count;
    },
  };
}
