import {
  type ActivationPatchWire,
  activationListWire,
  activationPatchWire,
  dataflowRecordPageWire,
  dataflowRecordsQuery,
  explainReason,
  newActivationWire,
  reasonListWire,
  retryAnswerWire,
  retryWire,
  verificationWire,
  wireId,
  wireObject,
} from '@headrace/core';
import type pg from 'pg';
import { checkActivation } from '../../catalog/check-activation.ts';
import { getChangeableDataflow, getDataflow } from '../../catalog/dataflows.ts';
import { plainActivation } from '../../delivery/activations.ts';
import { type ActivationReport, reportActivations } from '../../delivery/report-activations.ts';
import type { VerificationCounts } from '../../delivery/verify-dataflow.ts';
import { readDataflowReasons, readDataflowRecords } from '../../store/dataflow-reports.ts';
import { untilUnchanged } from '../../store/dataflow-revisions.ts';
import { resumeDataflow } from '../../store/delivery-dataflows.ts';
import { readPage } from '../page.ts';
import { defineRoute } from '../route.ts';
import { toSupersededWire } from './superseded-records.ts';

const tag = 'Activations';
const params = wireObject({ dataflow_id: wireId('Of the dataflow.') });
const activationParams = wireObject({
  dataflow_id: wireId('Of the dataflow.'),
  segment_id: wireId('Of the activated segment.'),
});
const ofDataflow = '/api/v1/dataflows/:dataflow_id';

export const activationRoutes = [
  defineRoute({
    method: 'POST',
    path: `${ofDataflow}/activations`,
    operationId: 'activateSegment',
    summary: 'Keep the members of a segment at the destination from now on',
    tag,
    params,
    body: newActivationWire,
    status: 202,
    response: activationListWire,
    access: ['Activate Destinations', 'View Destinations', 'View Profiles', 'View Segments'],
    audit: { action: 'dataflow.activate_segment', subjectType: 'dataflow' },
    handle: async (services, { params: { dataflow_id }, body, signal }) => {
      const { pool, people, now } = services;
      const options = { ...plainActivation, ...toOptions(body) };
      await untilUnchanged(async () => {
        const dataflow = await getChangeableDataflow(pool, dataflow_id);
        await checkActivation(services, dataflow, body.segment_id, options.mappingId, signal);
        await people.activateSegment(dataflow_id, body.segment_id, options, dataflow.revision);
      });
      people.wakeDelivery();
      return {
        body: await listActivations(pool, dataflow_id, now),
        subjectId: dataflow_id,
        facts: { segment_id: body.segment_id },
      };
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: `${ofDataflow}/activations/:segment_id`,
    operationId: 'changeActivation',
    summary: 'Change how, or for how long, a segment is kept at the destination',
    tag,
    params: activationParams,
    body: activationPatchWire,
    response: activationListWire,
    access: ['Activate Destinations', 'View Destinations', 'View Profiles', 'View Segments'],
    audit: { action: 'dataflow.change_activation', subjectType: 'dataflow' },
    handle: async (services, { params: { dataflow_id, segment_id }, body, signal }) => {
      const { pool, people, now } = services;
      await untilUnchanged(async () => {
        const dataflow = await getChangeableDataflow(pool, dataflow_id);
        await checkActivation(services, dataflow, segment_id, body.mapping_id, signal);
        await people.changeActivation(dataflow_id, segment_id, toOptions(body), dataflow.revision);
      });
      people.wakeDelivery();
      return {
        body: await listActivations(pool, dataflow_id, now),
        subjectId: dataflow_id,
        facts: { segment_id, changed: Object.keys(body).join(', ') },
      };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: `${ofDataflow}/activations/:segment_id`,
    operationId: 'endActivation',
    summary: 'Keep the members of a segment no longer; what exits do is done for all of them',
    tag,
    params: activationParams,
    response: activationListWire,
    access: ['Activate Destinations', 'View Destinations', 'View Profiles', 'View Segments'],
    audit: { action: 'dataflow.end_activation', subjectType: 'dataflow' },
    handle: async ({ pool, people, now }, { params: { dataflow_id, segment_id } }) => {
      await getChangeableDataflow(pool, dataflow_id);
      await people.changeActivation(dataflow_id, segment_id, { endsAt: now() });
      people.wakeDelivery();
      return {
        body: await listActivations(pool, dataflow_id, now),
        subjectId: dataflow_id,
        facts: { segment_id },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: `${ofDataflow}/activations`,
    operationId: 'listActivations',
    summary: 'Activation data per segment',
    tag,
    params,
    response: activationListWire,
    access: ['View Destinations', 'View Segments'],
    audit: null,
    handle: async ({ pool, now }, request) => {
      const { dataflowId } = await getDataflow(pool, request.params.dataflow_id);
      return { body: await listActivations(pool, dataflowId, now) };
    },
  }),
  defineRoute({
    method: 'GET',
    path: `${ofDataflow}/reasons`,
    operationId: 'listReasons',
    summary: 'Why members are not at the destination',
    tag,
    params,
    response: reasonListWire,
    access: ['View Destinations'],
    audit: null,
    handle: async ({ pool }, request) => {
      const { dataflowId } = await getDataflow(pool, request.params.dataflow_id);
      const reasons = await readDataflowReasons(pool, dataflowId);
      const items = reasons.map(({ status, code, count, message }) => ({
        status,
        code,
        count,
        ...explainReason({ status, code, message }),
      }));
      return { body: { items } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: `${ofDataflow}/records`,
    operationId: 'listDataflowRecords',
    summary: 'What became of each profile, by profile id',
    tag,
    params,
    query: dataflowRecordsQuery,
    response: dataflowRecordPageWire,
    access: ['View Destinations', 'View Profiles'],
    audit: null,
    handle: async ({ pool }, { params: { dataflow_id }, query }) => {
      const { dataflowId } = await getDataflow(pool, dataflow_id);
      const { status, code, after } = query;
      const { items, nextAfter } = await readPage(
        query.limit,
        (limit) => readDataflowRecords(pool, { dataflowId, status, code, after, limit }),
        (record) => record.profileId,
      );
      const records = items.map((record) => ({
        profile_id: record.profileId,
        status: record.status,
        code: record.code,
        message: record.message,
        record_id: record.recordId,
        ...toSupersededWire(record.supersededRecords),
        attempts: record.attempts,
        due_at: record.dueAt?.toISOString() ?? null,
        settled_at: record.settledAt?.toISOString() ?? null,
      }));
      return { body: { items: records, next_after: nextAfter } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: `${ofDataflow}/retry`,
    operationId: 'retryMembers',
    summary: 'Look again at members that failed or were excluded; a stop of the dataflow ends',
    tag,
    params,
    body: retryWire,
    status: 202,
    response: retryAnswerWire,
    access: ['Activate Destinations', 'View Destinations'],
    audit: { action: 'dataflow.retry', subjectType: 'dataflow' },
    handle: async ({ pool, people }, { params: { dataflow_id }, body: { status } }) => {
      await getChangeableDataflow(pool, dataflow_id);
      const marked = await people.markMembersDue(dataflow_id, [status]);
      await resumeDataflow(pool, dataflow_id);
      people.resumeDelivery();
      return { body: { marked }, subjectId: dataflow_id, facts: { status, marked } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: `${ofDataflow}/resync`,
    operationId: 'resyncMembers',
    summary: 'Write everyone at the destination again, whole, as after it was restored to an older state',
    tag,
    params,
    status: 202,
    response: retryAnswerWire,
    access: ['Activate Destinations', 'View Destinations'],
    audit: { action: 'dataflow.resync', subjectType: 'dataflow' },
    handle: async ({ pool, people }, { params: { dataflow_id } }) => {
      await getChangeableDataflow(pool, dataflow_id);
      const marked = await people.resyncMembers(dataflow_id);
      people.resumeDelivery();
      return { body: { marked }, subjectId: dataflow_id, facts: { marked } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: `${ofDataflow}/verifications`,
    operationId: 'verifyDataflow',
    summary: 'Read the destination back and compare',
    tag,
    params,
    response: verificationWire,
    access: ['View Destinations', 'View Profiles'],
    audit: { action: 'dataflow.verify', subjectType: 'dataflow' },
    handle: async ({ pool, people }, { params: { dataflow_id }, signal }) => {
      await getDataflow(pool, dataflow_id);
      const verification = await people.verifyDataflow(dataflow_id, signal);
      const counts = countsOf(verification);
      const segments = verification.segments.map((segment) => ({
        segment_id: segment.segmentId,
        ...countsOf(segment),
      }));
      return { body: { ...counts, segments }, subjectId: dataflow_id, facts: counts };
    },
  }),
];

const countsOf = ({ activated, found, equal, different, missing }: VerificationCounts) => ({
  activated,
  found,
  equal,
  different,
  missing,
});

const toOptions = ({ mapping_id, on_exit, starts_at, ends_at }: ActivationPatchWire) => ({
  ...(mapping_id !== undefined && { mappingId: mapping_id }),
  ...(on_exit !== undefined && { onExit: on_exit }),
  ...(starts_at !== undefined && { startsAt: toDate(starts_at) }),
  ...(ends_at !== undefined && { endsAt: toDate(ends_at) }),
});
const toDate = (instant: string | null): Date | null => (instant === null ? null : new Date(instant));

async function listActivations(pool: pg.Pool, dataflowId: string, now: () => Date) {
  const reports = await reportActivations(pool, dataflowId, () => now().getTime());
  return { items: reports.map((report) => toActivationWire(report, now())) };
}

const statusOf = ({ startsAt, endsAt }: ActivationReport, now: Date) => {
  if (endsAt !== null && endsAt <= now) return 'ended' as const;
  return startsAt !== null && startsAt > now ? ('scheduled' as const) : ('active' as const);
};

const toActivationWire = (report: ActivationReport, now: Date) => ({
  segment_id: report.segmentId,
  name: report.name,
  mapping_id: report.mappingId,
  on_exit: report.onExit,
  starts_at: report.startsAt?.toISOString() ?? null,
  ends_at: report.endsAt?.toISOString() ?? null,
  status: statusOf(report, now),
  profiles: report.profiles,
  pending: report.pending,
  activated: report.activated,
  excluded: report.excluded,
  failed: report.failed,
  is_estimate: report.isEstimate,
  reasons: report.reasons.map(({ count, ...reason }) => ({
    status: reason.status === 'activated' ? 'pending' : reason.status,
    code: reason.code,
    count,
    ...explainReason(reason),
  })),
  last_activated_at: report.lastActivatedAt?.toISOString() ?? null,
  activated_at: report.activatedAt.toISOString(),
  backfilled_at: report.backfilledAt?.toISOString() ?? null,
});
