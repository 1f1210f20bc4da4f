import { Presets, SingleBar } from 'cli-progress';

/** A piece of work whose size is known. */
export type ProgressTask = {
  /** What is being done, for example `Loading customers.csv`. */
  readonly label: string;
  readonly total: number;
};

/** How far a task has come. */
export type Progress = {
  /** @param facts what stands behind the bar, for example `3,200 of 5,000 rows` */
  update(done: number, facts: string): void;
  /** Writes a line that stays, above the bar. */
  line(text: string): void;
  /** Ends the display and leaves the text in its place. */
  finish(text: string): void;
};

const labelWidth = 34;

/** A bar that redraws itself; leaves only the final text behind. */
export const startBar = (stream: NodeJS.WriteStream, task: ProgressTask): Progress => {
  const bar = new SingleBar(
    {
      stream,
      format: `  ${task.label.padEnd(labelWidth)} {bar} {percentage} %  {facts}`,
      barsize: 24,
      clearOnComplete: true,
      stopOnComplete: false,
      hideCursor: true,
      linewrap: false,
      // Ending is the program's own business: it has children to stop first.
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  bar.start(Math.max(1, task.total), 0, { facts: '' });
  const end = (): void => bar.stop();
  const line = (text: string): void => {
    stream.write(`\r\u001B[K${text}\n`);
    bar.render();
  };
  return {
    update: (done, facts) => bar.update(Math.min(done, Math.max(1, task.total)), { facts }),
    line,
    finish: (text) => {
      end();
      stream.write(`${text}\n`);
    },
  };
};

const minLineEveryMs = 1_000;
const maxLineEveryMs = 10_000;

/**
 * Whether the state of a task is worth a line in a log: at a new quarter when the last line is a second old,
 * and every ten seconds whatever has happened.
 */
export const isWorthLine = (state: {
  readonly fraction: number;
  readonly lastFraction: number;
  readonly sinceLastMs: number;
}): boolean => {
  if (state.sinceLastMs >= maxLineEveryMs) return true;
  const quarter = (fraction: number): number => Math.floor(fraction * 4);
  return state.sinceLastMs >= minLineEveryMs && quarter(state.fraction) > quarter(state.lastFraction);
};

/** Plain lines for an output that is no terminal. */
export const startLines = (
  write: (text: string) => void,
  task: ProgressTask,
  now: () => number,
): Progress => {
  let lastFraction = 0;
  let lastAt = now();
  return {
    update: (done, facts) => {
      const fraction = task.total === 0 ? 1 : done / task.total;
      if (!isWorthLine({ fraction, lastFraction, sinceLastMs: now() - lastAt })) return;
      lastFraction = fraction;
      lastAt = now();
      write(`  ${task.label}: ${facts}`);
    },
    line: write,
    finish: write,
  };
};
