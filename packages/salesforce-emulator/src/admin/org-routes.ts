import { changeDefinition } from '../definition/org-definition.ts';
import { readJson, readJsonObject } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { userIdOf } from '../org/users.ts';
import { parseCustomField } from '../schema/custom-field.ts';
import { defineCustomField, redefineOrg } from '../setup/open-org.ts';
import { countLive, countRecords } from '../store/record-table.ts';
import { accept } from './read-order.ts';
import { resetEmulator } from './steer-emulator.ts';

function showCounts(call: Call): Answer {
  const { org } = call.emulator;
  const counts: Record<string, { live: number; deleted: number }> = {};
  for (const object of org.catalog.values()) {
    const live = countLive(org.database, object);
    counts[object.name] = { live, deleted: countRecords(org.database, object) - live };
  }
  return { status: 200, body: counts };
}

function addField(call: Call): Answer {
  accept(() => defineCustomField(call.emulator.org, parseCustomField(readJson(call))));
  return { status: 201, body: { success: true } };
}

/**
 * Replaces sections of the definition until the emulator ends, such as rules a test is about. New users can sign
 * in; the sessions of those made inactive end.
 */
function changeOrg(call: Call): Answer {
  const { org, sessions } = call.emulator;
  const changes = readJsonObject(call);
  accept(() => redefineOrg(org, changeDefinition(org.definition, changes)));
  for (const user of org.definition.users) {
    const id = user.active ? undefined : userIdOf(org, user.username);
    if (id !== undefined) sessions.expireAll(id);
  }
  return { status: 204 };
}

function reset(call: Call): Answer {
  resetEmulator(call.emulator);
  return { status: 204 };
}

/** The org itself: its records, fields and definition. */
export const orgRoutes: readonly Route[] = [
  { path: '/emulator/counts', access: 'local', methods: { GET: showCounts } },
  { path: '/emulator/fields', access: 'local', methods: { POST: addField } },
  { path: '/emulator/definition', access: 'local', methods: { PATCH: changeOrg } },
  { path: '/emulator/reset', access: 'local', methods: { POST: reset } },
];
