import { renameSync, writeFileSync } from 'node:fs';
import type { TestDatabase } from '@headrace/testkit';
import type { CrashPoint } from '../../packages/server/src/lifecycle/crash-points.ts';
import { Coverage } from './coverage.ts';
import { type CrashRun, crashRun } from './crash-run.ts';
import type { Mode } from './world.ts';

/** How often servers end at each point of each mode at least. */
const fewestEnds = 5;
/** Every so many runs it is told how far they are. */
const tellEvery = 20;

/**
 * Random runs, several at a time, that lead servers to points where they ended too seldom. A run that fails stops no
 * other. What has come of them by now stands in a file at any time.
 */
export class ManyRuns {
  readonly #databases: readonly TestDatabase[];
  readonly #modes: readonly Mode[];
  readonly #outcomeFile: string;
  readonly #coverage = new Coverage();
  readonly #done = new Map<Mode, number>();
  readonly #startedAt = performance.now();
  readonly failures: { readonly run: CrashRun; readonly error: unknown }[] = [];

  /** @param options.databases one for each run that goes on at a time */
  constructor(options: {
    readonly databases: readonly TestDatabase[];
    readonly modes: readonly Mode[];
    readonly outcomeFile: string;
  }) {
    this.#databases = options.databases;
    this.#modes = options.modes;
    this.#outcomeFile = options.outcomeFile;
  }

  /**
   * @param wanted.steer where all runs lead to; else each to one of the points where servers of the mode ended too seldom
   * @param wanted.mostMore runs where they still did after all others
   */
  async run(
    mode: Mode,
    wanted: {
      readonly runs: number;
      readonly mostMore: number;
      readonly firstSeed: number;
      readonly steer?: CrashPoint | undefined;
    },
  ): Promise<void> {
    const { runs, mostMore, firstSeed } = wanted;
    let begun = 0;
    await Promise.all(
      this.#databases.map(async (database) => {
        for (;;) {
          const seldom = this.#coverage.seldom(mode, fewestEnds);
          if (begun >= (seldom.length > 0 ? runs + mostMore : runs)) return;
          const steer = wanted.steer ?? seldom[begun % Math.max(1, seldom.length)];
          await this.#once(database, { mode, seed: firstSeed + begun++, steer });
        }
      }),
    );
  }

  /** What happened too seldom in a mode, and points that it was not said to pass. */
  gaps(mode: Mode): string[] {
    const unexpected = this.#coverage.unexpected(mode).map((point) => `passed ${point}`);
    return [...this.#coverage.lacking(mode, fewestEnds), ...unexpected];
  }

  /** What has come of all runs by now. */
  report(): string {
    const runs = this.#modes.map((mode) => `${mode.name}: ${this.#done.get(mode) ?? 0} runs`);
    const seconds = Math.round((performance.now() - this.#startedAt) / 1_000);
    const failed = this.failures.map(({ error }) => `${String(error)}\n`);
    return [
      `${runs.join(', ')}; ${failed.length} failed; ${seconds} s`,
      this.#coverage.table(this.#modes),
      ...failed,
    ].join('\n');
  }

  async #once(database: TestDatabase, run: CrashRun): Promise<void> {
    try {
      await crashRun(database, run, this.#coverage);
    } catch (error) {
      this.failures.push({ run, error });
      console.log(String(error));
    }
    const done = (this.#done.get(run.mode) ?? 0) + 1;
    this.#done.set(run.mode, done);
    this.#write();
    if (done % tellEvery === 0)
      console.log(`${run.mode.name}: ${done} runs, ${this.failures.length} of all failed`);
  }

  #write(): void {
    const unfinished = `${this.#outcomeFile}.tmp`;
    writeFileSync(unfinished, `${this.report()}\n`);
    renameSync(unfinished, this.#outcomeFile);
  }
}
