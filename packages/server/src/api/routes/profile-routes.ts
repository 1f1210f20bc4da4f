import {
  identitiesOf,
  notFound,
  type ProfileWire,
  profileCountWire,
  profileListWire,
  profilesQuery,
  profileWire,
  wireId,
  wireObject,
} from '@headrace/core';
import { findProfileByIdentity } from '../../store/identities.ts';
import { readFragments } from '../../store/profile-fragments.ts';
import { countProfiles, readDocuments } from '../../store/profiles.ts';
import { readMemberships } from '../../store/segment-memberships.ts';
import type { ApiServices } from '../api-services.ts';
import { parseIdentity } from '../parse-identity.ts';
import { defineRoute } from '../route.ts';

const tag = 'Profiles';

export const profileRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/profiles',
    operationId: 'findProfile',
    summary: 'The profile that an identity belongs to',
    tag,
    query: profilesQuery,
    response: profileListWire,
    access: ['View Profiles', 'View Identity Graph'],
    audit: null,
    handle: async (services, { query }) => {
      const { pool } = services;
      const identity = await parseIdentity(services, query);
      const profileId = await findProfileByIdentity(pool, identity);
      const profile = profileId === undefined ? undefined : await readProfile(services, profileId);
      return { body: { items: profile === undefined ? [] : [profile] } };
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
    handle: async ({ pool }) => ({ body: { count: await countProfiles(pool) } }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/profiles/:profile_id',
    operationId: 'getProfile',
    summary: 'A profile with its identities, segments and fragments',
    tag,
    params: wireObject({ profile_id: wireId('Of the profile.') }),
    response: profileWire,
    access: ['View Profiles', 'View Identity Graph'],
    audit: null,
    handle: async (services, { params }) => {
      const profile = await readProfile(services, params.profile_id);
      if (profile === undefined) throw notFound('profile', params.profile_id);
      return { body: profile };
    },
  }),
];

async function readProfile({ pool }: ApiServices, profileId: string): Promise<ProfileWire | undefined> {
  const [documents, memberships, stored] = await Promise.all([
    readDocuments(pool, [profileId]),
    readMemberships(pool, [profileId]),
    readFragments(pool, [profileId]),
  ]);
  const document = documents.get(profileId);
  if (document === undefined) return undefined;
  const fragments = stored.get(profileId) ?? [];
  return {
    profile_id: profileId,
    document,
    identities: [...identitiesOf(fragments)],
    segments: [...(memberships.get(profileId) ?? [])].map(([segment_id, status]) => ({ segment_id, status })),
    fragments: fragments.map((fragment) => ({
      dataset_id: fragment.datasetId,
      namespace: fragment.primary.namespace,
      value: fragment.primary.value,
      record_id: fragment.recordId,
      batch_id: fragment.batchId,
      stamp: instant(fragment.stampMs),
      received_at: instant(fragment.receivedMs),
      links: fragment.links.map((link) => ({
        namespace: link.namespace,
        value: link.value,
        first_seen: instant(link.first),
        last_seen: instant(link.last),
        cut: link.cut ?? null,
      })),
      document: fragment.document,
    })),
  };
}

const instant = (ms: number): string => new Date(ms).toISOString();
