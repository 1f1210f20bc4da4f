import type pg from 'pg';
import { type CheckedDataflow, readNaming } from '../store/dataflow-revisions.ts';
import { type DataflowRow, readDataflow } from '../store/dataflows.ts';
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
  dataflow: DataflowRow,
  segmentId: string,
  mappingId: string | null | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { dataflowId, accountId, tellsMemberships } = dataflow;
  if (!tellsMemberships || mappingId === undefined) return;
  const segment = await readSegment(pool, segmentId);
  if (segment === undefined) return;
  const others = (await readGoingActivations(pool, dataflowId)).filter(
    (activation) => activation.segmentId !== segmentId,
  );
  const connection = await connections.connectionFor(accountId);
  await connection.checkMemberships(
    [...others, { segmentId, name: segment.name, mappingId }],
    dataflow,
    signal,
  );
}

/** The same of all that are activated, under new details or a new mapping. @throws HeadraceError as `checkActivation` does. */
export async function checkActivations(
  { pool, connections }: Options,
  dataflow: Pick<DataflowRow, 'dataflowId' | 'accountId' | 'details' | 'mapping'>,
  signal: AbortSignal,
): Promise<void> {
  const activated = await readGoingActivations(pool, dataflow.dataflowId);
  if (activated.length === 0) return;
  const connection = await connections.connectionFor(dataflow.accountId);
  await connection.checkMemberships(activated, dataflow, signal);
}

/**
 * The same of all dataflows that name a segment by its own name, for another name of it.
 * @returns them as they were checked.
 * @throws HeadraceError as `checkActivation` does.
 */
export async function checkRename(
  { pool, connections }: Options,
  segmentId: string,
  name: string,
  signal: AbortSignal,
): Promise<CheckedDataflow[]> {
  if ((await readSegment(pool, segmentId))?.name === name) return [];
  const checked: CheckedDataflow[] = [];
  for (const dataflowId of await readNaming(pool, segmentId)) {
    const dataflow = await readDataflow(pool, dataflowId);
    if (dataflow === undefined) continue;
    checked.push(dataflow);
    const activated = await readGoingActivations(pool, dataflowId);
    if (!activated.some((activation) => activation.segmentId === segmentId)) continue;
    const renamed = activated.map((one) => (one.segmentId === segmentId ? { ...one, name } : one));
    const connection = await connections.connectionFor(dataflow.accountId);
    await connection.checkMemberships(renamed, dataflow, signal);
  }
  return checked;
}
