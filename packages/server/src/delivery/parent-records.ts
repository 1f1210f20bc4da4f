import type { ParentRecord } from '@headrace/core';
import type { Trx } from '../store/database.ts';
import type { Settlement } from '../store/delivery-settlements.ts';
import { markParentsWanted, type ParentRow, parentIdOf, readParents } from '../store/export-parents.ts';
import type { Sendable } from './admit-row.ts';
import { hashOf, type WantedRecord } from './wanted-record.ts';

/** How long a row waits for the record it belongs to, unless it is woken. */
const parentWaitMs = 5_000;

/** A parent as a record of its own. */
export const parentAsRecord = ({ linkField, ...parent }: ParentRecord): WantedRecord => ({
  ...parent,
  lists: [],
  parent: null,
});

/**
 * Has the records that candidates belong to written where they are not what the candidates say, the last of several
 * deciding, and ties each candidate to its parent. One whose parent is not there yet waits for it; one whose parent
 * cannot be written fails with it.
 */
export async function withParents(
  trx: Trx,
  dataflowId: string,
  candidates: readonly Sendable[],
  now: Date,
): Promise<{ readonly ready: readonly Sendable[]; readonly settlements: readonly Settlement[] }> {
  const families = candidates.flatMap((child) => {
    const { parent } = child.record;
    return parent === null ? [] : [{ child, parent, parentId: parentIdOf(parent) }];
  });
  if (families.length === 0) return { ready: candidates, settlements: [] };
  const rows = await readParents(trx, dataflowId, [...new Set(families.map(({ parentId }) => parentId))]);
  const wanted = new Map<string, { parentId: string; sourceProfileId: string }>();
  for (const { child, parent, parentId } of families) {
    const sourceProfileId = child.row.profileId;
    if (isNews(rows.get(parentId), child, hashOf(parentAsRecord(parent))))
      wanted.set(parentId, { parentId, sourceProfileId });
  }
  await markParentsWanted(trx, dataflowId, [...wanted.values()], now);
  const parents = new Map(families.map((family) => [family.child, family]));
  const ready: Sendable[] = [];
  const settlements: Settlement[] = [];
  for (const child of candidates) {
    const family = parents.get(child);
    const row = family === undefined ? undefined : rows.get(family.parentId);
    if (family === undefined) ready.push(child);
    else if (row !== undefined && row.recordId !== null)
      ready.push(linked(child, family.parent, family.parentId, row.recordId));
    else if (row?.status === 'failed' && !wanted.has(family.parentId))
      settlements.push(failedWith(row, child, family.parentId));
    else settlements.push(waiting(child, family.parentId, now));
  }
  return { ready, settlements };
}

/** Whether a parent is to be written anew. One that failed is tried again for a child that changed. */
function isNews(row: ParentRow | undefined, { row: child }: Sendable, hash: string): boolean {
  if (row === undefined) return true;
  if (row.sentHash === hash) return false;
  if (row.status === 'failed') return child.attempts === 0;
  return row.status !== 'pending' || row.isInFlight || row.sourceProfileId !== child.profileId;
}

const linked = (child: Sendable, parent: ParentRecord, parentId: string, recordId: string): Sendable => ({
  ...child,
  record: { ...child.record, fields: { ...child.record.fields, [parent.linkField]: recordId } },
  parentId,
});

const waiting = ({ row }: Sendable, parentId: string, now: Date): Settlement => ({
  profileId: row.profileId,
  seq: row.wantedSeq,
  inFlight: row.inFlight,
  result: {
    kind: 'retry',
    at: new Date(now.getTime() + parentWaitMs),
    code: 'parent_pending',
    message: 'It waits for the record it belongs to.',
    recordId: null,
    parentId,
  },
});

const failedWith = (parent: ParentRow, { row, record }: Sendable, parentId: string): Settlement => ({
  profileId: row.profileId,
  seq: row.wantedSeq,
  inFlight: row.inFlight,
  result: {
    kind: 'settled',
    status: 'failed',
    code: 'parent_failed',
    message: `The record it belongs to could not be written (${parent.code ?? 'unknown'}): ${parent.message ?? ''}`,
    recordId: null,
    sentHash: null,
    matchKey: record.matchKey,
    created: null,
    parentId,
  },
});
