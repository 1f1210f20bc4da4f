import {
  invalidInput,
  profileEventPageWire,
  profileEventsQuery,
  profileHistoryPageWire,
  profileHistoryQuery,
  wireId,
  wireObject,
} from '@headrace/core';
import type pg from 'pg';
import {
  type EventPlace,
  type ProfileVersion,
  readProfileChanges,
  readProfileEvents,
  readProfileVersion,
  type StoredChange,
} from '../../store/profile-history.ts';
import { missingProfile } from '../missing-profile.ts';
import { readPage } from '../page.ts';
import { defineRoute } from '../route.ts';

const tag = 'Profiles';
const params = wireObject({ profile_id: wireId('Of the profile.') });

export const profileTimelineRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/profiles/:profile_id/events',
    operationId: 'listProfileEvents',
    summary: 'Events of a profile, newest first',
    tag,
    params,
    query: profileEventsQuery,
    response: profileEventPageWire,
    access: ['View Profiles', 'View Identity Graph'],
    audit: null,
    handle: async ({ pool }, { params: { profile_id }, query }) => {
      await requireProfile(pool, profile_id);
      const { items, nextAfter } = await readPage(
        query.limit,
        (limit) =>
          readProfileEvents(pool, {
            profileId: profile_id,
            datasetId: query.dataset_id,
            eventType: query.event_type,
            from: toDate(query.from),
            to: toDate(query.to),
            after: query.after === undefined ? undefined : readPlace(query.after),
            limit,
          }),
        writePlace,
      );
      const events = items.map((event) => ({
        event_id: event.eventId,
        dataset_id: event.datasetId,
        at: event.at.toISOString(),
        event_type: typeof event.document.eventType === 'string' ? event.document.eventType : null,
        namespace: event.namespace,
        value: event.value,
        batch_id: event.batchId,
        document: event.document,
      }));
      return { body: { items: events, next_after: nextAfter } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/profiles/:profile_id/history',
    operationId: 'listProfileHistory',
    summary: 'How a profile changed, newest first; changes are kept for 90 days',
    tag,
    params,
    query: profileHistoryQuery,
    response: profileHistoryPageWire,
    access: ['View Profiles', 'View Identity Graph'],
    audit: null,
    handle: async ({ pool }, { params: { profile_id }, query: { after, limit } }) => {
      const profile = await requireProfile(pool, profile_id);
      const { items, nextAfter } = await readPage(
        limit,
        (most) => readHistory(pool, profile_id, profile, after, most),
        ({ version }) => String(version),
      );
      const changes = items.map(({ version, at, kind, changes }) => ({
        version,
        at: at.toISOString(),
        kind,
        changes: changes.map(({ path, cut, ...values }) => ({
          pointer: path,
          ...values,
          is_cut: cut === true,
        })),
      }));
      return { body: { items: changes, next_after: nextAfter } };
    },
  }),
];

/** @throws HeadraceError `not_found`. */
async function requireProfile(pool: pg.Pool, profileId: string): Promise<ProfileVersion> {
  const profile = await readProfileVersion(pool, profileId);
  if (profile === undefined) throw await missingProfile(pool, profileId);
  return profile;
}

type HistoryEntry = Omit<StoredChange, 'kind'> & { readonly kind: StoredChange['kind'] | 'created' };

/** Changes, and behind the last of them the beginning, which the profile itself tells. */
async function readHistory(
  pool: pg.Pool,
  profileId: string,
  profile: ProfileVersion,
  after: number | undefined,
  limit: number,
): Promise<HistoryEntry[]> {
  const changes = await readProfileChanges(pool, { profileId, after, limit });
  if (changes.length >= limit || after === 1) return changes;
  return [...changes, { version: 1, at: profile.createdAt, kind: 'created', changes: [] }];
}

const toDate = (text: string | undefined): Date | undefined =>
  text === undefined ? undefined : new Date(text);

const writePlace = ({ at, datasetId, eventId }: EventPlace): string =>
  Buffer.from(JSON.stringify([at.getTime(), datasetId, eventId])).toString('base64url');

/** @throws HeadraceError `invalid_input` for what `writePlace` did not write. */
function readPlace(text: string): EventPlace {
  try {
    const [at, datasetId, eventId]: unknown[] = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (typeof at === 'number' && typeof datasetId === 'string' && typeof eventId === 'string') {
      const place = { at: new Date(at), datasetId, eventId };
      if (!Number.isNaN(place.at.getTime()) && /^[0-9a-f-]{36}$/.test(datasetId)) return place;
    }
  } catch {
    // Said below, without repeating the text.
  }
  throw invalidInput(
    'There is no such place in the timeline. Pass `next_after` of the page before as it is.',
    [{ pointer: '/after', message: 'Expected what the page before gave.' }],
  );
}
