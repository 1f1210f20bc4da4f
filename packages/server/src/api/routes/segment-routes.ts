import {
  expressionFactsWire,
  expressionWire,
  HeadraceError,
  invalidInput,
  newSegmentWire,
  parseSearch,
  type SegmentWire,
  segmentChangeWire,
  segmentDependentsWire,
  segmentDetailWire,
  segmentEstimateWire,
  segmentListWire,
  segmentMemberPageWire,
  segmentMembersQuery,
  segmentTestAnswerWire,
  segmentTestWire,
  segmentWire,
  standardNamespaces,
  type Wire,
  wireId,
  wireObject,
} from '@headrace/core';
import { checkRename } from '../../catalog/check-activation.ts';
import { readTogether } from '../../store/database.ts';
import { untilUnchanged } from '../../store/dataflow-revisions.ts';
import { readCustomNamespaces } from '../../store/dataset-contexts.ts';
import { findIdentityHolders, findProfileByIdentity } from '../../store/identities.ts';
import { findIdentitiesByPrefix } from '../../store/profile-search.ts';
import { readSegmentMembers } from '../../store/segment-memberships.ts';
import { readSegments, type SegmentRow } from '../../store/segments.ts';
import type { ApiServices } from '../api-services.ts';
import { readPage } from '../page.ts';
import { defineRoute } from '../route.ts';
import { readWantedIdentities } from '../wanted-identities.ts';
import { toJobWire } from './segment-job-wire.ts';

const tag = 'Segments';
const dayMs = 86_400_000;
/** How long a page of members may take. */
const statementMs = 10_000;
/** Identities that a member is looked for by the beginning of. */
const mostBegun = 1_000;
const params = wireObject({ segment_id: wireId('Of the segment.') });

export const segmentRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/v1/segments',
    operationId: 'createSegment',
    summary: 'Create a segment; everyone is evaluated at once',
    tag,
    body: newSegmentWire,
    status: 201,
    response: segmentWire,
    access: ['Manage Segments'],
    audit: { action: 'segment.create', subjectType: 'segment' },
    handle: async ({ people }, { body }) => {
      const segment = await people.segments.create({
        name: body.name,
        description: body.description ?? '',
        expression: body.expression,
        ...(body.state !== undefined && { state: body.state }),
      });
      return { body: toWire(segment), subjectId: segment.segmentId, facts: { name: segment.name } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/segments/validate',
    operationId: 'validateExpression',
    summary: 'Check an expression, say it in English, and tell what it takes',
    tag,
    body: expressionWire,
    response: expressionFactsWire,
    access: ['View Segments'],
    audit: null,
    handle: async ({ people }, { body }) => {
      const { meaning, reads, timing, evaluatedIn } = await people.segments.examine(body.expression);
      const { lookbackMs } = reads.events ?? {};
      return {
        body: {
          description: meaning,
          reads: {
            fields: [...reads.paths],
            event_fields: [...(reads.events?.paths ?? [])],
            lookback_days: lookbackMs === undefined ? null : Math.round((lookbackMs / dayMs) * 1000) / 1000,
            segments: [...reads.segments],
          },
          changes_with_time: { at_instants: timing.byInstant, when_a_day_begins: timing.byCalendar },
          evaluated_in: evaluatedIn,
        },
      };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/segments/estimate',
    operationId: 'estimateSegment',
    summary: 'How many profiles an expression finds: exact when quickly told, else by a sample',
    tag,
    body: expressionWire,
    response: segmentEstimateWire,
    access: ['View Segments'],
    audit: null,
    handle: async ({ profileScans }, { body, signal }) => {
      const estimate = await profileScans.estimate(body.expression, signal);
      const { size, isExact, low, high, profilesRead, total } = estimate;
      const confidence_interval = { low, high, level: 0.95 };
      return { body: { size, is_exact: isExact, confidence_interval, profiles_read: profilesRead, total } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/segments/test',
    operationId: 'testExpression',
    summary: 'Try an expression on one profile and see what each of its parts yields',
    tag,
    body: segmentTestWire,
    response: segmentTestAnswerWire,
    access: ['View Segments', 'View Profiles'],
    audit: null,
    handle: async (services, { body }) => {
      const tested = await services.people.segments.test({
        expression: body.expression,
        profileId: await findNamedProfile(services, body),
        ...(body.now !== undefined && { now: new Date(body.now) }),
      });
      return {
        body: {
          result: tested.isMember,
          evaluated_at: tested.evaluatedAt.toISOString(),
          holds_until: tested.holdsUntil?.toISOString() ?? null,
          meaning: tested.meaning,
          trace: tested.trace,
        },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/segments',
    operationId: 'listSegments',
    summary: 'Segments by name',
    tag,
    response: segmentListWire,
    access: ['View Segments'],
    audit: null,
    handle: async ({ pool }) => ({ body: { items: (await readSegments(pool)).map(toWire) } }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/segments/:segment_id',
    operationId: 'getSegment',
    summary: 'A segment with its counts and its meaning',
    tag,
    params,
    response: segmentDetailWire,
    access: ['View Segments'],
    audit: null,
    handle: async ({ people }, request) => {
      const { segment, meaning, counts, evaluation, edit } = await people.segments.view(
        request.params.segment_id,
      );
      return {
        body: {
          ...toWire(segment),
          meaning,
          counts,
          evaluation: evaluation === undefined ? null : toJobWire(evaluation),
          edit: edit === undefined ? null : { meaning: edit.meaning, evaluation: toJobWire(edit.job) },
        },
      };
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: '/api/v1/segments/:segment_id',
    operationId: 'changeSegment',
    summary: 'Rename, edit, publish or take back a segment',
    tag,
    params,
    body: segmentChangeWire,
    response: segmentWire,
    access: ['Manage Segments'],
    audit: { action: 'segment.change', subjectType: 'segment' },
    handle: async (services, { params: { segment_id }, body, signal }) => {
      const { people } = services;
      const change = {
        ...(body.name !== undefined && { name: body.name.trim() }),
        ...(body.description !== undefined && { description: body.description }),
        ...(body.expression !== undefined && { expression: body.expression }),
        ...(body.state !== undefined && { state: body.state }),
      };
      const segment = await untilUnchanged(async () => {
        const checked = change.name && (await checkRename(services, segment_id, change.name, signal));
        return people.segments.change(segment_id, change, checked || []);
      });
      people.wakeDelivery();
      const { name, state } = segment;
      return { body: toWire(segment), subjectId: segment_id, facts: { name, state } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/segments/:segment_id/dependents',
    operationId: 'listSegmentDependents',
    summary: 'Dataflows and segments that rely on a segment; while there are any it cannot be deleted',
    tag,
    params,
    response: segmentDependentsWire,
    access: ['View Segments'],
    audit: null,
    handle: async ({ people }, request) => {
      const { dataflows, segments } = await people.segments.dependents(request.params.segment_id);
      return {
        body: {
          dataflows: dataflows.map(({ dataflowId, name }) => ({ dataflow_id: dataflowId, name })),
          segments: segments.map(({ segmentId, name, state }) => ({ segment_id: segmentId, name, state })),
        },
      };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/v1/segments/:segment_id',
    operationId: 'deleteSegment',
    summary: 'Delete a segment that nothing relies on',
    tag,
    params,
    response: segmentWire,
    access: ['Manage Segments'],
    audit: { action: 'segment.delete', subjectType: 'segment' },
    handle: async ({ people }, request) => {
      const segment = await people.segments.remove(request.params.segment_id);
      return { body: toWire(segment), subjectId: segment.segmentId, facts: { name: segment.name } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/segments/:segment_id/members',
    operationId: 'listSegmentMembers',
    summary:
      'Members of a segment, by profile id; also those of one status, or whose identity begins with a text',
    tag,
    params,
    query: segmentMembersQuery,
    response: segmentMemberPageWire,
    access: ['View Segments', 'View Profiles'],
    audit: null,
    handle: async (services, { params: { segment_id }, query }) => {
      const { pool, people } = services;
      const { segmentId } = await people.segments.get(segment_id);
      const filter = {
        ...(query.status !== undefined && { status: query.status }),
        ...(query.identity !== undefined && { profileIds: await findByIdentity(services, query.identity) }),
      };
      const { items, nextAfter } = await readPage(
        query.limit,
        (limit) =>
          readTogether(pool, statementMs, (trx) =>
            readSegmentMembers(trx, segmentId, { after: query.after, limit }, filter),
          ),
        (member) => member.profileId,
      );
      const members = items.map(({ profileId, status, lastQualificationTime }) => ({
        profile_id: profileId,
        status,
        last_qualification_time: lastQualificationTime.toISOString(),
      }));
      return { body: { items: members, next_after: nextAfter } };
    },
  }),
];

/** Profiles with an identity that is a text, or begins with it. */
async function findByIdentity({ pool, defaultPhoneRegion }: ApiServices, text: string): Promise<string[]> {
  const namespaces = [...standardNamespaces, ...(await readCustomNamespaces(pool))];
  const { identities, prefixes } = parseSearch(text, namespaces, { defaultRegion: defaultPhoneRegion });
  const holders = await findIdentityHolders(pool, identities);
  const begun = await findIdentitiesByPrefix(pool, prefixes, mostBegun);
  if (begun.length >= mostBegun)
    throw invalidInput('More identities begin so than can be looked through. Give more of it.', [
      { pointer: '/identity', message: `Expected the beginning of fewer than ${mostBegun} identities.` },
    ]);
  return [...new Set([...holders.values(), ...begun.map(({ profileId }) => profileId)])];
}

/** The profile that a request names by its id or by an identity. @throws HeadraceError `invalid_input`, `not_found`. */
async function findNamedProfile(
  services: ApiServices,
  { profile_id, identity }: Wire<typeof segmentTestWire>,
): Promise<string> {
  if ((profile_id === undefined) === (identity === undefined))
    throw invalidInput('Name one profile, by profile_id or by identity.', [
      { pointer: '', message: 'Expected either profile_id or identity.' },
    ]);
  if (identity === undefined) return profile_id ?? '';
  const [wanted] = await readWantedIdentities(services, identity, '/identity');
  const found = wanted === undefined ? undefined : await findProfileByIdentity(services.pool, wanted);
  if (found === undefined) throw new HeadraceError('not_found', 'There is no profile with this identity.');
  return found;
}

const toWire = (segment: SegmentRow): SegmentWire => ({
  segment_id: segment.segmentId,
  name: segment.name,
  description: segment.description,
  expression: segment.expression,
  edited_expression: segment.editedExpression,
  state: segment.state,
  evaluated_at: segment.evaluatedAt?.toISOString() ?? null,
  created_at: segment.createdAt.toISOString(),
});
