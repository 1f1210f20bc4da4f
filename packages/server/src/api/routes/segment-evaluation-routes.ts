import {
  notFound,
  segmentCountsQuery,
  segmentCountsWire,
  segmentHistoryWire,
  segmentJobListWire,
  segmentJobWire,
  segmentScheduleChangeWire,
  segmentScheduleWire,
  wireId,
  wireObject,
} from '@headrace/core';
import { cancelEvaluation } from '../../segmentation/cancel-evaluation.ts';
import { evaluateSegmentKind } from '../../segmentation/evaluate-population.ts';
import { editSegmentKind } from '../../segmentation/segment-edits.ts';
import { changeSchedule, readSchedule, type SegmentSchedule } from '../../segmentation/segment-schedule.ts';
import {
  readNewestPopulationJobs,
  readPopulationJob,
  readPopulationJobs,
} from '../../store/population-jobs.ts';
import { readDocuments } from '../../store/profiles.ts';
import { readCounts, readMembershipHistory } from '../../store/segment-memberships.ts';
import { missingProfile } from '../missing-profile.ts';
import { defineRoute } from '../route.ts';
import { toJobWire } from './segment-job-wire.ts';

const tag = 'Segments';
const dayMs = 86_400_000;
const jobParams = wireObject({ segment_job_id: wireId('Of the evaluation.') });
const segmentJobKinds: readonly string[] = [evaluateSegmentKind, editSegmentKind];
const params = wireObject({ segment_id: wireId('Of the segment.') });

/** Evaluation over everyone, and what came of it over time. */
export const segmentEvaluationRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/v1/segments/:segment_id/evaluate',
    operationId: 'evaluateSegment',
    summary: 'Evaluate a published segment over everyone again',
    tag,
    params,
    status: 202,
    response: segmentJobListWire,
    access: ['Evaluate a Segment to an Audience'],
    audit: { action: 'segment.evaluate', subjectType: 'segment' },
    handle: async ({ pool, people }, { params: { segment_id } }) => {
      await people.segments.evaluate(segment_id);
      const jobs = (await readPopulationJobs(pool, segment_id)).filter(
        ({ kind }) => kind === evaluateSegmentKind,
      );
      return { body: { items: jobs.slice(0, 1).map(toJobWire) }, subjectId: segment_id, facts: {} };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/segment-jobs',
    operationId: 'listSegmentJobs',
    summary: 'The last hundred evaluations of segments over everyone',
    tag,
    response: segmentJobListWire,
    access: ['View Segments'],
    audit: null,
    handle: async ({ pool }) => ({
      body: { items: (await readNewestPopulationJobs(pool, segmentJobKinds, 100)).map(toJobWire) },
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/segment-jobs/:segment_job_id',
    operationId: 'getSegmentJob',
    summary: 'How far an evaluation over everyone is',
    tag,
    params: jobParams,
    response: segmentJobWire,
    access: ['View Segments'],
    audit: null,
    handle: async ({ pool }, { params: { segment_job_id } }) => {
      const job = await readPopulationJob(pool, segment_job_id);
      if (job === undefined || !segmentJobKinds.includes(job.kind))
        throw notFound('segment job', segment_job_id);
      return { body: toJobWire(job) };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/v1/segment-jobs/:segment_job_id',
    operationId: 'cancelSegmentJob',
    summary: 'Cancel an evaluation over everyone; what it found until then stays',
    tag,
    params: jobParams,
    response: segmentJobWire,
    access: ['Evaluate a Segment to an Audience'],
    audit: { action: 'segment.evaluation.cancel', subjectType: 'segment' },
    handle: async ({ pool, now }, { params: { segment_job_id } }) => {
      const job = await cancelEvaluation(pool, segment_job_id, now());
      return { body: toJobWire(job), subjectId: job.subjectId, facts: { segmentJobId: segment_job_id } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/segment-schedule',
    operationId: 'getSegmentSchedule',
    summary: 'When every published segment is evaluated over everyone',
    tag,
    response: segmentScheduleWire,
    access: ['View Segments'],
    audit: null,
    handle: async ({ pool, now }) => ({ body: toScheduleWire(await readSchedule(pool, now())) }),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/api/v1/segment-schedule',
    operationId: 'changeSegmentSchedule',
    summary: 'Change when every published segment is evaluated over everyone; once in 24 hours at most',
    tag,
    body: segmentScheduleChangeWire,
    response: segmentScheduleWire,
    access: ['Manage Segments'],
    audit: { action: 'segment_schedule.change', subjectType: 'segment_schedule' },
    handle: async ({ pool, now }, { body }) => {
      const change = {
        ...(body.cron !== undefined && { cron: body.cron }),
        ...(body.state !== undefined && { state: body.state }),
      };
      const schedule = await changeSchedule(pool, change, now);
      const { cron, state } = schedule;
      return { body: toScheduleWire(schedule), subjectId: 'segments', facts: { cron, state } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/segments/:segment_id/counts',
    operationId: 'listSegmentCounts',
    summary: 'Members of a segment by the end of each hour in which they changed',
    tag,
    params,
    query: segmentCountsQuery,
    response: segmentCountsWire,
    access: ['View Segments'],
    audit: null,
    handle: async ({ pool, people, now }, { params: { segment_id }, query }) => {
      const { segmentId } = await people.segments.get(segment_id);
      const present = now().getTime();
      const since = query.since === undefined ? present - 30 * dayMs : Date.parse(query.since);
      const counts = await readCounts(pool, segmentId, new Date(Math.max(since, present - 400 * dayMs)));
      return { body: { items: counts.map((count) => ({ ...count, hour: count.hour.toISOString() })) } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/profiles/:profile_id/segment-history',
    operationId: 'listProfileSegmentHistory',
    summary: 'The last hundred past memberships of a profile',
    tag: 'Profiles',
    params: wireObject({ profile_id: wireId('Of the profile.') }),
    response: segmentHistoryWire,
    access: ['View Profiles', 'View Segments'],
    audit: null,
    handle: async ({ pool }, { params: { profile_id } }) => {
      const past = await readMembershipHistory(pool, profile_id, 100);
      const [document] = (await readDocuments(pool, [profile_id])).values();
      if (document === undefined) throw await missingProfile(pool, profile_id);
      const items = past.map(({ segmentId, status, since, at }) => ({
        segment_id: segmentId,
        status,
        since: since.toISOString(),
        until: at.toISOString(),
      }));
      return { body: { items } };
    },
  }),
];

const toScheduleWire = ({ cron, state, nextRun }: SegmentSchedule) => ({
  cron,
  state,
  next_run: nextRun?.toISOString() ?? null,
});
