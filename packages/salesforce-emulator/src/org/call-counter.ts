import { integerOf } from '../store/database.ts';
import { now, type OrgState } from './org-state.ts';

/** The org's API calls in the last 24 hours, counted in minutes and kept in its data folder. */
export interface CallCounter {
  readonly used: () => number;
  /** The most calls allowed in 24 hours. */
  readonly allowed: () => number;
  readonly count: (calls?: number) => void;
  /** Overrides the org's limit until the process ends; undefined restores the definition's. */
  readonly override: (allowed: number | undefined) => void;
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
  for (const row of database.prepare('select minute, calls from _api_calls order by minute').all()) {
    bins.set(integerOf(row.minute), integerOf(row.calls));
    total += integerOf(row.calls);
  }
  const forget = (minute: number): void => {
    for (const [bin, calls] of bins) {
      if (bin > minute - windowMinutes) break;
      bins.delete(bin);
      total -= calls;
      database.prepare('delete from _api_calls where minute = ?').run(bin);
    }
  };
  return {
    used: () => {
      forget(minuteNow());
      return total;
    },
    allowed: () => override ?? org.definition.dailyApiRequests,
    count: (calls = 1) => {
      const minute = minuteNow();
      bins.set(minute, (bins.get(minute) ?? 0) + calls);
      total += calls;
      database
        .prepare(
          'insert into _api_calls values (?, ?) on conflict (minute) do update set calls = calls + excluded.calls',
        )
        .run(minute, calls);
    },
    override: (allowed) => {
      override = allowed;
    },
    clear: () => {
      bins.clear();
      total = 0;
      database.prepare('delete from _api_calls').run();
    },
  };
}
