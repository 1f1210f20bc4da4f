import type { MappingRow } from '@headrace/core';
import { type Db, maybeRow, rows } from './database.ts';

export type DataflowRow = {
  readonly dataflowId: string;
  readonly accountId: string;
  readonly name: string;
  readonly description: string;
  readonly details: Readonly<Record<string, string>>;
  readonly mapping: readonly MappingRow[];
  /** The destination is told of each segment that a profile enters or leaves. */
  readonly tellsMemberships: boolean;
  readonly enabled: boolean;
  readonly stoppedBy: { readonly code: string; readonly message: string; readonly at: string } | null;
  readonly createdAt: Date;
  /** It is being deleted since then. */
  readonly deletingAt: Date | null;
  /** Raised by every change of it. */
  readonly revision: number;
};

const columns = `dataflow_id as "dataflowId", account_id as "accountId", name, description, details, mapping,
  tells_memberships as "tellsMemberships", enabled, stopped_by as "stoppedBy", created_at as "createdAt",
  deleting_at as "deletingAt", revision`;

/** @returns false when another dataflow has the name. */
export async function insertDataflow(
  db: Db,
  dataflow: Omit<DataflowRow, 'deletingAt' | 'revision'>,
): Promise<boolean> {
  const inserted = await db.query(
    `insert into dataflow
       (dataflow_id, account_id, name, description, details, mapping, tells_memberships, enabled, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (name) do nothing`,
    [
      dataflow.dataflowId,
      dataflow.accountId,
      dataflow.name,
      dataflow.description,
      JSON.stringify(dataflow.details),
      JSON.stringify(dataflow.mapping),
      dataflow.tellsMemberships,
      dataflow.enabled,
      dataflow.createdAt,
    ],
  );
  return inserted.rowCount === 1;
}

export function readDataflows(db: Db): Promise<DataflowRow[]> {
  return rows(db, `select ${columns} from dataflow order by name`);
}

export function readDataflow(db: Db, dataflowId: string): Promise<DataflowRow | undefined> {
  return maybeRow(db, `select ${columns} from dataflow where dataflow_id = $1`, [dataflowId]);
}

/** SQL: it is stopped by nothing, and was never. */
export const resumed = 'stopped_by = null, probes = 0, probe_at = null';

/** Changes what is given and leaves the rest. Being enabled also ends a stop. */
export async function updateDataflow(
  db: Db,
  dataflowId: string,
  change: { readonly enabled?: boolean | undefined; readonly description?: string | undefined },
): Promise<void> {
  await db.query(
    `update dataflow set enabled = coalesce($2, enabled), description = coalesce($3, description),
       stopped_by = case when $2 then null else stopped_by end, probes = case when $2 then 0 else probes end,
       probe_at = case when $2 then null else probe_at end,
       revision = revision + 1
     where dataflow_id = $1`,
    [dataflowId, change.enabled ?? null, change.description ?? null],
  );
}

/**
 * Replaces the details; a stop ends, for it may have come from the old ones. Every member is marked due where more
 * differs than the order in which things are sent, from the details that are replaced now: the caller's may be old.
 */
export async function updateDetails(
  db: Db,
  dataflowId: string,
  change: Pick<DataflowRow, 'details' | 'tellsMemberships'>,
): Promise<void> {
  await db.query(
    `update dataflow set details = $2, tells_memberships = $3, ${resumed}, revision = revision + 1,
       remark_wanted = remark_wanted or (details - 'priority') is distinct from ($2::jsonb - 'priority')
     where dataflow_id = $1`,
    [dataflowId, JSON.stringify(change.details), change.tellsMemberships],
  );
}

/** Replaces the mapping and has every member marked due; a stop ends, for it may have come from the old one. */
export async function updateMapping(
  db: Db,
  dataflowId: string,
  mapping: readonly MappingRow[],
): Promise<void> {
  await db.query(
    `update dataflow set mapping = $2, ${resumed}, revision = revision + 1, remark_wanted = true
     where dataflow_id = $1`,
    [dataflowId, JSON.stringify(mapping)],
  );
}

/** Ends the stops of all dataflows of an account, whose sign-in was seen to work. */
export async function resumeDataflowsOfAccount(db: Db, accountId: string): Promise<void> {
  await db.query(`update dataflow set ${resumed} where account_id = $1 and stopped_by is not null`, [
    accountId,
  ]);
}
