import { compareText } from '@headrace/core';
import type pg from 'pg';
import {
  type ActivationRow,
  type MemberStanding,
  readActivationRows,
  readMemberStandings,
} from '../store/activation-reports.ts';
import { countInBuckets } from '../store/count-in-buckets.ts';
import { readTogether } from '../store/database.ts';

const statementTimeoutMs = 15_000;

export type ActivationReport = ActivationRow & {
  /** profiles = pending + activated + excluded + failed. */
  readonly pending: number;
  readonly activated: number;
  readonly excluded: number;
  readonly failed: number;
  /** When one of its members was last activated. */
  readonly lastActivatedAt: Date | null;
  /** Why members are not at the destination, most frequent first; those of one status add up to its number. */
  readonly reasons: readonly ActivationReason[];
  /** Counted in some of the buckets, and multiplied: profiles are spread over buckets at random. */
  readonly isEstimate: boolean;
};
export type ActivationReason = Pick<MemberStanding, 'status' | 'count' | 'message'> & {
  readonly code: string;
};

/**
 * Where the members of each activated segment of a dataflow stand, all at one instant: exact where they can be counted
 * within some two seconds, else an estimate whose parts still add up.
 * @param clock milliseconds, for the time that counting takes.
 */
export function reportActivations(
  pool: pg.Pool,
  dataflowId: string,
  clock: () => number,
): Promise<ActivationReport[]> {
  return readTogether(pool, statementTimeoutMs, async (trx) => {
    const activations = await readActivationRows(trx, dataflowId);
    const standings: MemberStanding[] = [];
    const share = await countInBuckets(clock, async (range) => {
      standings.push(...(await readMemberStandings(trx, dataflowId, range)));
    });
    const bySegment = Map.groupBy(standings, ({ segmentId }) => segmentId);
    return activations.map((activation) =>
      reportOf(activation, bySegment.get(activation.segmentId) ?? [], share),
    );
  });
}

/**
 * Puts the counts of ranges of buckets together. Pure.
 * @param share of the buckets that were counted; below 1 the segment's own count says how many members there are.
 */
export function reportOf(
  activation: ActivationRow,
  standings: readonly MemberStanding[],
  share: number,
): ActivationReport {
  const seen = sum(standings);
  const isEstimate = share < 1;
  const members = isEstimate ? Math.max(activation.profiles, seen) : seen;
  const factor = isEstimate && seen > 0 ? members / seen : 1;
  const alike = Map.groupBy(standings, ({ status, code }) => `${status} ${code ?? ''}`);
  const groups = [...alike.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, count: Math.round(sum([first, ...others]) * factor) }],
  );
  const count = (status: string): number => sum(groups.filter((group) => group.status === status));
  const parts = { activated: count('activated'), excluded: count('excluded'), failed: count('failed') };
  const settled = parts.activated + parts.excluded + parts.failed;
  const profiles = Math.max(members, settled);
  const times = standings.flatMap(({ activatedAt }) => activatedAt?.getTime() ?? []);
  return {
    ...activation,
    ...parts,
    profiles,
    // The rest, so that rounding loses nobody.
    pending: profiles - settled,
    lastActivatedAt: times.length === 0 ? null : new Date(Math.max(...times)),
    reasons: groups
      .flatMap(({ status, code, count, message }) =>
        code === null ? [] : [{ status, code, count, message }],
      )
      .toSorted(
        (a, b) => b.count - a.count || compareText(a.status, b.status) || compareText(a.code, b.code),
      ),
    isEstimate,
  };
}

const sum = (counts: readonly { readonly count: number }[]): number =>
  counts.reduce((total, { count }) => total + count, 0);
