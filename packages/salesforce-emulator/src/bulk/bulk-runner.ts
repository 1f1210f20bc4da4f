/** One kind of jobs, and how they are worked off. */
export interface BulkWorker {
  /** Numbers of the jobs that wait or work, and of those which may take a step now. */
  readonly look: () => { readonly waiting: number; readonly due: readonly number[] };
  /** Takes one step of a job. Never fails; small enough not to keep calls waiting for long. */
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

export function createBulkRunner(workers: readonly BulkWorker[]): BulkRunner {
  let isStopped = false;
  let immediate: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastRid = 0;
  let isStepping = false;
  const work = (): void => {
    immediate = undefined;
    if (isStopped || isStepping) return;
    const looks = workers.map((worker) => ({ worker, ...worker.look() }));
    const due = looks.flatMap(({ worker, due: rids }) => rids.map((rid) => ({ worker, rid })));
    due.sort((left, right) => left.rid - right.rid);
    const next = due.find(({ rid }) => rid > lastRid) ?? due[0];
    if (next !== undefined) {
      lastRid = next.rid;
      void take(next.worker, next.rid);
    } else if (looks.some(({ waiting }) => waiting > 0)) timer ??= setTimeout(rest, waitMs);
    else for (const worker of workers) worker.tidy();
  };
  const take = async (worker: BulkWorker, rid: number): Promise<void> => {
    isStepping = true;
    await worker.step(rid);
    isStepping = false;
    wake();
  };
  const rest = (): void => {
    timer = undefined;
    work();
  };
  const wake = (): void => {
    if (!isStopped) immediate ??= setImmediate(work);
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
