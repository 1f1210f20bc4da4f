import { HeadraceError, invalidInput, notFound } from '@headrace/core';
import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { requireOnlyRaise } from '../store/dataflow-revisions.ts';
import {
  type ActivationOptions,
  insertActivation,
  markRemarked,
  readActivatedDataflows,
  readActivation,
  updateActivation,
} from '../store/delivery-dataflows.ts';
import { markWanted } from '../store/export-marks.ts';
import { readMembersInState } from '../store/export-members.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { readSegment } from '../store/segments.ts';

const pageSize = 1_000;

/** At once, for good, under the segment's own name. */
export const plainActivation: ActivationOptions = {
  mappingId: null,
  onExit: 'write_status',
  startsAt: null,
  endsAt: null,
};

/** @throws HeadraceError `invalid_input` for a time that is over before it begins. */
export function requireWindow({ startsAt, endsAt }: ActivationOptions, now: Date): void {
  if (endsAt === null || endsAt > (startsAt !== null && startsAt > now ? startsAt : now)) return;
  const message =
    'The activation would end before it begins; ends_at has to lie in the future and after starts_at.';
  throw invalidInput(message, [{ pointer: '/ends_at', message }]);
}

export type MemberStatus = 'pending' | 'activated' | 'excluded' | 'failed';

/**
 * Activates a segment to a dataflow: its members are kept at the destination from now on, and everyone who
 * already qualifies is marked due by the delivery worker.
 * @param checkedRevision of the dataflow that the destination was asked about, see `untilUnchanged`
 * @throws HeadraceError `not_found` for an unknown segment, `conflict` when it is activated already or not
 *   published.
 */
export async function activateSegment(
  pool: pg.Pool,
  dataflowId: string,
  segmentId: string,
  options: ActivationOptions,
  now: Date,
  checkedRevision?: number,
): Promise<void> {
  requireWindow(options, now);
  const isNew = await transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    const segment = await readSegment(trx, segmentId);
    if (segment === undefined) throw notFound('segment', segmentId);
    if (segment.state !== 'published')
      throw new HeadraceError(
        'conflict',
        `The segment ${JSON.stringify(segment.name)} is ${segment.state}; destinations only take published ones. Publish it first.`,
      );
    const isActivated = await insertActivation(trx, { dataflowId, segmentId }, options, now);
    if (isActivated && checkedRevision !== undefined)
      await requireOnlyRaise(trx, dataflowId, checkedRevision);
    return isActivated;
  });
  if (!isNew) throw new HeadraceError('conflict', 'The segment is activated to this dataflow already.');
}

/**
 * Changes what was chosen for an activation; its members are marked again. Set to end now, everyone has left it.
 * @param checkedRevision as for `activateSegment`
 * @throws HeadraceError `not_found`, `invalid_input`.
 */
export async function changeActivation(
  pool: pg.Pool,
  dataflowId: string,
  segmentId: string,
  change: Partial<ActivationOptions>,
  now: Date,
  checkedRevision?: number,
): Promise<void> {
  await transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    const key = { dataflowId, segmentId };
    const present = await readActivation(trx, key);
    if (present === undefined) throw notFound('activation that goes on of the segment', segmentId);
    const options = { ...present, ...change };
    if (change.endsAt !== undefined && change.endsAt !== null && change.endsAt > now)
      requireWindow(options, now);
    await updateActivation(trx, key, options);
    if (checkedRevision !== undefined) await requireOnlyRaise(trx, dataflowId, checkedRevision);
  });
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
  for (const { dataflowId, revision, remarkWanted } of await readActivatedDataflows(pool, now())) {
    if (!remarkWanted) continue;
    await markMembersDue(pool, dataflowId, ['pending', 'activated', 'excluded', 'failed'], now);
    await markRemarked(pool, dataflowId, revision);
    remarked += 1;
  }
  return remarked;
}
