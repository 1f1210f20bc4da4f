import { ApiError } from '../errors/api-error.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import type { CallFilter, JournalEntry } from '../journal/call-journal.ts';
import { changeKinds, isChangeKind } from '../journal/change-journal.ts';
import { type ChangeFilter, type RecordChange, readChanges } from '../journal/read-changes.ts';
import { placeOfId } from '../org/record-of-id.ts';
import { findObject } from '../schema/catalog.ts';

const mostEntries = 10_000;

const refuse = (message: string): never => {
  throw new ApiError(400, 'INVALID_INPUT', message);
};

/** A whole number of the query string. */
function wholeOf(call: Call, name: string): number | undefined {
  const text = call.query.get(name);
  if (text === null || text === '') return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : refuse(`"${name}" must be a whole number.`);
}

/** A moment of the query string: ISO 8601 or epoch milliseconds. */
function momentOf(call: Call, name: string): number | undefined {
  const text = call.query.get(name);
  if (text === null || text === '') return undefined;
  const moment = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(new Date(moment).getTime()) ? refuse(`"${name}" must be an instant.`) : moment;
}

const limitOf = (call: Call): number => Math.min(Math.max(wholeOf(call, 'limit') ?? 100, 1), mostEntries);

const textOf = (call: Call, name: string): string | undefined => call.query.get(name) || undefined;

/** A call of the journal as the admin interface shows it. */
export const callJson = (entry: JournalEntry): Record<string, unknown> => ({
  sequence: entry.sequence,
  at: entry.at,
  method: entry.method,
  path: entry.path,
  query: entry.query,
  headers: entry.headers,
  client: entry.client === '' ? null : entry.client,
  user_id: entry.userId ?? null,
  status: entry.status,
  error_code: entry.errorCode ?? null,
  records: entry.records ?? null,
  duration_ms: entry.durationMs,
  mark: entry.mark ?? null,
  request: entry.request ?? null,
  response: entry.response ?? null,
});

/** A change of a record as the admin interface shows it. */
export const changeJson = (change: RecordChange): Record<string, unknown> => ({
  sequence: change.sequence,
  at: new Date(change.at).toISOString(),
  call: change.call ?? null,
  user_id: change.userId,
  kind: change.kind,
  object: change.object,
  id: change.id,
  fields: change.fields,
});

function showJournal(call: Call): Answer {
  const { journal } = call.emulator;
  const filter: CallFilter = {
    method: textOf(call, 'method'),
    path: textOf(call, 'path'),
    status: wholeOf(call, 'status'),
    object: textOf(call, 'object'),
    since: momentOf(call, 'since'),
    before: wholeOf(call, 'before'),
  };
  const limit = limitOf(call);
  const entries = journal.find(filter, limit);
  const next = entries.length < limit ? null : (entries.at(-1)?.sequence ?? null);
  return { status: 200, body: { total: journal.total(), entries: entries.map(callJson), next_before: next } };
}

function clearJournal(call: Call): Answer {
  call.emulator.journal.clear();
  return { status: 204 };
}

/** Which record or object changes are asked for. */
function recordFilter(call: Call): Pick<ChangeFilter, 'object' | 'rid'> {
  const { catalog } = call.emulator.org;
  const id = textOf(call, 'id');
  if (id !== undefined)
    return placeOfId(catalog, id) ?? refuse(`"id" is no id of a record of this org: ${id}`);
  const name = textOf(call, 'object');
  if (name === undefined) return {};
  return { object: findObject(catalog, name) ?? refuse(`There is no object ${name}.`) };
}

function showChanges(call: Call): Answer {
  const kind = textOf(call, 'kind');
  if (kind !== undefined && !isChangeKind(kind)) refuse(`"kind" must be one of ${changeKinds.join(', ')}.`);
  const position = textOf(call, 'before');
  const [, sequence, rid] =
    /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(position ?? '0') ?? refuse('"before" is not known.');
  const filter: ChangeFilter = {
    ...recordFilter(call),
    call: wholeOf(call, 'call'),
    kind: kind !== undefined && isChangeKind(kind) ? kind : undefined,
    since: momentOf(call, 'since'),
    before: position === undefined ? undefined : { sequence: Number(sequence), rid: Number(rid ?? 0) },
  };
  const limit = limitOf(call);
  const changes = readChanges(call.emulator.org, filter, limit);
  const last = changes.length < limit ? undefined : changes.at(-1);
  const next = last === undefined ? null : `${last.sequence}-${last.rid}`;
  return { status: 200, body: { changes: changes.map(changeJson), next_before: next } };
}

function clearChanges(call: Call): Answer {
  call.emulator.org.database.prepare('delete from _change').run();
  return { status: 204 };
}

/** The calls the org was sent, and what they changed. */
export const journalRoutes: readonly Route[] = [
  { path: '/emulator/journal', access: 'local', methods: { GET: showJournal, DELETE: clearJournal } },
  { path: '/emulator/changes', access: 'local', methods: { GET: showChanges, DELETE: clearChanges } },
];
