import { integerOf } from '../store/database.ts';
import { now, type OrgState } from './org-state.ts';
import { type OtherConsumers, usedByOthers } from './other-consumers.ts';

/** The org's API calls in the last 24 hours, counted in minutes and kept in its data folder. */
export interface CallCounter {
  /** Calls of all, the simulated others included. */
  readonly used: () => number;
  readonly usedByOthers: () => number;
  /** The most calls allowed in 24 hours. */
  readonly allowed: () => number;
  readonly count: (calls?: number) => void;
  /** Overrides the org's limit until the process ends; undefined restores the definition's. */
  readonly override: (allowed: number | undefined) => void;
  /** Other programs that share the allowance, until the process ends. */
  readonly setOthers: (others: OtherConsumers | undefined) => void;
  /** Sets what was used to 0 and forgets the others. */
  readonly clear: () => void;
}

const minuteMs = 60_000;
const windowMinutes = 24 * 60;

export function createCallCounter(org: OrgState): CallCounter {
  const { database } = org;
  const minuteNow = (): number => Math.floor(now(org) / minuteMs);
  const bins = new Map<number, number>();
  let total = 0;
  let override: number | undefined;
  let others: OtherConsumers | undefined;
  for (const row of database.prepare('select minute, calls from _api_calls order by minute').all()) {
    bins.set(integerOf(row.minute), integerOf(row.calls));
    total += integerOf(row.calls);
  }
  let tidied = Number.NaN;
  /** Drops what is older than the window, and what is to come since the clock was set back. */
  const forget = (minute: number): void => {
    if (minute === tidied) return;
    tidied = minute;
    for (const [bin, calls] of bins) {
      if (bin > minute - windowMinutes && bin <= minute) continue;
      bins.delete(bin);
      total -= calls;
      database.prepare('delete from _api_calls where minute = ?').run(bin);
    }
  };
  return {
    used: () => {
      forget(minuteNow());
      return total + usedByOthers(others, now(org));
    },
    usedByOthers: () => usedByOthers(others, now(org)),
    allowed: () => override ?? org.definition.dailyApiRequests,
    count: (calls = 1) => {
      const minute = minuteNow();
      const inMinute = (bins.get(minute) ?? 0) + calls;
      bins.set(minute, inMinute);
      total += calls;
      // The whole number, not the step: a call that is undone and answered anew stays counted once.
      database.prepare('insert or replace into _api_calls values (?, ?)').run(minute, inMinute);
    },
    override: (allowed) => {
      override = allowed;
    },
    setOthers: (next) => {
      others = next;
    },
    clear: () => {
      bins.clear();
      total = 0;
      others = undefined;
      database.prepare('delete from _api_calls').run();
    },
  };
}
