import { HeadraceError, notFound } from '@headrace/core';
import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { insertActivation, markRemarked, readActivatedDataflows } from '../store/delivery-dataflows.ts';
import { markWanted } from '../store/export-marks.ts';
import { readMembersInState } from '../store/export-members.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { readSegment } from '../store/segments.ts';

const pageSize = 1_000;

export type MemberStatus = 'pending' | 'activated' | 'excluded' | 'failed';

/**
 * Activates a segment to a dataflow: its members are kept at the destination from now on, and everyone who
 * already qualifies is marked due by the delivery worker.
 * @throws HeadraceError `not_found` for an unknown segment, `conflict` when it is activated already or not
 *   published.
 */
export async function activateSegment(
  pool: pg.Pool,
  dataflowId: string,
  segmentId: string,
  now: Date,
): Promise<void> {
  const isNew = await transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    const segment = await readSegment(trx, segmentId);
    if (segment === undefined) throw notFound('segment', segmentId);
    if (segment.state !== 'published')
      throw new HeadraceError(
        'conflict',
        `The segment ${JSON.stringify(segment.name)} is ${segment.state}; destinations only take published ones. Publish it first.`,
      );
    return insertActivation(trx, dataflowId, segmentId, now);
  });
  if (!isNew) throw new HeadraceError('conflict', 'The segment is activated to this dataflow already.');
}

/**
 * Marks members due that stand at one of `statuses`: after a retry by a person, or, with all of them, after an
 * edit of the mapping (what comes out equal is not sent again).
 * @returns how many were marked.
 */
export async function markMembersDue(
  pool: pg.Pool,
  dataflowId: string,
  statuses: readonly MemberStatus[],
  now: () => Date,
): Promise<number> {
  let marked = 0;
  let after: string | undefined;
  for (;;) {
    const profileIds = await transaction(pool, async (trx) => {
      await lockProfileWrites(trx);
      const page = await readMembersInState(trx, { dataflowId, statuses, after, limit: pageSize });
      await markWanted(
        trx,
        page.map((profileId) => ({ dataflowId, profileId })),
        now(),
      );
      return page;
    });
    marked += profileIds.length;
    after = profileIds.at(-1);
    if (profileIds.length < pageSize) return marked;
  }
}

/**
 * Marks every member of dataflows whose mapping is new, the pending ones too: they may be on their way by the
 * old one. Stopped half-way, it starts over.
 * @returns how many dataflows were completed.
 */
export async function remarkDataflows(pool: pg.Pool, now: () => Date): Promise<number> {
  let remarked = 0;
  for (const { dataflowId, revision, remarkWanted } of await readActivatedDataflows(pool)) {
    if (!remarkWanted) continue;
    await markMembersDue(pool, dataflowId, ['pending', 'activated', 'excluded', 'failed'], now);
    await markRemarked(pool, dataflowId, revision);
    remarked += 1;
  }
  return remarked;
}
