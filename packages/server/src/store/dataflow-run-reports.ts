import { type Db, maybeRow, rows } from './database.ts';
import type { SettledStatus } from './dataflow-runs.ts';

/** received = activated + excluded + failed + pending. */
export type DataflowRun = {
  readonly runId: string;
  /** Start of its hour. */
  readonly startedAt: Date;
  readonly received: number;
  readonly activated: number;
  readonly excluded: number;
  readonly failed: number;
  readonly pending: number;
  /** When the last of its changes came to an outcome, so far. */
  readonly settledAt: Date | null;
};

const columns = `dataflow_run_id as "runId", started_at as "startedAt", received, activated, excluded, failed,
  received - activated - excluded - failed as pending, settled_at as "settledAt"`;

/** Runs since an instant, newest first, behind one of them. */
export function readDataflowRuns(
  db: Db,
  page: {
    readonly dataflowId: string;
    readonly since: Date;
    readonly until: Date | undefined;
    /** Only runs with failures. */
    readonly isFailed: boolean;
    readonly after: string | undefined;
    readonly limit: number;
  },
): Promise<DataflowRun[]> {
  return rows(
    db,
    `select ${columns} from dataflow_run
     where dataflow_id = $1 and started_at >= $2 and started_at < coalesce($3::timestamptz, 'infinity')
       and (failed > 0 or not $4)
       and ($5::uuid is null or started_at < (select started_at from dataflow_run where dataflow_run_id = $5))
     order by started_at desc limit $6`,
    [page.dataflowId, page.since, page.until ?? null, page.isFailed, page.after ?? null, page.limit],
  );
}

export function readDataflowRun(
  db: Db,
  { dataflowId, runId }: { readonly dataflowId: string; readonly runId: string },
): Promise<DataflowRun | undefined> {
  return maybeRow(db, `select ${columns} from dataflow_run where dataflow_id = $1 and dataflow_run_id = $2`, [
    dataflowId,
    runId,
  ]);
}

export type RunReason = {
  readonly status: Exclude<SettledStatus, 'activated'>;
  readonly code: string;
  readonly count: number;
  /** One of the messages that came with the code. */
  readonly message: string | null;
};

/** Why changes of a run were not delivered, most frequent first: together its excluded and failed ones. */
export function readRunReasons(db: Db, dataflowId: string, startedAt: Date): Promise<RunReason[]> {
  return rows(
    db,
    `select status, coalesce(code, 'unknown') as code, count(*) as count, min(message) as message
     from delivery_outcome
     where dataflow_id = $1 and run_started_at = $2 and status in ('excluded', 'failed')
       and settled_at >= $2
     group by 1, 2 order by 3 desc, 1, 2`,
    [dataflowId, startedAt],
  );
}
