import { HeadraceError } from '@headrace/core';
import { type Db, rows, type Trx } from './database.ts';

/* What a destination has to be asked about is checked before it is written: no lock is held while it is asked. */

/** A dataflow was changed since what is to be written was checked; the transaction that finds out is rolled back. */
class ChangedMeanwhile extends Error {}

/** Each look takes the time of a few calls: more edits of one dataflow in a row are no people's. */
const most = 5;

/**
 * Checks and writes, and again where the dataflow changed in between.
 * @throws HeadraceError `conflict` where that does not end; and what `work` throws.
 */
export async function untilUnchanged<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++)
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile)) throw error;
      if (tries === most)
        throw new HeadraceError(
          'conflict',
          'The dataflow is being changed by others at this moment. Look at it again, then repeat the change.',
        );
    }
}

/** To be called once the transaction has raised the revision: nobody else did since it was checked. */
export async function requireOnlyRaise(trx: Trx, dataflowId: string, checkedRevision: number): Promise<void> {
  const found = await rows(trx, 'select from dataflow where dataflow_id = $1 and revision = $2', [
    dataflowId,
    checkedRevision + 1,
  ]);
  if (found.length === 0) throw new ChangedMeanwhile();
}

/** A dataflow as it was checked. */
export type CheckedDataflow = { readonly dataflowId: string; readonly revision: number };

/**
 * Has the members of dataflows that name a segment by its own name marked due, since it has another now.
 * @param checked those that can be told the new name.
 */
export async function remarkNaming(
  trx: Trx,
  segmentId: string,
  checked: readonly CheckedDataflow[],
): Promise<void> {
  const naming = await rows<CheckedDataflow>(
    trx,
    `update dataflow d set remark_wanted = true, revision = revision + 1 where ${isNaming}
     returning dataflow_id as "dataflowId", revision`,
    [segmentId],
  );
  const revisions = new Map(checked.map(({ dataflowId, revision }) => [dataflowId, revision]));
  if (naming.some(({ dataflowId, revision }) => revisions.get(dataflowId) !== revision - 1))
    throw new ChangedMeanwhile();
}

/** Dataflows that name a segment, activated now or once, by its own name. */
export async function readNaming(db: Db, segmentId: string): Promise<string[]> {
  const found = await rows<{ dataflowId: string }>(
    db,
    `select dataflow_id as "dataflowId" from dataflow d where ${isNaming} order by dataflow_id`,
    [segmentId],
  );
  return found.map(({ dataflowId }) => dataflowId);
}

const isNaming = `d.tells_memberships and d.deleting_at is null and exists (
  select from activation a where a.dataflow_id = d.dataflow_id and a.segment_id = $1 and a.mapping_id is null)`;
