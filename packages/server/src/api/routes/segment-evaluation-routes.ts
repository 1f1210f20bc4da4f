import {
  segmentCountsQuery,
  segmentCountsWire,
  segmentHistoryWire,
  segmentJobListWire,
  wireId,
  wireObject,
} from '@headrace/core';
import { evaluateSegmentKind } from '../../segmentation/evaluate-population.ts';
import { readNewestPopulationJobs, readPopulationJobs } from '../../store/population-jobs.ts';
import { readDocuments } from '../../store/profiles.ts';
import { readCounts, readMembershipHistory } from '../../store/segment-memberships.ts';
import { missingProfile } from '../missing-profile.ts';
import { defineRoute } from '../route.ts';
import { toJobWire } from './segment-job-wire.ts';

const tag = 'Segments';
const dayMs = 86_400_000;
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
      const jobs = await readPopulationJobs(pool, segment_id);
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
      body: { items: (await readNewestPopulationJobs(pool, evaluateSegmentKind, 100)).map(toJobWire) },
    }),
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
