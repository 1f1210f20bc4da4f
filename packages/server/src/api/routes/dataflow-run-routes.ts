import {
  type DataflowRunWire,
  dataflowRunDetailWire,
  dataflowRunListWire,
  dataflowRunsQuery,
  explainReason,
  notFound,
  runProgressOf,
  wireId,
  wireObject,
} from '@headrace/core';
import { getDataflow } from '../../catalog/dataflows.ts';
import {
  type DataflowRun,
  readDataflowRun,
  readDataflowRuns,
  readRunReasons,
} from '../../store/dataflow-run-reports.ts';
import { daysBefore } from '../../store/maintain-partitions.ts';
import { readPage } from '../page.ts';
import { defineRoute } from '../route.ts';

const tag = 'Monitoring';
const dataflow = { dataflow_id: wireId('Of the dataflow.') };
/** As long as the platform keeps dataflow runs. */
const daysShown = 90;

export const dataflowRunRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/dataflows/:dataflow_id/runs',
    operationId: 'listDataflowRuns',
    summary: 'Dataflow runs by hour, newest first',
    tag,
    params: wireObject(dataflow),
    query: dataflowRunsQuery,
    response: dataflowRunListWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ pool, now }, { params, query }) => {
      const { dataflowId } = await getDataflow(pool, params.dataflow_id);
      const at = now();
      const oldest = daysBefore(at, daysShown);
      const since = new Date(Math.max(oldest.getTime(), query.since ? Date.parse(query.since) : 0));
      const until = query.until === undefined ? undefined : new Date(query.until);
      const { failures_only: isFailed = false, after } = query;
      const { items, nextAfter } = await readPage(
        query.limit,
        (limit) => readDataflowRuns(pool, { dataflowId, since, until, isFailed, after, limit }),
        ({ runId }) => runId,
      );
      return { body: { items: items.map((run) => toWire(run, at)), next_after: nextAfter } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/dataflows/:dataflow_id/runs/:run_id',
    operationId: 'getDataflowRun',
    summary: 'A dataflow run and why changes of it were not delivered',
    tag,
    params: wireObject({ ...dataflow, run_id: wireId('Of the run.') }),
    response: dataflowRunDetailWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ pool, now }, { params: { dataflow_id, run_id } }) => {
      const { dataflowId, accountId } = await getDataflow(pool, dataflow_id);
      const run = await readDataflowRun(pool, { dataflowId, runId: run_id });
      if (run === undefined) throw notFound('run of this dataflow', run_id);
      const reasons = await readRunReasons(pool, dataflowId, run.startedAt);
      return {
        body: {
          ...toWire(run, now()),
          dataflow_id: dataflowId,
          account_id: accountId,
          updated_at: run.settledAt?.toISOString() ?? null,
          reasons: reasons.map(({ status, code, count, message }) => ({
            status,
            code,
            count,
            ...explainReason({ status, code, message }),
          })),
        },
      };
    },
  }),
];

const toWire = (run: DataflowRun, now: Date): DataflowRunWire => {
  const { status, durationMs, activationRate } = runProgressOf(run, now);
  const { received, activated, excluded, failed, pending } = run;
  return {
    run_id: run.runId,
    started_at: run.startedAt.toISOString(),
    status,
    duration_ms: durationMs,
    received,
    activated,
    excluded,
    failed,
    pending,
    activation_rate: activationRate,
  };
};
