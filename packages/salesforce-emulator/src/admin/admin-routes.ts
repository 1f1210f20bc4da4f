import { ApiError } from '../errors/api-error.ts';
import { readJson, readJsonObject } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { type JsonObject, ownValue } from '../json.ts';
import { defineCustomField, resetOrg } from '../org/open-org.ts';
import { now } from '../org/org-state.ts';
import { parseCustomField } from '../schema/custom-field.ts';
import { integerOf } from '../store/database.ts';
import { tableOf } from '../store/record-table.ts';
import { noFaults } from './faults.ts';
import { faultsJson, readFaults } from './read-faults.ts';

const done: Answer = { status: 204 };

/** Runs a reader of input; what it throws becomes a 400 with its message. */
function accept<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(400, 'INVALID_INPUT', error instanceof Error ? error.message : String(error));
  }
}

function showHealth(call: Call): Answer {
  const { org, dataDir } = call.emulator;
  return {
    status: 200,
    body: {
      status: 'ok',
      service: 'salesforce-emulator',
      instance_id: org.instanceId,
      pid: process.pid,
      organization_id: org.organizationId,
      data_dir: dataDir ?? null,
      time: new Date(now(org)).toISOString(),
    },
  };
}

function showFaults(call: Call): Answer {
  return { status: 200, body: faultsJson(call.emulator.faults) };
}

function setFaults(call: Call): Answer {
  call.emulator.faults = accept(() => readFaults(readJson(call)));
  return showFaults(call);
}

function clearFaults(call: Call): Answer {
  call.emulator.faults = noFaults;
  return done;
}

const expireSessions = (call: Call): Answer => ({
  status: 200,
  body: { expired: call.emulator.sessions.expireAll() },
});

function showLimits(call: Call): Answer {
  const { calls } = call.emulator;
  return { status: 200, body: { used: calls.used(), allowed: calls.allowed() } };
}

function setLimits(call: Call): Answer {
  const body = readJsonObject(call);
  const allowed = readWhole(body, 'allowed');
  const consume = readWhole(body, 'consume');
  if (allowed !== undefined) call.emulator.calls.override(allowed);
  if (consume !== undefined && consume > 0) call.emulator.calls.count(consume);
  return showLimits(call);
}

function clearLimits(call: Call): Answer {
  call.emulator.calls.override(undefined);
  call.emulator.calls.clear();
  return done;
}

function readWhole(body: JsonObject, key: string): number | undefined {
  const value = ownValue(body, key);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw new ApiError(400, 'INVALID_INPUT', `"${key}" must be a whole number, 0 or more.`);
  return value;
}

function moveClock(call: Call): Answer {
  const advance = readWhole(readJsonObject(call), 'advance_ms');
  if (advance === undefined) throw new ApiError(400, 'INVALID_INPUT', '"advance_ms" is required.');
  call.emulator.org.clockOffsetMs += advance;
  return { status: 200, body: { time: new Date(now(call.emulator.org)).toISOString() } };
}

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
  return done;
}

function showCounts(call: Call): Answer {
  const { org } = call.emulator;
  const counts: Record<string, { live: number; deleted: number }> = {};
  for (const object of org.catalog.values()) {
    const sql = `select count(*) as n, total(IsDeleted) as d from ${tableOf(object)}`;
    const row = org.database.prepare(sql).get();
    const deleted = integerOf(row?.d);
    counts[object.name] = { live: integerOf(row?.n) - deleted, deleted };
  }
  return { status: 200, body: counts };
}

function addField(call: Call): Answer {
  accept(() => defineCustomField(call.emulator.org, parseCustomField(readJson(call))));
  return { status: 201, body: { success: true } };
}

function reset(call: Call): Answer {
  const { emulator } = call;
  resetOrg(emulator.org);
  emulator.cursors.clear();
  emulator.journal.clear();
  emulator.calls.override(undefined);
  emulator.calls.clear();
  emulator.faults = noFaults;
  emulator.org.clockOffsetMs = 0;
  return done;
}

/** The emulator's own interface: faults, clock, limits, journal. Local tool, no sign-in. */
export const adminRoutes: readonly Route[] = [
  { path: '/emulator/health', access: 'local', methods: { GET: showHealth } },
  {
    path: '/emulator/faults',
    access: 'local',
    methods: { GET: showFaults, PUT: setFaults, DELETE: clearFaults },
  },
  { path: '/emulator/sessions/expire', access: 'local', methods: { POST: expireSessions } },
  {
    path: '/emulator/limits',
    access: 'local',
    methods: { GET: showLimits, PUT: setLimits, DELETE: clearLimits },
  },
  { path: '/emulator/clock', access: 'local', methods: { POST: moveClock } },
  { path: '/emulator/journal', access: 'local', methods: { GET: showJournal, DELETE: clearJournal } },
  { path: '/emulator/counts', access: 'local', methods: { GET: showCounts } },
  { path: '/emulator/fields', access: 'local', methods: { POST: addField } },
  { path: '/emulator/reset', access: 'local', methods: { POST: reset } },
];
