/** How much a lane sends at a time, as it has gone so far. */
export type Sending = {
  /** Batches in flight; between whole numbers while it grows. */
  readonly inFlight: number;
  /** Records of a batch, as a part of the most. */
  readonly size: number;
  /** The quickest answers by order of magnitude of the batch, in milliseconds; they are forgotten slowly. */
  readonly quickestMs: Readonly<Record<number, number>>;
};

export type SentReport =
  | {
      readonly kind: 'answered';
      readonly records: number;
      readonly ms: number;
      /** Records that were refused because others were writing the same rows. */
      readonly contended: number;
    }
  /** The destination asked for less, or could not answer. */
  | { readonly kind: 'throttled' };

/** Salesforce lets a production org run 25 calls of over 20 s at once, a developer edition 5. */
const mostInFlight = 5;
const leastSize = 1 / 64;
/** An answer that takes so long, or so many times the usual, says that more at once would not help. */
const tooLongMs = 10_000;
const slowerThanUsual = 4;
const leastSlowMs = 1_000;
const growth = { inFlight: 1, size: 1 / 16 };
/** The usual is found anew after some hundred answers. */
const forgetting = 1.01;

export const freshSending: Sending = { inFlight: mostInFlight, size: 1, quickestMs: {} };

/** Additive increase, multiplicative decrease. What collides with others shrinks in both ways. */
export function adaptSending(sending: Sending, report: SentReport): Sending {
  if (report.kind === 'throttled') return shrunk(sending, false);
  const magnitude = Math.ceil(Math.log2(Math.max(1, report.records)));
  const quickest = sending.quickestMs[magnitude] ?? Number.POSITIVE_INFINITY;
  const seen: Sending = {
    ...sending,
    quickestMs: {
      ...sending.quickestMs,
      [magnitude]: Math.max(1, Math.min(quickest * forgetting, report.ms)),
    },
  };
  if (report.contended > 0) return shrunk(seen, true);
  if (report.ms > tooLongMs || report.ms > Math.max(leastSlowMs, slowerThanUsual * quickest))
    return shrunk(seen, false);
  return {
    ...seen,
    inFlight: Math.min(mostInFlight, sending.inFlight + growth.inFlight / sending.inFlight),
    size: Math.min(1, sending.size + growth.size),
  };
}

const shrunk = (sending: Sending, isSmaller: boolean): Sending => ({
  ...sending,
  inFlight: Math.max(1, sending.inFlight / 2),
  size: isSmaller ? Math.max(leastSize, sending.size / 2) : sending.size,
});

export const batchesInFlight = ({ inFlight }: Sending): number => Math.floor(inFlight);

/** @param most of the destination, or as the pace says. */
export const recordsOf = ({ size }: Sending, most: number): number => Math.max(1, Math.floor(size * most));
