import { ApiError, apiErrors } from '../errors/api-error.ts';
import { readJsonObject } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { writeContextOf } from '../http/write-context.ts';
import { type JsonObject, ownValue } from '../json.ts';
import { normalizeId, recordNumberOf } from '../org/record-id.ts';
import { numberInObject } from '../org/record-of-id.ts';
import { duplicatesFound, foundWhileReading, type RecordError } from '../records/record-error.ts';
import { recordJson } from '../records/record-json.ts';
import type { RecordResult } from '../records/record-result.ts';
import { saveRecords } from '../records/save-records.ts';
import type { RecordWrite } from '../records/write-record.ts';
import { findObject } from '../schema/catalog.ts';
import type { FieldDefinition } from '../schema/field.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { integerOf } from '../store/database.ts';
import { readDeletedFlag, readRecord } from '../store/record-table.ts';
import { checkConditions, hasConditions, refuseConditions } from './conditions.ts';
import { duplicateRefusal } from './duplicate-result.ts';
/** The object named in the path, in any case. Throws NOT_FOUND. */
export function objectOf(call: Call): ObjectType {
  const object = findObject(call.catalog, call.params.object ?? '');
  if (object === undefined) throw apiErrors.notFound();
  return object;
}

/** A single row's refusal: the record errors as the answer's error list. */
export function refusal(call: Call, errors: readonly RecordError[]): Answer {
  const body = errors.map((error) => {
    const found = error[duplicatesFound];
    if (found !== undefined) return duplicateRefusal(error, found, call.catalog, call.version);
    const head = { message: error.message, errorCode: error.statusCode };
    return error[foundWhileReading] ? head : { ...head, fields: error.fields };
  });
  return { status: statusOf(errors), body };
}

/** Statuses that differ from 400 when a single row is refused. */
function statusOf(errors: readonly RecordError[]): number {
  const code = errors[0]?.statusCode;
  if (code === 'INSUFFICIENT_ACCESS_OR_READONLY') return 403;
  if (code === 'NOT_IMPLEMENTED_BY_EMULATOR') return 501;
  return code === 'ENTITY_IS_DELETED' || code === 'NOT_FOUND' ? 404 : 400;
}

/** Saves one record for the signed-in user. */
export function writeOne(call: Call, write: RecordWrite): RecordResult {
  const [result] = saveRecords(writeContextOf(call), [write], false);
  if (result === undefined) throw new Error('A write gave no result.');
  return result;
}

/** The Location header of a record. */
export const location = (call: Call, object: ObjectType, id: string): Record<string, string> => ({
  Location: `/services/data/v${call.version}/sobjects/${object.name}/${id}`,
});

/** `Id` inside the body of a row call is refused: the path names the record. */
export function withoutId(fields: JsonObject): void {
  const key = Object.keys(fields).find((name) => name.toLowerCase() === 'id');
  if (key !== undefined && ownValue(fields, key) !== null)
    throw new ApiError(400, 'INVALID_FIELD', 'The Id field should not be specified in the sobject data.');
}

/** `POST sobjects/T`. */
export function createRow(call: Call): Answer {
  const object = objectOf(call);
  const fields = readJsonObject(call, 'SObject');
  withoutId(fields);
  const result = writeOne(call, { kind: 'create', object, fields: dropNullId(fields) });
  if (result.id === undefined || !result.success) return refusal(call, result.errors);
  return {
    status: 201,
    body: { id: result.id, success: true, errors: [] },
    headers: location(call, object, result.id),
    records: 1,
  };
}

/** Without the `Id` of null that some clients send. */
export const dropNullId = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => name.toLowerCase() !== 'id'));

function readRow(call: Call): Answer {
  const object = objectOf(call);
  const raw = call.params.id ?? '';
  const rid = numberInObject(object, raw);
  if (rid === undefined) throw apiErrors.keyNotAccessible(raw);
  return showRow(call, object, rid);
}

/** Answers one live record with the fields asked for, and its Id after them in any case. */
export function showRow(call: Call, object: ObjectType, rid: number): Answer {
  const row = readRecord(call.emulator.org.database, object, rid);
  if (row === undefined) throw apiErrors.notFound();
  if (row.IsDeleted === 1) throw new ApiError(404, 'ENTITY_IS_DELETED', 'entity is deleted');
  if (checkConditions(call, integerOf(row.LastModifiedDate)) === 'not-modified') return { status: 304 };
  const asked = fieldsOf(object, call.query.get('fields'));
  const fields = [
    ...asked,
    ...object.fields.filter((field) => field.type === 'id' && !asked.includes(field)),
  ];
  return { status: 200, body: recordJson(object, fields, row, call.version), records: 1 };
}

/** The fields a caller asked for, or all. Throws INVALID_FIELD for an unknown one. */
export function fieldsOf(object: ObjectType, list: string | null): readonly FieldDefinition[] {
  if (list === null || list === '') return object.fields;
  return list.split(',').map((name) => {
    const field = findField(object, name.trim());
    if (field === undefined)
      throw new ApiError(
        400,
        'INVALID_FIELD',
        `No such column '${name.trim()}' on entity '${object.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
      );
    return field;
  });
}

/** The id in the path. What is no id is taken for a key (404), that of another object is refused. */
function checkedId(object: ObjectType, raw: string): string {
  const id = normalizeId(raw);
  if (id === undefined) throw apiErrors.keyNotAccessible(raw);
  if (!id.startsWith(object.keyPrefix))
    throw new ApiError(400, 'MALFORMED_ID', `${object.label} ID: id value of incorrect type: ${raw}`, ['Id']);
  return id;
}

/** Refuses a change of a record that does not meet the call's conditions; a deleted one fails later. */
export function checkChange(call: Call, object: ObjectType, rid: number | undefined): void {
  if (!hasConditions(call.headers)) return;
  const row = rid === undefined ? undefined : readRecord(call.emulator.org.database, object, rid);
  if (row === undefined || row.IsDeleted !== 1) checkConditions(call, integerOf(row?.LastModifiedDate));
}

/** Saves a change that answers 204. */
export function changeRow(call: Call, write: RecordWrite): Answer {
  const result = writeOne(call, write);
  if (result.success) return { status: 204, records: 1 };
  if (result.errors[0]?.statusCode === 'INVALID_CROSS_REFERENCE_KEY' && write.kind === 'delete')
    throw apiErrors.notFound();
  return refusal(call, result.errors);
}

function updateRow(call: Call): Answer {
  const object = objectOf(call);
  const id = checkedId(object, call.params.id ?? '');
  const fields = readJsonObject(call, 'SObject');
  withoutId(fields);
  const rid = recordNumberOf(id);
  if (rid === undefined || readDeletedFlag(call.emulator.org.database, object, rid) === undefined)
    throw apiErrors.notFound();
  checkChange(call, object, rid);
  return changeRow(call, { kind: 'update', object, id, fields: dropNullId(fields) });
}

function deleteRow(call: Call): Answer {
  const object = objectOf(call);
  refuseConditions(call.headers);
  const raw = call.params.id ?? '';
  const id = normalizeId(raw);
  if (id === undefined) throw apiErrors.keyNotAccessible(raw);
  if (!id.startsWith(object.keyPrefix)) throw new ApiError(400, 'MALFORMED_ID', `malformed id ${raw}`, []);
  return changeRow(call, { kind: 'delete', object, id });
}

/** `POST sobjects/T/Id` inserts, for clients that upsert by an empty id. */
function createRowAtId(call: Call): Answer {
  if (call.params.id?.toLowerCase() !== 'id')
    throw apiErrors.method('POST', ['HEAD', 'GET', 'PATCH', 'DELETE']);
  return createRow(call);
}

/** Resources that stand where a record's id would, and are not there yet. */
function laterResource(call: Call): Answer {
  throw apiErrors.notImplemented(`The resource ${call.path}`);
}

const laterResources = [
  'approvalLayouts',
  'compactLayouts',
  'deleted',
  'eventSeries',
  'listviews',
  'namedLayouts',
  'quickActions',
  'updated',
];
const anything = { GET: laterResource, POST: laterResource, PATCH: laterResource, DELETE: laterResource };

const base = '/services/data/:version/sobjects/:object';
export const rowRoutes: readonly Route[] = [
  ...laterResources.map((name): Route => ({ path: `${base}/${name}`, access: 'session', methods: anything })),
  { path: `${base}/describe/:part`, access: 'session', methods: anything },
  {
    path: `${base}/:id`,
    access: 'session',
    methods: { GET: readRow, PATCH: updateRow, DELETE: deleteRow, POST: createRowAtId },
    parameters: { GET: ['fields'] },
  },
];
