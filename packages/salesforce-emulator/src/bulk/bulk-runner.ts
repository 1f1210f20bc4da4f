/** One kind of jobs, and how they are worked off. */
export interface BulkWorker {
  /** Numbers of the jobs that wait or work, and of those which may take a step now. */
  readonly look: () => { readonly waiting: number; readonly due: readonly number[] };
  /**
   * Takes one step of a job; small enough not to keep calls waiting for long. Fails only when the step could not be
   * noted, such as on a full disk: then it is taken again.
   */
  readonly step: (rid: number) => void | Promise<void>;
  /** Forgets what ended long ago. */
  readonly tidy: () => void;
}

/** Works off closed jobs, one step at a time and job after job in turn, between the calls the org answers. */
export interface BulkRunner {
  /** Looks for work soon; called when there may be some. */
  readonly wake: () => void;
  readonly stop: () => void;
}

/** How often jobs that wait for their time are looked at: the org's clock may be moved. */
const waitMs = 50;
/** How long after a step that could not be noted. */
const troubleMs = 1_000;

export function createBulkRunner(workers: readonly BulkWorker[]): BulkRunner {
  let isStopped = false;
  let immediate: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastRid = 0;
  let isStepping = false;
  const work = async (): Promise<void> => {
    immediate = undefined;
    if (isStopped || isStepping) return;
    isStepping = true;
    try {
      await next();
    } catch (error) {
      if (!isStopped) console.error(error);
      restFor(troubleMs);
    } finally {
      isStepping = false;
    }
  };
  const next = async (): Promise<void> => {
    const looks = workers.map((worker) => ({ worker, ...worker.look() }));
    const due = looks.flatMap(({ worker, due: rids }) => rids.map((rid) => ({ worker, rid })));
    due.sort((left, right) => left.rid - right.rid);
    const chosen = due.find(({ rid }) => rid > lastRid) ?? due[0];
    if (chosen !== undefined) {
      lastRid = chosen.rid;
      await chosen.worker.step(chosen.rid);
      wake();
    } else if (looks.some(({ waiting }) => waiting > 0)) restFor(waitMs);
    else for (const worker of workers) worker.tidy();
  };
  const restFor = (milliseconds: number): void => {
    if (isStopped) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      void work();
    }, milliseconds);
  };
  const wake = (): void => {
    if (!isStopped) immediate ??= setImmediate(() => void work());
  };
  return {
    wake,
    stop: () => {
      isStopped = true;
      clearImmediate(immediate);
      clearTimeout(timer);
    },
  };
}
