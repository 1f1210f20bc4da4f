import { windowMs } from './call-limit.ts';

/** Calls of an org in the rolling 24 hours, as of an instant. */
export type CallLedger = {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Calls that may be counted in any 24 hours. */
  readonly limit: number;
  /** Calls counted now. */
  readonly used: number;
  /** When counted calls become free, in order; together `used`. */
  readonly leaving: readonly { readonly at: number; readonly calls: number }[];
  /** Where it is others that leave too little: when a call may be made all the same, to hear how much they leave now. */
  readonly hearAt?: number | undefined;
};

/** Of the limit spread over 24 hours this much is kept for changes to come; the rest may be spent on what is due now. */
const keptShare = 0.75;
/** With so much of the limit to spare nothing waits. */
const plentifulShare = 0.2;
/** What is to spare would be spent in this time, were it not for what is freed meanwhile. */
const spendMs = 3_600_000;
/** Where nothing of ours becomes free, others may leave room at any time. */
const lookAgainMs = 60_000;
/** Records of a call while calls are plentiful: small enough that the next need not wait long. */
const usualRecords = 200;

/**
 * Calls per millisecond that may be made from now on; Infinity while they are plentiful.
 *
 * Calls to spare are those that can be made at once and still leave the kept rate at any time of the next 24 hours, as
 * calls become free. The fewer there are, the slower they are spent; with none left the rate is the highest that can go
 * on for 24 hours. It needs no knowledge of how many changes come: few of them leave more to spare.
 */
export function callRate(ledger: CallLedger): number {
  const kept = (keptShare * ledger.limit) / windowMs;
  const { spare, lasting } = lookAhead(ledger, kept);
  if (ledger.limit > 0 && spare >= plentifulShare * ledger.limit) return Number.POSITIVE_INFINITY;
  return spare > 0 ? kept + spare / spendMs : lasting;
}

function lookAhead({ at, limit, used, leaving }: CallLedger, kept: number) {
  let room = limit - used;
  let spare = room;
  let lasting = Number.POSITIVE_INFINITY;
  const restUntil = (end: number): void => {
    const ms = Math.max(1, end - at);
    spare = Math.min(spare, room - kept * ms);
    lasting = Math.min(lasting, room / ms);
  };
  for (const freed of leaving) {
    restUntil(freed.at);
    room += freed.calls;
  }
  restUntil(Math.max(at + windowMs, leaving.at(-1)?.at ?? 0));
  return { spare, lasting: Math.max(0, lasting) };
}

/** When the next call can be made at all. */
export function nextRoomAt({ at, limit, used, leaving }: CallLedger): number {
  let room = limit - used;
  if (room >= 1) return at;
  for (const freed of leaving) {
    room += freed.calls;
    if (room >= 1) return freed.at;
  }
  return at + lookAgainMs;
}

export type Pace = {
  /** Epoch milliseconds; not in the future: at once. */
  readonly sendAt: number;
  /** Most records that a call should carry. */
  readonly records: number;
};

/**
 * When a lane sends next and how much at once. While calls are plentiful a change goes at once; as they get scarce it
 * lingers, so that calls fill up. Pressure shows as latency, never as a failure.
 */
export function paceOf(
  ledger: CallLedger,
  lane: {
    /** Its part of the rate, of 1: other lanes and processes have theirs. */
    readonly share: number;
    /** Calls that sending once costs. */
    readonly calls: number;
    /** When it last sent; long ago where it never did. */
    readonly sentAt: number;
    readonly maxRecords: number;
  },
): Pace {
  // What is known of the ledger may be older than what was just sent.
  const hearAt = Math.max(ledger.at, lane.sentAt + lookAgainMs, ledger.hearAt ?? Number.POSITIVE_INFINITY);
  if (ledger.used >= ledger.limit)
    return { sendAt: Math.min(nextRoomAt(ledger), hearAt), records: lane.maxRecords };
  const rate = callRate(ledger);
  if (rate === Number.POSITIVE_INFINITY)
    return { sendAt: ledger.at, records: Math.min(usualRecords, lane.maxRecords) };
  const lingerMs = lane.calls / (rate * lane.share);
  // However slow it is now, what becomes free meanwhile may make it faster.
  const sendAt = Math.min(lane.sentAt + lingerMs, ledger.at + lookAgainMs, hearAt);
  return { sendAt, records: lane.maxRecords };
}
