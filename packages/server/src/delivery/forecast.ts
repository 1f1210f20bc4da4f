import { windowMs } from './call-limit.ts';
import { type CallLedger, callRate } from './pace.ts';

const stepMs = 5 * 60_000;
const farthestMs = 30 * windowMs;
/** Calls a second that a lane makes at most: five at once, each answered after a second. */
const usualCallsPerMs = 5 / 1_000;

export type Forecast = {
  /** Calls that are needed. */
  readonly calls: number;
  /** Epoch milliseconds; undefined when it is farther away than 30 days. */
  readonly doneAt: number | undefined;
};

/**
 * When a backlog will be delivered at the pace that lanes keep.
 * @param backlog.share the part of the calls that the dataflow gets, of 1; other dataflows make use of the rest.
 */
export function forecast(
  ledger: CallLedger,
  backlog: {
    readonly records: number;
    readonly recordsPerCall: number;
    readonly share: number;
  },
): Forecast {
  const calls = Math.ceil(backlog.records / backlog.recordsPerCall);
  const leaving = [...ledger.leaving];
  let { at, used } = ledger;
  let left = calls;
  for (const end = at + farthestMs; left > 0 && at < end; at += stepMs) {
    while (leaving[0] !== undefined && leaving[0].at <= at) used -= leaving.shift()?.calls ?? 0;
    const room = Math.max(0, ledger.limit - used);
    const ofAll = callRate({ at, limit: ledger.limit, used, leaving });
    const rate = Math.min(usualCallsPerMs, ofAll * backlog.share);
    const others = Math.min(room, Math.min(usualCallsPerMs, ofAll) * (1 - backlog.share) * stepMs);
    const made = Math.min(left, room - others, rate * stepMs);
    if (made >= left) return { calls, doneAt: at + (rate > 0 ? left / rate : 0) };
    left -= made;
    used += made + others;
    leaving.push({ at: at + windowMs, calls: made + others });
  }
  return { calls, doneAt: left > 0 ? undefined : at };
}

/** @param forecasted.calls and the allowance are told with it, so that a person sees what it hangs on. */
export function describeForecast(
  { calls, doneAt }: Forecast,
  {
    records,
    allowance,
    isHeld,
  }: { readonly records: number; readonly allowance: number; readonly isHeld: boolean },
): string {
  if (records === 0) return 'Nothing is to be delivered.';
  const needs = `${count(records, 'record')} ${records === 1 ? 'needs' : 'need'} ${count(calls, 'call')}; the allowance is ${count(allowance, 'call')} in 24 hours`;
  if (isHeld) return `${needs}; the dataflow stands still.`;
  if (doneAt === undefined) return `${needs}; not done within 30 days.`;
  return `${needs}; done at about ${new Date(doneAt).toISOString().slice(0, 16).replace('T', ' ')} UTC.`;
}

const count = (many: number, what: string): string =>
  `${many.toLocaleString('en-US')} ${what}${many === 1 ? '' : 's'}`;
