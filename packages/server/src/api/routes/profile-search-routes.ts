import {
  browseQuery,
  displayName,
  type Identity,
  identityKey,
  parseSearch,
  profileFilterAnswerWire,
  profileFilterWire,
  profilePageWire,
  searchAnswerWire,
  searchQuery,
  standardNamespaces,
} from '@headrace/core';
import { readCustomNamespaces } from '../../store/dataset-contexts.ts';
import { findIdentityHolders } from '../../store/identities.ts';
import {
  findIdentitiesByPrefix,
  type ProfileSummary,
  type RowPlace,
  readProfilePage,
  readProfileSummaries,
} from '../../store/profile-search.ts';
import { readSegmentMembers } from '../../store/segment-memberships.ts';
import type { ApiServices } from '../api-services.ts';
import { readPage } from '../page.ts';
import { defineRoute } from '../route.ts';

const tag = 'Profiles';
/** Profiles that one search shows. */
const mostFound = 20;
/** Of these, profiles by the beginning of an identity: a short text must not crowd out the names. */
const mostBegun = 10;

export const profileSearchRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/profiles/browse',
    operationId: 'browseProfiles',
    summary: 'Profiles in short, by id, of everyone or of a segment',
    tag,
    query: browseQuery,
    response: profilePageWire,
    access: ['View Profiles', 'View Segments'],
    audit: null,
    handle: async (services, { query }) => {
      const { items, nextAfter } = await readPage(
        query.limit,
        (limit) => readSummaryPage(services, query.segment_id, query.after, limit),
        ({ profileId }) => profileId,
      );
      return { body: { items: items.map(toSummary), next_after: nextAfter } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/profiles/search',
    operationId: 'searchProfiles',
    summary: 'Profiles by one of their identities, the beginning of one, or their name',
    tag,
    query: searchQuery,
    response: searchAnswerWire,
    access: ['View Profiles', 'View Identity Graph'],
    audit: null,
    handle: async (services, { query, signal }) => {
      const { pool, profileScans, defaultPhoneRegion } = services;
      const namespaces = [...standardNamespaces, ...(await readCustomNamespaces(pool))];
      const terms = parseSearch(query.text, namespaces, { defaultRegion: defaultPhoneRegion });
      const byIdentity = query.after === undefined ? await searchIdentities(services, terms) : [];
      const known = new Set(byIdentity.map(({ profile_id }) => profile_id));
      const names =
        terms.words.length === 0 || byIdentity.length >= mostFound
          ? { found: [], profilesLookedAt: 0, nextAfter: null }
          : await profileScans.searchNames(terms.words, {
              after: query.after === undefined ? undefined : readPlace(query.after),
              limit: mostFound,
              signal,
            });
      const byName = names.found
        .filter(({ profileId }) => !known.has(profileId))
        .map((summary) => ({
          ...toSummary(summary),
          matched: 'name' as const,
          namespace: null,
          value: null,
        }));
      return {
        body: {
          items: [...byIdentity, ...byName],
          profiles_looked_at: names.profilesLookedAt,
          next_after: names.nextAfter && writePlace(names.nextAfter),
        },
      };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/profiles/filter',
    operationId: 'filterProfiles',
    summary: 'Profiles that fulfil a PQL expression now, as far as a limited time reaches',
    tag,
    body: profileFilterWire,
    response: profileFilterAnswerWire,
    access: ['View Profiles', 'Evaluate a Segment to an Audience'],
    audit: null,
    handle: async ({ profileScans }, { body: { expression, after, limit }, signal }) => {
      const answer = await profileScans.filter(expression, { after, limit: limit ?? 100, signal });
      return {
        body: {
          items: answer.found.map(toSummary),
          profiles_looked_at: answer.profilesLookedAt,
          next_after: answer.nextAfter,
        },
      };
    },
  }),
];

async function readSummaryPage(
  { pool, people }: ApiServices,
  segmentId: string | undefined,
  after: string | undefined,
  limit: number,
): Promise<readonly ProfileSummary[]> {
  if (segmentId === undefined) return readProfilePage(pool, { after, limit });
  await people.segments.get(segmentId);
  const members = await readSegmentMembers(pool, segmentId, { after, limit });
  const profileIds = members.map(({ profileId }) => profileId);
  const summaries = await readProfileSummaries(pool, profileIds);
  return profileIds.flatMap((profileId) => summaries.get(profileId) ?? []);
}

const writePlace = ({ block, position }: RowPlace): string => `${block}-${position}`;

function readPlace(text: string): RowPlace {
  const [block = 0, position = 0] = text.split('-').map(Number);
  return { block, position };
}

type IdentityMatch = Identity & {
  readonly profileId: string;
  readonly matched: 'identity' | 'identity_prefix';
};

/** Exact ones first; each profile once. */
async function searchIdentities({ pool }: ApiServices, terms: ReturnType<typeof parseSearch>) {
  const holders = await findIdentityHolders(pool, terms.identities);
  const exact = terms.identities.flatMap((identity): IdentityMatch[] => {
    const profileId = holders.get(identityKey(identity));
    return profileId === undefined ? [] : [{ ...identity, profileId, matched: 'identity' }];
  });
  const begun = (await findIdentitiesByPrefix(pool, terms.prefixes, mostBegun)).slice(0, mostBegun);
  const matches = new Map<string, IdentityMatch>();
  for (const match of [...exact, ...begun.map((one) => ({ ...one, matched: 'identity_prefix' as const }))])
    if (!matches.has(match.profileId)) matches.set(match.profileId, match);
  const best = [...matches.values()].slice(0, mostFound);
  const summaries = await readProfileSummaries(
    pool,
    best.map(({ profileId }) => profileId),
  );
  return best.flatMap(({ profileId, matched, namespace, value }) => {
    const summary = summaries.get(profileId);
    return summary === undefined ? [] : [{ ...toSummary(summary), matched, namespace, value }];
  });
}

const toSummary = (summary: ProfileSummary) => ({
  profile_id: summary.profileId,
  name: displayName(summary.name) ?? null,
  created_at: summary.createdAt.toISOString(),
  updated_at: summary.updatedAt.toISOString(),
});
