import { HeadraceError, notFound } from '@headrace/core';
import type pg from 'pg';
import { transaction } from '../store/database.ts';
import {
  type AtDestination,
  changeAtDestination,
  type DataflowDeletion,
  insertDataflowDeletion,
  readDataflowDeletion,
} from '../store/dataflow-deletions.ts';
import { readDataflow } from '../store/dataflows.ts';
import { lockProfileWrites } from '../store/locks.ts';

/**
 * Begins to delete a dataflow: from now on it delivers nothing. Begun already, it changes what becomes of records, as
 * long as it has not come so far that they can no longer be told.
 * @param request.confirmedName its name, as the person who deletes it wrote it.
 * @throws HeadraceError `not_found`; `invalid_input` when the name is another; `conflict` when it is too late.
 */
export async function beginDataflowDeletion(
  pool: pg.Pool,
  request: {
    readonly dataflowId: string;
    readonly confirmedName: string;
    readonly atDestination: AtDestination;
    readonly principal: string;
  },
  now: Date,
): Promise<DataflowDeletion> {
  const { dataflowId, confirmedName, atDestination, principal } = request;
  return transaction(pool, async (trx) => {
    await lockProfileWrites(trx);
    const dataflow = await readDataflow(trx, dataflowId);
    if (dataflow === undefined) throw notFound('dataflow', dataflowId);
    const { accountId, name, deletingAt } = dataflow;
    if (name !== confirmedName)
      throw new HeadraceError(
        'invalid_input',
        'The name to confirm is not the name of this dataflow. Read the preview of its deletion, then repeat its name.',
        {
          details: [{ pointer: '/confirm', message: 'Expected the name of the dataflow, letter by letter.' }],
        },
      );
    if (deletingAt === null)
      await insertDataflowDeletion(trx, { dataflowId, accountId, name, atDestination, principal }, now);
    else if (!(await changeAtDestination(trx, dataflowId, atDestination)))
      throw new HeadraceError(
        'conflict',
        'The deletion of this dataflow has come so far that what becomes of its records cannot be changed.',
      );
    const deletion = await readDataflowDeletion(trx, dataflowId);
    if (deletion === undefined) throw new Error('A deletion that was just written is not there.');
    return deletion;
  });
}
