import {
  newDeletionWire,
  notFound,
  type ProfileDeletionWire,
  profileDeletionPageWire,
  profileDeletionWire,
  wireId,
  wireObject,
  wirePageQuery,
} from '@headrace/core';
import type pg from 'pg';
import {
  type ProfileDeletion,
  readProfileDeletion,
  readProfileDeletions,
} from '../../store/profile-deletions.ts';
import { readPage } from '../page.ts';
import { defineRoute } from '../route.ts';

const tag = 'Profiles';

export const profileDeletionRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/v1/profiles/:profile_id/deletion',
    operationId: 'deletePerson',
    summary: 'Delete everything about a person, and keep or delete their records at destinations',
    tag,
    params: wireObject({ profile_id: wireId('Of the profile.') }),
    body: newDeletionWire,
    status: 202,
    response: profileDeletionWire,
    access: ['Manage Profiles', 'View Profiles'],
    audit: { action: 'profile.delete', subjectType: 'profile' },
    handle: async ({ pool, people }, { params: { profile_id }, body: { at_destinations }, principal }) => {
      const deletionId = await people.deletePerson({
        profileId: profile_id,
        atDestinations: at_destinations,
        principal: principal?.id ?? '',
      });
      return {
        body: await getDeletion(pool, deletionId),
        subjectId: profile_id,
        facts: { at_destinations, profile_deletion_id: deletionId },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/profile-deletions',
    operationId: 'listProfileDeletions',
    summary: 'Deletions of people, newest first',
    tag,
    query: wireObject(wirePageQuery),
    response: profileDeletionPageWire,
    access: ['View Profiles'],
    audit: null,
    handle: async ({ pool }, { query: { after, limit } }) => {
      const page = await readPage(
        limit,
        (most) => readProfileDeletions(pool, { after, limit: most }),
        ({ profileDeletionId }) => profileDeletionId,
      );
      return { body: { items: page.items.map(toDeletionWire), next_after: page.nextAfter } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/profile-deletions/:profile_deletion_id',
    operationId: 'getProfileDeletion',
    summary: 'What became of a person’s data and of their records at destinations',
    tag,
    params: wireObject({ profile_deletion_id: wireId('Of the request.') }),
    response: profileDeletionWire,
    access: ['View Profiles'],
    audit: null,
    handle: async ({ pool }, { params: { profile_deletion_id } }) => ({
      body: await getDeletion(pool, profile_deletion_id),
    }),
  }),
];

async function getDeletion(pool: pg.Pool, deletionId: string): Promise<ProfileDeletionWire> {
  const deletion = await readProfileDeletion(pool, deletionId);
  if (deletion === undefined) throw notFound('deletion of a person', deletionId);
  return toDeletionWire(deletion);
}

const toDeletionWire = ({ facts, ...deletion }: ProfileDeletion): ProfileDeletionWire => ({
  profile_deletion_id: deletion.profileDeletionId,
  profile_id: deletion.profileId,
  at_destinations: deletion.atDestinations,
  status: deletion.finishedAt === null ? 'processing' : 'completed',
  requested_at: deletion.requestedAt.toISOString(),
  finished_at: deletion.finishedAt?.toISOString() ?? null,
  fragments: facts.fragments,
  events: facts.events,
  records: (facts.records ?? []).map(({ accountId, object, recordId, outcome, code }) => ({
    account_id: accountId,
    object,
    record_id: recordId,
    outcome,
    code: code ?? null,
  })),
});
