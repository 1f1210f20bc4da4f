import Type from 'typebox';
import { checkSection } from '../definition/check-section.ts';
import { ApiError } from '../errors/api-error.ts';
import { readJson } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { now } from '../org/org-state.ts';
import { accept } from './read-order.ts';
import { advanceClock, checkInstant, freezeClock, setClock } from './steer-emulator.ts';

const clockSchema = Type.Object(
  {
    advance_ms: Type.Optional(Type.Integer({ minimum: 0, maximum: 3_155_760_000_000 })),
    set: Type.Optional(Type.String({ maxLength: 40 })),
    freeze: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false, minProperties: 1 },
);

function showClock(call: Call): Answer {
  const { org } = call.emulator;
  const time = new Date(now(org)).toISOString();
  return { status: 200, body: { time, offset_ms: org.clockOffsetMs, frozen: org.frozenAt !== undefined } };
}

function moveClock(call: Call): Answer {
  const { org } = call.emulator;
  const { advance_ms, set, freeze } = accept(() => checkSection(clockSchema, readJson(call), 'Clock'));
  const instant = set === undefined ? undefined : Date.parse(set);
  if (Number.isNaN(instant))
    throw new ApiError(400, 'INVALID_INPUT', 'Clock: set: expected an instant such as 2026-10-01T12:00:00Z.');
  accept(() => checkInstant((instant ?? now(org)) + (advance_ms ?? 0)));
  if (freeze !== undefined) freezeClock(org, freeze);
  if (instant !== undefined) setClock(org, instant);
  if (advance_ms !== undefined) advanceClock(org, advance_ms);
  return showClock(call);
}

/** The org's time. */
export const clockRoutes: readonly Route[] = [
  { path: '/emulator/clock', access: 'local', methods: { GET: showClock, POST: moveClock } },
];
