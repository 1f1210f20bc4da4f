import type { Answer, Call, Route } from '../http/route.ts';

function showJournal(call: Call): Answer {
  const limit = Math.min(Math.max(Number(call.query.get('limit') ?? 100) || 100, 1), 10_000);
  const entries = call.emulator.journal.latest(limit).map((entry) => ({
    sequence: entry.sequence,
    at: entry.at,
    method: entry.method,
    path: entry.path,
    status: entry.status,
    records: entry.records ?? null,
    duration_ms: entry.durationMs,
  }));
  return { status: 200, body: { total: call.emulator.journal.total(), entries } };
}

function clearJournal(call: Call): Answer {
  call.emulator.journal.clear();
  return { status: 204 };
}

/** The calls the org was sent. */
export const journalRoutes: readonly Route[] = [
  { path: '/emulator/journal', access: 'local', methods: { GET: showJournal, DELETE: clearJournal } },
];
