import Type from 'typebox';
import type { Answer, Call, Route } from '../http/route.ts';
import { now } from '../org/org-state.ts';
import { otherConsumersSchema, readOtherConsumers } from '../org/other-consumers.ts';
import { accept, readOrder } from './read-order.ts';

const whole = () => Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000 }));
const limitsSchema = Type.Object(
  { allowed: whole(), consume: whole(), others: Type.Optional(otherConsumersSchema) },
  { additionalProperties: false },
);

function showLimits(call: Call): Answer {
  const { calls } = call.emulator;
  const body = { used: calls.used(), allowed: calls.allowed(), used_by_others: calls.usedByOthers() };
  return { status: 200, body };
}

function setLimits(call: Call): Answer {
  const { calls, org } = call.emulator;
  const { allowed, consume = 0, others } = readOrder(call, limitsSchema, 'Limits');
  const consumers = others && accept(() => readOtherConsumers(others, now(org)));
  if (allowed !== undefined) calls.override(allowed);
  if (consume > 0) calls.count(consume);
  if (consumers !== undefined) calls.setOthers(consumers);
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
