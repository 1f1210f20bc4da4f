import {
  type DeliveryGroup,
  type DeliveryItem,
  type DestinationConnection,
  exclusionReasons,
  type ReadRecord,
} from '@headrace/core';
import { passCrashPoint } from '../lifecycle/crash-points.ts';
import type { MadeRecord, Settlement } from '../store/delivery-settlements.ts';
import type { ClaimedRow } from './admit-row.ts';
import type { ClaimedBatch } from './claim-batches.ts';
import {
  afterWriting,
  changedSince,
  countContended,
  failed,
  madeOf,
  putOff,
  type RowResult,
  requestOf,
  requireAnswers,
  type SendContext,
  type SentBatch,
  settlementsOf,
  severalMatches,
  toItem,
  wasCertainlyNotWritten,
  written,
} from './row-results.ts';

type Planned = { readonly row: ClaimedRow; readonly item: DeliveryItem };

/**
 * Reads what the destination holds of a batch and writes the difference only: what is equal is settled without a
 * write, what is missing is created, of the rest the fields that differ are written.
 * @throws HeadraceError when it could not be read; nothing was written then.
 */
export async function compareBatch(
  connection: DestinationConnection,
  batch: ClaimedBatch,
  context: SendContext,
  signal: AbortSignal,
): Promise<SentBatch> {
  const read = await connection.read(requestOf(batch, 'create', batch.rows.map(toItem)), signal);
  requireAnswers(read, batch.rows);
  const found = read.flatMap((record) => (record.kind === 'found' ? [record.recordId] : []));
  const holders = await context.holdersOf(batch.object, found);
  const settlements: Settlement[] = [];
  const planned: Record<DeliveryGroup, Planned[]> = { create: [], update: [] };
  const taken = new Set<string>();
  for (const [index, row] of batch.rows.entries()) {
    const plan = row.isLeft
      ? planOfLeft(row, read[index], context)
      : planOf(row, read[index], holders, taken);
    if ('group' in plan) planned[plan.group].push({ row, item: plan.item });
    else settlements.push(...settlementsOf(batch, [row], () => plan.result));
  }
  await passCrashPoint('compared');
  let error: unknown;
  let contended = 0;
  const made: MadeRecord[] = [];
  for (const group of ['update', 'create'] as const) {
    if (planned[group].length === 0) continue;
    let rows: ClaimedRow[] = [];
    try {
      // An opt-out or change since the batch was read goes first.
      const changed = await context.changedOf(planned[group].map(({ row }) => row));
      const old = planned[group].flatMap(({ row }) => (changed.has(row.profileId) ? [row] : []));
      settlements.push(...putOff(batch, changedSince, context.now(), old));
      const going = planned[group].filter(({ row }) => !changed.has(row.profileId));
      rows = going.map(({ row, item }) => ({ ...row, fields: item.fields, lists: item.lists }));
      if (rows.length === 0) continue;
      const items = going.map(({ item }) => item);
      const outcomes = await connection.deliver(requestOf(batch, group, items), signal);
      requireAnswers(outcomes, rows);
      settlements.push(...settlementsOf(batch, rows, (row, at) => afterWriting(outcomes[at], row, context)));
      contended += countContended(outcomes);
      made.push(...madeOf(rows, outcomes));
      await passCrashPoint('part written');
    } catch (thrown) {
      error = thrown;
      // Rows whose outcome is not known stay in flight.
      if (wasCertainlyNotWritten(thrown)) settlements.push(...putOff(batch, thrown, context.now(), rows));
    }
  }
  return { settlements, made, contended, ...(error !== undefined && { error }) };
}

type Plan = { readonly result: RowResult } | { readonly group: DeliveryGroup; readonly item: DeliveryItem };

/** What is to be done where the destination holds this. Pure but for `taken`: records that rows of the batch go to. */
function planOf(
  row: ClaimedRow,
  read: ReadRecord | undefined,
  holders: ReadonlyMap<string, string>,
  taken: Set<string>,
): Plan {
  switch (read?.kind) {
    case undefined:
      return { result: undefined };
    case 'several':
      return { result: severalMatches(row, read.recordIds) };
    case 'absent':
      return { group: 'create', item: { ...toItem(row), recordId: null } };
    case 'found': {
      const { recordId } = read;
      const holder = holders.get(recordId);
      if ((holder !== undefined && holder !== row.profileId) || taken.has(recordId))
        return { result: held(row, holder) };
      taken.add(recordId);
      return planUpdate(row, read);
    }
  }
}

/** What was left behind is written itself, or nothing is: what it became is somebody's by now. */
function planOfLeft(row: ClaimedRow, read: ReadRecord | undefined, { now }: SendContext): Plan {
  if (read === undefined) return { result: undefined };
  if (read.kind === 'found' && read.recordId === row.recordId) return planUpdate(row, read);
  const message = 'The record was deleted, merged or converted at the destination.';
  return { result: { kind: 'retry', at: now(), code: 'record_gone', message, recordId: 'forget' } };
}

function planUpdate(row: ClaimedRow, read: Extract<ReadRecord, { kind: 'found' }>): Plan {
  const { recordId, differing, differingLists } = read;
  if (differing.length + differingLists.length === 0) return { result: written(row, recordId, false) };
  const fields = Object.fromEntries(Object.entries(row.fields).filter(([name]) => differing.includes(name)));
  const lists = row.lists.filter(({ listId }) => differingLists.includes(listId));
  return { group: 'update', item: { ...toItem(row), recordId, fields, lists } };
}

const held = (row: ClaimedRow, holder: string | undefined): RowResult => ({
  ...failed(
    row,
    'record_held',
    exclusionReasons.record_held.meaning + (holder ? ` It is profile ${holder}.` : ''),
  ),
  status: 'excluded',
});
