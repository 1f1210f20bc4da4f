/** Work that is due at a moment of the org's time, which an administrator may move. */
export interface OrgTimers {
  /** Runs the work once the org's time reaches `due` (epoch milliseconds); never within this call. */
  readonly at: (due: number, work: () => void) => void;
  /** Runs what is due, in order; for whoever moves the clock. */
  readonly run: () => void;
  /** When the first of them is due. */
  readonly next: () => number | undefined;
  /** Forgets what is to come. */
  readonly clear: () => void;
}

/** The clock may be moved by others too, so it is looked at again after so long at most. */
const longestWaitMs = 250;

/** Timers that ask `now` for the org's time and do not keep the process alive. */
export function createTimers(now: () => number): OrgTimers {
  let tasks: { readonly due: number; readonly work: () => void }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    clearTimeout(timer);
    const [first] = tasks;
    if (first === undefined) return;
    timer = setTimeout(run, Math.min(Math.max(first.due - now(), 0), longestWaitMs)).unref();
  };
  const run = (): void => {
    for (let [first] = tasks; first !== undefined && first.due <= now(); [first] = tasks) {
      tasks.shift();
      try {
        first.work();
      } catch (error) {
        // Nobody waits for it, and the others are due all the same.
        console.error(error);
      }
    }
    arm();
  };
  return {
    at: (due, work) => {
      const index = tasks.findIndex((task) => task.due > due);
      tasks.splice(index < 0 ? tasks.length : index, 0, { due, work });
      arm();
    },
    run,
    next: () => tasks[0]?.due,
    clear: () => {
      tasks = [];
      clearTimeout(timer);
    },
  };
}
