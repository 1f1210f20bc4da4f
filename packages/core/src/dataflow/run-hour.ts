const hourMs = 3_600_000;

/** The start of the dataflow run an instant belongs to: the hour, rounded down, in UTC. */
export const runHourOf = (instant: Date): Date => new Date(Math.floor(instant.getTime() / hourMs) * hourMs);

/** Still going on while its hour lasts or a change of it is pending. */
export type RunProgress = {
  readonly status: 'processing' | 'completed';
  /** From its start to its end, or until now: an hour at least once it is completed, longer where retries ran on. */
  readonly durationMs: number;
  /** Activated of received; null where nothing was received. */
  readonly activationRate: number | null;
};

/** How a dataflow run stands at an instant. */
export function runProgressOf(
  run: {
    readonly startedAt: Date;
    readonly received: number;
    readonly activated: number;
    readonly pending: number;
    readonly settledAt: Date | null;
  },
  now: Date,
): RunProgress {
  const started = run.startedAt.getTime();
  const isOver = run.startedAt < runHourOf(now) && run.pending === 0;
  const end = isOver ? Math.max(started + hourMs, run.settledAt?.getTime() ?? 0) : now.getTime();
  return {
    status: isOver ? 'completed' : 'processing',
    durationMs: Math.max(0, end - started),
    activationRate: run.received === 0 ? null : run.activated / run.received,
  };
}
