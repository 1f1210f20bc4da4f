import { randomUUID } from 'node:crypto';
import { HeadraceError, type MappingRow, notFound, standardNamespaces } from '@headrace/core';
import type pg from 'pg';
import { transaction } from '../store/database.ts';
import { requireOnlyRaise, untilUnchanged } from '../store/dataflow-revisions.ts';
import {
  type DataflowRow,
  insertDataflow,
  readDataflow,
  updateDetails,
  updateMapping,
} from '../store/dataflows.ts';
import { readCustomNamespaces, readUnionSchema } from '../store/dataset-contexts.ts';
import { getAccount } from './accounts.ts';
import { checkActivations } from './check-activation.ts';
import { checkMapping } from './check-mapping.ts';
import type { Connections } from './connections.ts';
import { type Destinations, detailFieldsOf, getDestination } from './destinations.ts';
import { type InputValues, readInputValues } from './input-fields.ts';

export type DataflowsOptions = {
  readonly pool: pg.Pool;
  readonly destinations: Destinations;
  readonly connections: Pick<Connections, 'connectionFor'>;
  readonly now: () => Date;
};

/** @throws HeadraceError `not_found`. */
export async function getDataflow(pool: pg.Pool, dataflowId: string): Promise<DataflowRow> {
  const dataflow = await readDataflow(pool, dataflowId);
  if (dataflow === undefined) throw notFound('dataflow', dataflowId);
  return dataflow;
}

/** One that may be changed. @throws HeadraceError `not_found`; `conflict` when it is being deleted. */
export async function getChangeableDataflow(pool: pg.Pool, dataflowId: string): Promise<DataflowRow> {
  const dataflow = await getDataflow(pool, dataflowId);
  if (dataflow.deletingAt === null) return dataflow;
  throw new HeadraceError(
    'conflict',
    `The dataflow ${JSON.stringify(dataflow.name)} is being deleted and cannot be changed. Create another.`,
  );
}

/**
 * Creates a dataflow, enabled; it delivers nothing until a segment is activated to it.
 * @throws HeadraceError `not_found` for the account, `invalid_input` for details or mapping, `conflict` when
 *   the name is taken, `destination_*` when the destination cannot be asked for its fields.
 */
export async function createDataflow(
  options: DataflowsOptions,
  dataflow: {
    readonly accountId: string;
    readonly name: string;
    readonly description: string;
    readonly details: InputValues;
    readonly mapping: readonly MappingRow[];
  },
  signal: AbortSignal,
): Promise<DataflowRow> {
  const { pool, destinations, now } = options;
  const account = await getAccount(pool, dataflow.accountId);
  const destination = getDestination(destinations, account.destinationType);
  const details = readInputValues(detailFieldsOf(destination), dataflow.details, '/details');
  await requireMapping(options, { accountId: account.accountId, details }, dataflow.mapping, signal);
  const row: DataflowRow = {
    ...dataflow,
    name: dataflow.name.trim(),
    details,
    tellsMemberships: destination.tellsMemberships(details),
    dataflowId: randomUUID(),
    enabled: true,
    stoppedBy: null,
    deletingAt: null,
    revision: 1,
    createdAt: now(),
  };
  if (!(await insertDataflow(pool, row)))
    throw new HeadraceError(
      'conflict',
      `There is a dataflow ${JSON.stringify(row.name)} already. Choose another name.`,
    );
  return row;
}

/**
 * Replaces the details of a dataflow, under which its mapping has to hold; delivery marks its members due where they may
 * say something else than before.
 * @throws HeadraceError `not_found`, `invalid_input`, `destination_*`.
 */
export async function replaceDetails(
  options: DataflowsOptions,
  dataflowId: string,
  given: InputValues,
  signal: AbortSignal,
): Promise<void> {
  const { pool, destinations } = options;
  await untilUnchanged(async () => {
    const { accountId, mapping, revision } = await getChangeableDataflow(pool, dataflowId);
    const destination = getDestination(destinations, (await getAccount(pool, accountId)).destinationType);
    const details = readInputValues(detailFieldsOf(destination), given, '/details');
    await requireMapping(options, { accountId, details }, mapping, signal);
    await checkActivations(options, { dataflowId, accountId, details, mapping }, signal);
    const tellsMemberships = destination.tellsMemberships(details);
    await transaction(pool, async (trx) => {
      await updateDetails(trx, dataflowId, { details, tellsMemberships });
      await requireOnlyRaise(trx, dataflowId, revision);
    });
  });
}

/**
 * Replaces the mapping of a dataflow; delivery marks its members due.
 * @throws HeadraceError `not_found`, `invalid_input`, `destination_*`.
 */
export async function replaceMapping(
  options: DataflowsOptions,
  dataflowId: string,
  mapping: readonly MappingRow[],
  signal: AbortSignal,
): Promise<void> {
  const { pool } = options;
  await untilUnchanged(async () => {
    const dataflow = await getChangeableDataflow(pool, dataflowId);
    await requireMapping(options, dataflow, mapping, signal);
    await checkActivations(options, { ...dataflow, mapping }, signal);
    await transaction(pool, async (trx) => {
      await updateMapping(trx, dataflowId, mapping);
      await requireOnlyRaise(trx, dataflowId, dataflow.revision);
    });
  });
}

async function requireMapping(
  { pool, connections }: DataflowsOptions,
  { accountId, details }: Pick<DataflowRow, 'accountId' | 'details'>,
  mapping: readonly MappingRow[],
  signal: AbortSignal,
): Promise<void> {
  const connection = await connections.connectionFor(accountId);
  const [union, custom, targets] = await Promise.all([
    readUnionSchema(pool),
    readCustomNamespaces(pool),
    connection.targetFields(details, signal),
  ]);
  const namespaces = [...standardNamespaces, ...custom].map(({ code }) => code);
  checkMapping(mapping, union, targets, namespaces);
}
