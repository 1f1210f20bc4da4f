import { readJsonObject } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { readWhole } from './read-order.ts';

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
  return { status: 204 };
}

/** How many calls the org allows, and what others use of them. */
export const limitRoutes: readonly Route[] = [
  {
    path: '/emulator/limits',
    access: 'local',
    methods: { GET: showLimits, PUT: setLimits, DELETE: clearLimits },
  },
];
