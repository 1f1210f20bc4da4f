import type { DestinationConnection } from '@headrace/core';
import type pg from 'pg';
import { passCrashPoint } from '../lifecycle/crash-points.ts';
import { transaction } from '../store/database.ts';
import {
  claimActivationList,
  type DeliveryDataflow,
  releaseActivationList,
  setActivationList,
} from '../store/delivery-dataflows.ts';
import { wasCertainlyNotWritten } from './row-results.ts';

/**
 * Sees to it that each activated segment has its list at the destination, where such are used.
 * @param deadlineMs of a call.
 * @returns whether all have theirs and the dataflow is as it was read; else it is to be read again.
 * @throws HeadraceError with a `destination_*` code. After an unknown outcome nobody tries again before the lost call
 *   can no longer be running.
 */
export async function ensureLists(
  { pool, now }: { readonly pool: pg.Pool; readonly now: () => Date },
  connection: DestinationConnection,
  { dataflowId, details, segments, tellsMemberships }: DeliveryDataflow,
  deadlineMs: number,
  hardStop: AbortSignal,
): Promise<boolean> {
  const lacking = tellsMemberships
    ? segments.filter(({ listId, isActive }) => isActive && listId === null)
    : [];
  for (const segment of lacking) {
    const key = { dataflowId, segmentId: segment.segmentId };
    const until = new Date(now().getTime() + deadlineMs + connection.lostCallMs);
    if (!(await claimActivationList(pool, key, now(), until))) return false;
    await passCrashPoint('list claimed');
    const signal = AbortSignal.any([hardStop, AbortSignal.timeout(deadlineMs)]);
    try {
      const listId = await connection.ensureList(segment, details, signal);
      if (listId === null) {
        await releaseActivationList(pool, key, until);
        return true;
      }
      await passCrashPoint('list made');
      await transaction(pool, (trx) => setActivationList(trx, key, listId, until));
    } catch (error) {
      if (wasCertainlyNotWritten(error)) await releaseActivationList(pool, key, until);
      throw error;
    }
  }
  return lacking.length === 0;
}
