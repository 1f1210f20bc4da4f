import { ApiError } from '../errors/api-error.ts';
import { readJsonObject } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { now } from '../org/org-state.ts';
import { purgeBin } from '../records/recycle-bin.ts';
import { faultRoutes } from './fault-routes.ts';
import { journalRoutes } from './journal-routes.ts';
import { limitRoutes } from './limit-routes.ts';
import { orgRoutes } from './org-routes.ts';
import { peopleRoutes } from './people-routes.ts';
import { readWhole } from './read-order.ts';
import { signInRoutes } from './sign-in-routes.ts';

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

function moveClock(call: Call): Answer {
  const advance = readWhole(readJsonObject(call), 'advance_ms');
  if (advance === undefined) throw new ApiError(400, 'INVALID_INPUT', '"advance_ms" is required.');
  call.emulator.org.clockOffsetMs += advance;
  purgeBin(call.emulator.org);
  return { status: 200, body: { time: new Date(now(call.emulator.org)).toISOString() } };
}

/** The emulator's own interface, for tests and people. A local tool: no sign-in. */
export const adminRoutes: readonly Route[] = [
  { path: '/emulator/health', access: 'local', methods: { GET: showHealth } },
  { path: '/emulator/clock', access: 'local', methods: { POST: moveClock } },
  ...signInRoutes,
  ...faultRoutes,
  ...limitRoutes,
  ...journalRoutes,
  ...orgRoutes,
  ...peopleRoutes,
];
