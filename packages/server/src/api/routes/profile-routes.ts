import {
  explainReason,
  identityKey,
  invalidInput,
  profileActivationListWire,
  profileCountWire,
  profileListWire,
  profileQuery,
  profilesQuery,
  profileWire,
  wireId,
  wireObject,
} from '@headrace/core';
import { findIdentityHolders } from '../../store/identities.ts';
import { type ProfileExport, readProfileExports } from '../../store/profile-exports.ts';
import { countProfilesFast } from '../../store/profile-search.ts';
import { findProfiles } from '../../store/profiles.ts';
import { missingProfile } from '../missing-profile.ts';
import { viewProfiles } from '../profile-view.ts';
import { defineRoute } from '../route.ts';
import { readWantedIdentities } from '../wanted-identities.ts';
import { toSupersededWire } from './superseded-records.ts';

const tag = 'Profiles';
const params = wireObject({ profile_id: wireId('Of the profile.') });

export const profileRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/profiles',
    operationId: 'findProfile',
    summary: 'The profile that an identity belongs to; several where the namespace is left open',
    tag,
    query: profilesQuery,
    response: profileListWire,
    access: ['View Profiles', 'View Identity Graph'],
    audit: null,
    handle: async (services, { query }) => {
      const identities = await readWantedIdentities(services, query);
      const holders = await findIdentityHolders(services.pool, identities);
      const found = identities.flatMap((identity) => {
        const profileId = holders.get(identityKey(identity));
        return profileId === undefined ? [] : [{ profileId, identity }];
      });
      return { body: { items: await viewProfiles(services, found, query.merge_policy_id) } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/profiles/count',
    operationId: 'countProfiles',
    summary: 'How many profiles there are',
    tag,
    response: profileCountWire,
    access: ['View Profiles'],
    audit: null,
    handle: async ({ pool }) => {
      const { count, isEstimate } = await countProfilesFast(pool);
      return { body: { count, is_estimate: isEstimate } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/profiles/:profile_id',
    operationId: 'getProfile',
    summary: 'A profile with where each value is from, its identities, segments and fragments',
    tag,
    params,
    query: profileQuery,
    response: profileWire,
    access: ['View Profiles', 'View Identity Graph'],
    audit: null,
    handle: async (services, { params: { profile_id }, query }) => {
      const identity = await identityToView(services, query);
      const wanted = [{ profileId: profile_id, identity }];
      const [profile] = await viewProfiles(services, wanted, query.merge_policy_id);
      if (profile === undefined) throw await missingProfile(services.pool, profile_id);
      return { body: profile };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/profiles/:profile_id/activations',
    operationId: 'listProfileActivations',
    summary: 'What became of a profile at each dataflow, and why',
    tag,
    params,
    response: profileActivationListWire,
    access: ['View Profiles', 'View Segments', 'View Destinations'],
    audit: null,
    handle: async ({ pool }, { params: { profile_id } }) => {
      const exports = await readProfileExports(pool, profile_id);
      if (exports.length === 0 && !(await findProfiles(pool, [profile_id])).has(profile_id))
        throw await missingProfile(pool, profile_id);
      const items = exports.map((row) => ({
        dataflow_id: row.dataflowId,
        name: row.name,
        segment_ids: [...row.segmentIds],
        status: row.status,
        reason: toReason(row),
        record_id: row.recordId,
        ...toSupersededWire(row.supersededRecords),
        attempts: row.attempts,
        due_at: row.dueAt?.toISOString() ?? null,
        settled_at: row.settledAt?.toISOString() ?? null,
      }));
      return { body: { items } };
    },
  }),
];

const toReason = ({ status, code, message }: ProfileExport) =>
  code === null ? null : { code, ...explainReason({ status, code, message }) };

async function identityToView(
  services: Parameters<typeof readWantedIdentities>[0],
  { namespace, value }: { readonly namespace?: string; readonly value?: string },
) {
  if (namespace === undefined && value === undefined) return undefined;
  if (namespace === undefined || value === undefined)
    throw invalidInput('An identity is a namespace and a value. Give both, or neither.', [
      {
        pointer: namespace === undefined ? '/namespace' : '/value',
        message: 'Expected it beside the other.',
      },
    ]);
  return (await readWantedIdentities(services, { namespace, value }))[0];
}
