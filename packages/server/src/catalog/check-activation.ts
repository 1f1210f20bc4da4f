import type { DataflowDetails } from '@headrace/core';
import type pg from 'pg';
import type { DataflowRow } from '../store/dataflows.ts';
import { readGoingActivations } from '../store/delivery-dataflows.ts';
import { readSegment } from '../store/segments.ts';
import type { Connections } from './connections.ts';

type Options = { readonly pool: pg.Pool; readonly connections: Pick<Connections, 'connectionFor'> };

/**
 * Has the destination check that it can be told of a segment, beside those of the dataflow that are activated already.
 * @param mappingId undefined: as it is.
 * @throws HeadraceError `destination_misconfigured` that says what to do, or another `destination_*` code when the
 *   destination cannot be asked.
 */
export async function checkActivation(
  { pool, connections }: Options,
  { dataflowId, accountId, details, tellsMemberships }: DataflowRow,
  segmentId: string,
  mappingId: string | null | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (!tellsMemberships || mappingId === undefined) return;
  const segment = await readSegment(pool, segmentId);
  if (segment === undefined) return;
  const others = (await readGoingActivations(pool, dataflowId)).filter(
    (activation) => activation.segmentId !== segmentId,
  );
  const connection = await connections.connectionFor(accountId);
  await connection.checkMemberships([...others, { name: segment.name, mappingId }], details, signal);
}

/** The same of all that are activated, under new details. @throws HeadraceError as `checkActivation` does. */
export async function checkActivations(
  { pool, connections }: Options,
  { dataflowId, accountId }: { readonly dataflowId: string; readonly accountId: string },
  details: DataflowDetails,
  signal: AbortSignal,
): Promise<void> {
  const activated = await readGoingActivations(pool, dataflowId);
  if (activated.length === 0) return;
  const connection = await connections.connectionFor(accountId);
  await connection.checkMemberships(activated, details, signal);
}
