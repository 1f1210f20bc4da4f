import { Wakeup } from '../lifecycle/wakeup.ts';
import { readCalendarState, readNextEvaluation } from '../store/evaluation-due.ts';
import { beginCalendarPass } from './evaluate-calendar.ts';
import { evaluateDue, type TimedEvaluation } from './evaluate-due.ts';
import { calendarKind, midnightOf } from './missed-midnights.ts';
import { beginScheduled } from './segment-schedule.ts';

/** Instants that ingestion or another process brought forward are found this often. */
const pollMs = 500;

export type TimedEvaluationsOptions = TimedEvaluation & {
  /** A pass over everyone was written down. */
  readonly wakePopulationJobs: () => void;
  readonly onError: (error: unknown) => void;
};

/** Follows the clock: evaluates profiles at the instants their rules speak of, and everyone when a day begins or by schedule. */
export class TimedEvaluations {
  readonly #options: TimedEvaluationsOptions;

  constructor(options: TimedEvaluationsOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { pool, rules, now, wakePopulationJobs, onError } = this.#options;
    const pause = new Wakeup();
    while (!signal.aborted) {
      let waitMs = pollMs;
      try {
        await evaluateDue(this.#options, signal);
        if (await beginCalendarPass(pool, rules, now)) wakePopulationJobs();
        if (await beginScheduled(pool, rules, now)) wakePopulationJobs();
        const next = await readNextEvaluation(pool);
        if (next !== undefined) waitMs = Math.min(pollMs, Math.max(1, next.getTime() - now().getTime()));
      } catch (error) {
        onError(error);
      }
      await pause.sleep(waitMs, signal);
    }
  }

  /** Waits until nobody is behind the present instant, while `run` follows the clock. */
  async caughtUp(signal: AbortSignal): Promise<void> {
    const { pool, now } = this.#options;
    const [asOf, pause] = [now(), new Wakeup()];
    while (!signal.aborted) {
      const next = await readNextEvaluation(pool);
      const calendar = await readCalendarState(pool, calendarKind);
      const isBehind = next !== undefined && next <= asOf;
      if (!isBehind && calendar !== undefined && calendar.midnight >= midnightOf(asOf)) return;
      await pause.sleep(pollMs, signal);
    }
  }
}
