import { type BucketRange, bucketCount, type Priority, priorityOf } from '@headrace/core';
import type pg from 'pg';
import { readCallBins } from '../store/api-calls.ts';
import { readCallBudget } from '../store/call-budgets.ts';
import type { DeliveryDataflow } from '../store/delivery-dataflows.ts';
import { callBinLeavesAt, callLimitOf, countedFrom, hearAgainAt } from './call-limit.ts';
import { shareOf } from './lane-shares.ts';
import { type CallLedger, type Pace, paceOf } from './pace.ts';

/** How old what is known of the ledger may be; what was sent since is taken off. */
const ledgerMaxAgeMs = 1_000;
/** Weight of what sending cost since the ledger was last read, in what it is taken to cost. */
const newest = 0.2;
const mostCallsPerBatch = 50;

type KnownLedger = CallLedger & { readonly budgetKey: string; readonly callsEver: number };
/** An org with an allowance, as this process knows it. */
type Org = { batches: number; callsPerBatch: number };
type LaneState = { readonly budgetKey: string; priority: Priority; sentAt: number };

/** Paces the lanes of one process by the ledgers of their orgs. A destination that counts no calls is not paced. */
export class LanePacer {
  readonly #pool: pg.Pool;
  /** Time of the ledger: that of its bins, and of every pace. */
  readonly now: () => Date;
  /** By account. */
  readonly #ledgers = new Map<string, KnownLedger>();
  readonly #orgs = new Map<string, Org>();
  readonly #lanes = new Map<string, LaneState>();

  constructor(pool: pg.Pool, now: () => Date) {
    this.#pool = pool;
    this.now = now;
  }

  /** When the lane of a dataflow sends next, and how much at once. */
  async paceOf(
    { dataflowId, accountId, details }: DeliveryDataflow,
    ranges: readonly BucketRange[],
    maxRecords: number,
  ): Promise<Pace> {
    const at = this.now().getTime();
    const ofProfiles = partOf(ranges);
    const ledger = await this.#ledgerOf(accountId, at, ofProfiles);
    if (ledger === undefined) return { sendAt: at, records: maxRecords };
    const { budgetKey } = ledger;
    const lane = this.#lanes.get(dataflowId) ?? {
      budgetKey,
      priority: 'normal',
      sentAt: Number.NEGATIVE_INFINITY,
    };
    const priority = priorityOf(details);
    this.#lanes.set(dataflowId, { budgetKey, priority, sentAt: lane.sentAt });
    const others = [...this.#lanes].flatMap(([id, other]) =>
      id !== dataflowId && other.budgetKey === budgetKey ? [other] : [],
    );
    const { callsPerBatch, batches } = this.#orgOf(budgetKey);
    return paceOf(
      { ...ledger, at, used: ledger.used + batches * callsPerBatch },
      {
        share: shareOf(priority, others, ofProfiles, at),
        calls: callsPerBatch,
        sentAt: lane.sentAt,
        maxRecords,
      },
    );
  }

  /** A lane sends so many batches now. */
  sending(dataflowId: string, batches: number): void {
    const lane = this.#lanes.get(dataflowId);
    if (lane === undefined || batches === 0) return;
    lane.sentAt = this.now().getTime();
    this.#orgOf(lane.budgetKey).batches += batches;
  }

  async #ledgerOf(accountId: string, at: number, ofProfiles: number): Promise<KnownLedger | undefined> {
    const known = this.#ledgers.get(accountId);
    if (known !== undefined && at - known.at < ledgerMaxAgeMs && at >= known.at) return known;
    const ledger = await readLedger(this.#pool, accountId, at);
    if (ledger === undefined) return undefined;
    this.#ledgers.set(accountId, ledger);
    const org = this.#orgOf(ledger.budgetKey);
    if (known?.budgetKey === ledger.budgetKey && org.batches > 0) {
      const cost = ((ledger.callsEver - known.callsEver) * ofProfiles) / org.batches;
      const learned = (1 - newest) * org.callsPerBatch + newest * cost;
      org.callsPerBatch = Math.min(mostCallsPerBatch, Math.max(1, learned));
    }
    org.batches = 0;
    return ledger;
  }

  #orgOf(budgetKey: string): Org {
    const org = this.#orgs.get(budgetKey) ?? { batches: 0, callsPerBatch: 1 };
    this.#orgs.set(budgetKey, org);
    return org;
  }
}

/** The ledger that an account counts in; undefined where it never made a call. */
export async function readLedger(
  pool: pg.Pool,
  accountId: string,
  at: number,
): Promise<KnownLedger | undefined> {
  const now = new Date(at);
  const budget = await readCallBudget(pool, accountId);
  if (budget === undefined) return undefined;
  const bins = await readCallBins(pool, budget.budgetKey, countedFrom(now));
  const used = bins.reduce((sum, { calls }) => sum + calls, 0);
  return {
    at,
    limit: callLimitOf(budget, now),
    used,
    leaving: bins.map(({ startedAt, calls }) => ({ at: callBinLeavesAt(startedAt).getTime(), calls })),
    hearAt: hearAgainAt({ ...budget, calls: used }, now)?.getTime(),
    budgetKey: budget.budgetKey,
    callsEver: budget.callsEver,
  };
}

const partOf = (ranges: readonly BucketRange[]): number =>
  ranges.reduce((sum, { firstBucket, lastBucket }) => sum + lastBucket - firstBucket + 1, 0) / bucketCount;
