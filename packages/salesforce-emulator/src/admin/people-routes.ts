import Type from 'typebox';
import { checkSection } from '../definition/check-section.ts';
import { ApiError, apiErrors } from '../errors/api-error.ts';
import { newestVersion } from '../http/api-version.ts';
import { readJson } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { refusal } from '../http/routes/rows.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { convertLead } from '../people/convert-lead.ts';
import { mergeRecords } from '../people/merge-records.ts';
import { personContext } from '../people/person-context.ts';
import type { RecordError } from '../records/record-error.ts';
import { purgeBin, removeFromBin, undeleteRecord } from '../records/recycle-bin.ts';
import { saveRecords, startSaving } from '../records/save-records.ts';
import type { WriteContext } from '../records/write-context.ts';
import type { RecordWrite } from '../records/write-record.ts';
import { findObject } from '../schema/catalog.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { accept } from './read-order.ts';

const closed = { additionalProperties: false };
const as = Type.Optional(Type.String({ minLength: 1, description: 'username; the first user by default' }));
const id = Type.String({ minLength: 1 });
const fields = Type.Record(Type.String(), Type.Unknown());

const editSchema = Type.Object({ as, fields }, closed);
const deleteSchema = Type.Object({ as }, closed);
const convertSchema = Type.Object(
  {
    as,
    account_id: Type.Optional(id),
    contact_id: Type.Optional(id),
    owner_id: Type.Optional(id),
    converted_status: Type.Optional(Type.String({ minLength: 1 })),
    overwrite_lead_source: Type.Boolean({ default: false }),
    opportunity: Type.Boolean({ default: false }),
  },
  closed,
);
const mergeSchema = Type.Object(
  {
    as,
    object: Type.String({ minLength: 1 }),
    master_id: id,
    ids: Type.Array(id, { minItems: 1, maxItems: 2 }),
    fields: Type.Optional(fields),
  },
  closed,
);
const undeleteSchema = Type.Object({ as, ids: Type.Array(id, { minItems: 1, maxItems: 200 }) }, closed);
const emptySchema = Type.Object(
  { ids: Type.Optional(Type.Array(id, { minItems: 1, maxItems: 200 })) },
  closed,
);

/** The order in a call's body, where an empty body is an empty order. */
const readOrder = <Schema extends Type.TSchema>(call: Call, schema: Schema): Type.Static<Schema> =>
  accept(() => checkSection(schema, call.body.length === 0 ? {} : readJson(call), 'Order'));

const person = (call: Call, username: string | undefined): WriteContext =>
  accept(() => personContext(call.emulator.org, username));

function objectNamed({ catalog }: WriteContext, name: string): ObjectType {
  const object = findObject(catalog, name);
  if (object === undefined) throw apiErrors.notFound();
  return object;
}

const refused = (call: Call, errors: readonly RecordError[]): Answer =>
  refusal({ ...call, version: `${newestVersion}.0` }, errors);

const jsonFields = (input: unknown): JsonObject => (isJsonObject(input) ? input : {});

function save(call: Call, context: WriteContext, write: RecordWrite): Answer {
  const [result] = saveRecords(context, [write], false);
  if (result?.success !== true) return refused(call, result?.errors ?? []);
  return { status: write.kind === 'create' ? 201 : 200, body: { id: result.id, success: true } };
}

function createRecord(call: Call): Answer {
  const order = readOrder(call, editSchema);
  const context = person(call, order.as);
  const object = objectNamed(context, call.params.object ?? '');
  return save(call, context, { kind: 'create', object, fields: jsonFields(order.fields) });
}

function editRecord(call: Call): Answer {
  const order = readOrder(call, editSchema);
  const context = person(call, order.as);
  const object = objectNamed(context, call.params.object ?? '');
  const write = {
    kind: 'update',
    object,
    id: call.params.id ?? '',
    fields: jsonFields(order.fields),
  } as const;
  return save(call, context, write);
}

function deleteRecord(call: Call): Answer {
  const context = person(call, call.query.get('as') ?? readOrder(call, deleteSchema).as);
  const object = objectNamed(context, call.params.object ?? '');
  return save(call, context, { kind: 'delete', object, id: call.params.id ?? '' });
}

function convert(call: Call): Answer {
  const order = readOrder(call, convertSchema);
  if (order.opportunity) throw apiErrors.notImplemented('An Opportunity made by a conversion');
  const result = convertLead(person(call, order.as), {
    leadId: call.params.id ?? '',
    accountId: order.account_id,
    contactId: order.contact_id,
    convertedStatus: order.converted_status,
    ownerId: order.owner_id,
    overwriteLeadSource: order.overwrite_lead_source,
  });
  if (result.kind === 'refused') return refused(call, result.errors);
  const { leadId, accountId, contactId } = result;
  const body = {
    lead_id: leadId,
    account_id: accountId,
    contact_id: contactId,
    opportunity_id: null,
    success: true,
  };
  return { status: 200, body };
}

function merge(call: Call): Answer {
  const order = readOrder(call, mergeSchema);
  const context = person(call, order.as);
  const object = objectNamed(context, order.object);
  const { master_id: masterId, ids } = order;
  const result = mergeRecords(context, { object, masterId, ids, fields: jsonFields(order.fields) });
  if (result.kind === 'refused') return refused(call, result.errors);
  const body = {
    id: result.id,
    merged_record_ids: result.mergedIds,
    updated_related_ids: result.updatedRelatedIds,
    success: true,
  };
  return { status: 200, body };
}

function undelete(call: Call): Answer {
  const order = readOrder(call, undeleteSchema);
  const context = person(call, order.as);
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

/** What people do in Salesforce's own pages, for tests to play. None of it counts as a call to the API. */
export const peopleRoutes: readonly Route[] = [
  { path: '/emulator/records/:object', access: 'local', methods: { POST: createRecord } },
  {
    path: '/emulator/records/:object/:id',
    access: 'local',
    methods: { PATCH: editRecord, DELETE: deleteRecord },
  },
  { path: '/emulator/leads/:id/convert', access: 'local', methods: { POST: convert } },
  { path: '/emulator/merge', access: 'local', methods: { POST: merge } },
  { path: '/emulator/undelete', access: 'local', methods: { POST: undelete } },
  { path: '/emulator/recycle-bin/empty', access: 'local', methods: { POST: emptyBin } },
];
