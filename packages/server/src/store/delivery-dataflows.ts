import type { MappingRow } from '@headrace/core';
import { type Db, preparedRows, rows, type Trx } from './database.ts';

/** A dataflow with what its delivery depends on. */
export type DeliveryDataflow = {
  readonly dataflowId: string;
  readonly accountId: string;
  readonly mapping: readonly MappingRow[];
  readonly details: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  /** Raised when mapping or enabled change. */
  readonly revision: number;
  /** The mapping is new and its members are still to be marked due. */
  readonly remarkWanted: boolean;
  readonly stoppedBy: { readonly code: string; readonly message: string; readonly at: string } | null;
  /** Activated segments. */
  readonly segmentIds: readonly string[];
};

/** Dataflows with at least one activated segment. */
export function readActivatedDataflows(db: Db): Promise<DeliveryDataflow[]> {
  return preparedRows(
    db,
    `select d.dataflow_id as "dataflowId", d.account_id as "accountId", d.mapping, d.details, d.enabled,
       d.revision, d.remark_wanted as "remarkWanted",
       d.stopped_by as "stoppedBy", array_agg(a.segment_id) as "segmentIds"
     from dataflow d join activation a using (dataflow_id)
     group by d.dataflow_id order by d.dataflow_id`,
  );
}

/** Whether a dataflow is still as it was read; ask after rows have been locked. */
export async function isRevisionCurrent(trx: Trx, dataflowId: string, revision: number): Promise<boolean> {
  const found = await rows<object>(trx, 'select from dataflow where dataflow_id = $1 and revision = $2', [
    dataflowId,
    revision,
  ]);
  return found.length === 1;
}

/** Every member of the revision's mapping has been marked due. */
export async function markRemarked(db: Db, dataflowId: string, revision: number): Promise<void> {
  await db.query('update dataflow set remark_wanted = false where dataflow_id = $1 and revision = $2', [
    dataflowId,
    revision,
  ]);
}

/** Stops a dataflow by a connection-level error; it stays stopped until `resumeDataflow`. */
export async function stopDataflow(
  db: Db,
  dataflowId: string,
  error: { readonly code: string; readonly message: string },
  now: Date,
): Promise<void> {
  await db.query(
    `update dataflow set stopped_by = jsonb_build_object('code', $2::text, 'message', $3::text, 'at', $4::timestamptz)
     where dataflow_id = $1`,
    [dataflowId, error.code, error.message, now],
  );
}

export async function resumeDataflow(db: Db, dataflowId: string): Promise<void> {
  await db.query('update dataflow set stopped_by = null where dataflow_id = $1', [dataflowId]);
}

/** @returns false when the segment is activated to the dataflow already. */
export async function insertActivation(
  trx: Trx,
  dataflowId: string,
  segmentId: string,
  now: Date,
): Promise<boolean> {
  const inserted = await trx.query(
    `insert into activation (dataflow_id, segment_id, activated_at) values ($1, $2, $3)
     on conflict (dataflow_id, segment_id) do nothing`,
    [dataflowId, segmentId, now],
  );
  return inserted.rowCount === 1;
}

/** Activations whose present members are still to be marked due. */
export function readUnfilledActivations(db: Db): Promise<{ dataflowId: string; segmentId: string }[]> {
  return rows(
    db,
    `select dataflow_id as "dataflowId", segment_id as "segmentId" from activation
     where backfilled_at is null order by activated_at`,
  );
}

export async function markBackfilled(
  trx: Trx,
  dataflowId: string,
  segmentId: string,
  now: Date,
): Promise<void> {
  await trx.query('update activation set backfilled_at = $3 where dataflow_id = $1 and segment_id = $2', [
    dataflowId,
    segmentId,
    now,
  ]);
}
