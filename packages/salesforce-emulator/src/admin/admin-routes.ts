import type { Answer, Call, Route } from '../http/route.ts';
import { now } from '../org/org-state.ts';
import { clockRoutes } from './clock-routes.ts';
import { faultRoutes } from './fault-routes.ts';
import { journalRoutes } from './journal-routes.ts';
import { limitRoutes } from './limit-routes.ts';
import { orgRoutes } from './org-routes.ts';
import { peopleRoutes } from './people-routes.ts';
import { signInRoutes } from './sign-in-routes.ts';
import { snapshotRoutes } from './snapshot-routes.ts';

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

/** The emulator's own interface, for tests and people. A local tool: no sign-in. */
export const adminRoutes: readonly Route[] = [
  { path: '/emulator/health', access: 'local', methods: { GET: showHealth } },
  ...clockRoutes,
  ...signInRoutes,
  ...faultRoutes,
  ...limitRoutes,
  ...journalRoutes,
  ...orgRoutes,
  ...peopleRoutes,
  ...snapshotRoutes,
];
