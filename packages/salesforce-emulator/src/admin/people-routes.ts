import Type from 'typebox';
import { apiErrors } from '../errors/api-error.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { convertLead } from '../people/convert-lead.ts';
import { mergeRecords } from '../people/merge-records.ts';
import { saveRecords } from '../records/save-records.ts';
import type { WriteContext } from '../records/write-context.ts';
import type { RecordWrite } from '../records/write-record.ts';
import { findObject } from '../schema/catalog.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { binRoutes } from './bin-routes.ts';
import { asPerson, personOf, recordId, refusedOrder } from './person-order.ts';
import { readOrder } from './read-order.ts';

const closed = { additionalProperties: false };
const as = asPerson;
const id = recordId;
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

function objectNamed({ catalog }: WriteContext, name: string): ObjectType {
  const object = findObject(catalog, name);
  if (object === undefined) throw apiErrors.notFound();
  return object;
}

const jsonFields = (input: unknown): JsonObject => (isJsonObject(input) ? input : {});

function save(call: Call, context: WriteContext, write: RecordWrite): Answer {
  const [result] = saveRecords(context, [write], false);
  if (result?.success !== true) return refusedOrder(call, result?.errors ?? []);
  return { status: write.kind === 'create' ? 201 : 200, body: { id: result.id, success: true } };
}

function createRecord(call: Call): Answer {
  const order = readOrder(call, editSchema);
  const context = personOf(call, order.as);
  const object = objectNamed(context, call.params.object ?? '');
  return save(call, context, { kind: 'create', object, fields: jsonFields(order.fields) });
}

function editRecord(call: Call): Answer {
  const order = readOrder(call, editSchema);
  const context = personOf(call, order.as);
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
  const context = personOf(call, call.query.get('as') ?? readOrder(call, deleteSchema).as);
  const object = objectNamed(context, call.params.object ?? '');
  return save(call, context, { kind: 'delete', object, id: call.params.id ?? '' });
}

function convert(call: Call): Answer {
  const order = readOrder(call, convertSchema);
  if (order.opportunity) throw apiErrors.notImplemented('An Opportunity made by a conversion');
  const result = convertLead(personOf(call, order.as), {
    leadId: call.params.id ?? '',
    accountId: order.account_id,
    contactId: order.contact_id,
    convertedStatus: order.converted_status,
    ownerId: order.owner_id,
    overwriteLeadSource: order.overwrite_lead_source,
  });
  if (result.kind === 'refused') return refusedOrder(call, result.errors);
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
  const context = personOf(call, order.as);
  const object = objectNamed(context, order.object);
  const { master_id: masterId, ids } = order;
  const result = mergeRecords(context, { object, masterId, ids, fields: jsonFields(order.fields) });
  if (result.kind === 'refused') return refusedOrder(call, result.errors);
  const body = {
    id: result.id,
    merged_record_ids: result.mergedIds,
    updated_related_ids: result.updatedRelatedIds,
    success: true,
  };
  return { status: 200, body };
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
  ...binRoutes,
];
