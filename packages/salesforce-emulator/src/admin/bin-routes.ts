import Type from 'typebox';
import { ApiError } from '../errors/api-error.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { purgeBin, removeFromBin, undeleteRecord } from '../records/recycle-bin.ts';
import { startSaving } from '../records/save-records.ts';
import { asPerson, personOf, recordIds } from './person-order.ts';
import { readOrder } from './read-order.ts';

const closed = { additionalProperties: false };
const undeleteSchema = Type.Object({ as: asPerson, ids: recordIds }, closed);
const emptySchema = Type.Object({ ids: Type.Optional(recordIds) }, closed);

function undelete(call: Call): Answer {
  const order = readOrder(call, undeleteSchema);
  const context = personOf(call, order.as);
  purgeBin(context.org);
  const body = context.org.database.transaction(() => {
    const saving = startSaving(context);
    const results = order.ids.map((each) => undeleteRecord(saving, each));
    saving.notes.write();
    return results;
  });
  return { status: 200, body };
}

/** Empties the recycle bin, or removes some records from it; what has gone cannot be brought back. */
function emptyBin(call: Call): Answer {
  const { ids } = readOrder(call, emptySchema);
  const { org } = call.emulator;
  if (ids === undefined) return { status: 200, body: { removed: purgeBin(org, Number.MAX_SAFE_INTEGER) } };
  return org.database.transaction(() => {
    const missing = ids.find((each) => !removeFromBin(org, each));
    if (missing !== undefined)
      throw new ApiError(400, 'INVALID_ID_FIELD', `no recycle bin entry found: ${missing}`);
    return { status: 200, body: { removed: ids.length } };
  });
}

/** The recycle bin, as people use it. */
export const binRoutes: readonly Route[] = [
  { path: '/emulator/undelete', access: 'local', methods: { POST: undelete } },
  { path: '/emulator/recycle-bin/empty', access: 'local', methods: { POST: emptyBin } },
];
