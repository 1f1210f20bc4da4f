import { isJsonObject, type JsonObject, type JsonValue, ownValue } from '../../json.ts';
import { normalizeId, recordNumberOf } from '../../org/record-id.ts';
import { recordError, recordErrors } from '../../records/record-error.ts';
import { recordJson } from '../../records/record-json.ts';
import { saveRecords } from '../../records/save-records.ts';
import type { RecordResult, RecordWrite } from '../../records/write-record.ts';
import { findObject, objectOfPrefix } from '../../schema/catalog.ts';
import { findField, type ObjectType } from '../../schema/object-type.ts';
import { readRecord } from '../../store/record-table.ts';
import { ApiError, apiErrors } from '../api-error.ts';
import { readJsonObject } from '../request-body.ts';
import type { Answer, Call, Route } from '../route.ts';
import { fieldsOf, keyFieldOf } from './rows.ts';

const maxWrites = 200;
const maxReads = 2_000;
const maxChunks = 10;

/** The `records` and `allOrNone` of a collections call. */
function readCollection(call: Call): {
  readonly records: readonly JsonObject[];
  readonly allOrNone: boolean;
} {
  const body = readJsonObject(call);
  const records = ownValue(body, 'records');
  const allOrNone = ownValue(body, 'allOrNone') ?? false;
  if (!Array.isArray(records))
    throw apiErrors.json('Required: "records", a list of sObjects, at [line:1, column:1]');
  if (typeof allOrNone !== 'boolean')
    throw apiErrors.json('Cannot deserialize instance of boolean: "allOrNone"');
  if (records.length === 0)
    throw new ApiError(400, 'REQUIRED_FIELD_MISSING', 'Required fields are missing: [records]');
  if (records.length > maxWrites) throw apiErrors.tooManyRecords(maxWrites);
  return { records: records.map(asRecord), allOrNone };
}

function asRecord(record: JsonValue): JsonObject {
  if (!isJsonObject(record)) throw apiErrors.json('Each of "records" must be a JSON object');
  return record;
}

/** The object type of a record's `attributes`, or undefined when it names none or an unknown one. */
function typeName(record: JsonObject): string | undefined {
  const attributes = ownValue(record, 'attributes');
  const type = isJsonObject(attributes) ? ownValue(attributes, 'type') : undefined;
  return typeof type === 'string' ? type : undefined;
}

/** Records of mixed types run in chunks of one type; more than ten of them are refused. */
function checkChunks(records: readonly JsonObject[]): void {
  let chunks = 0;
  let previous: string | undefined;
  for (const record of records) {
    const type = typeName(record)?.toLowerCase();
    if (type === undefined)
      throw new ApiError(
        400,
        'INVALID_FIELD',
        'Each record must have an "attributes" map with a value for "type"',
        ['type'],
      );
    if (type !== previous) chunks += 1;
    previous = type;
  }
  if (chunks > maxChunks)
    throw new ApiError(
      400,
      'LIMIT_EXCEEDED',
      `The request has ${chunks} chunks of one object type; at most ${maxChunks} are processed`,
    );
}

/** The name under which a record carries its key, with the value; null without one. */
function findKey(
  record: JsonObject,
  isKey: (name: string) => boolean,
): { readonly keyName: string | undefined; readonly key: JsonValue } {
  const keyName = Object.keys(record).find(isKey);
  return { keyName, key: keyName === undefined ? null : (record[keyName] ?? null) };
}

const isIdName = (name: string): boolean => name === 'Id' || name === 'id' || name.toLowerCase() === 'id';

const unknownType = (record: JsonObject): RecordWrite => ({
  kind: 'refused',
  error: recordError('INVALID_TYPE', `sObject type '${typeName(record) ?? ''}' is not supported.`),
});

function answerWrites(
  call: Call,
  writes: readonly RecordWrite[],
  allOrNone: boolean,
  showCreated: boolean,
): Answer {
  const results = saveRecords(call.emulator.org, call.session?.userId ?? '', writes, allOrNone);
  return {
    status: 200,
    body: results.map((result) => resultJson(result, showCreated)),
    records: results.length,
  };
}

function resultJson(result: RecordResult, showCreated: boolean): Record<string, unknown> {
  const { id, success, errors } = result;
  const head = id === undefined ? {} : { id };
  const tail = showCreated && success ? { created: result.created ?? false } : {};
  return { ...head, success, errors, ...tail };
}

function createMany(call: Call): Answer {
  const { records, allOrNone } = readCollection(call);
  checkChunks(records);
  const writes = records.map((record): RecordWrite => {
    const object = findObject(call.emulator.org.catalog, typeName(record) ?? '');
    if (object === undefined) return unknownType(record);
    const { key, keyName } = findKey(record, isIdName);
    if (key !== null && key !== '')
      return {
        kind: 'refused',
        error: recordError('INVALID_FIELD_FOR_INSERT_UPDATE', 'cannot specify Id in an insert call', ['Id']),
      };
    return { kind: 'create', object, fields: record, keyName };
  });
  return answerWrites(call, writes, allOrNone, false);
}

function updateMany(call: Call): Answer {
  const { records, allOrNone } = readCollection(call);
  checkChunks(records);
  const writes = records.map((record): RecordWrite => {
    const object = findObject(call.emulator.org.catalog, typeName(record) ?? '');
    if (object === undefined) return unknownType(record);
    const { key, keyName } = findKey(record, isIdName);
    if (typeof key !== 'string' || key === '')
      return {
        kind: 'refused',
        error: recordError('MISSING_ARGUMENT', 'Id not specified in an update call'),
      };
    return { kind: 'update', object, id: key, fields: record, keyName };
  });
  return answerWrites(call, writes, allOrNone, false);
}

function upsertMany(call: Call): Answer {
  const object = pathObject(call);
  const keyField = keyFieldOf(object, call.params.field ?? '');
  const { records, allOrNone } = readCollection(call);
  const updateOnly = call.query.get('updateOnly') === 'true';
  const writes = records.map((record): RecordWrite => {
    const type = typeName(record);
    if (type === undefined || type.toLowerCase() !== object.name.toLowerCase())
      return {
        kind: 'refused',
        error: recordError(
          'INVALID_TYPE',
          `Each record must be of type ${object.name}, as named in the path.`,
        ),
      };
    const { key, keyName } = findKey(
      record,
      (name) => name === keyField.name || findField(object, name) === keyField,
    );
    return { kind: 'upsert', object, keyField, key, keyName, fields: record, updateOnly };
  });
  return answerWrites(call, writes, allOrNone, true);
}

function deleteMany(call: Call): Answer {
  const list = call.query.get('ids') ?? '';
  const ids = list.split(',').filter((id) => id !== '');
  if (ids.length === 0)
    throw new ApiError(400, 'REQUIRED_FIELD_MISSING', 'Required fields are missing: [ids]');
  if (ids.length > maxWrites) throw apiErrors.tooManyRecords(maxWrites);
  const writes = ids.map((raw): RecordWrite => {
    const id = normalizeId(raw.trim());
    const object = id === undefined ? undefined : objectOfPrefix(call.emulator.org.catalog, id.slice(0, 3));
    if (id === undefined)
      return { kind: 'refused', error: recordError('MALFORMED_ID', `malformed id ${raw}`) };
    if (object === undefined) return { kind: 'refused', id, error: recordErrors.badReference() };
    return { kind: 'delete', object, id };
  });
  return answerWrites(call, writes, call.query.get('allOrNone') === 'true', false);
}

function pathObject(call: Call): ObjectType {
  const object = findObject(call.emulator.org.catalog, call.params.object ?? '');
  if (object === undefined) throw apiErrors.notFound();
  return object;
}

function readMany(call: Call, ids: readonly string[], fieldNames: string): Answer {
  const object = pathObject(call);
  if (ids.length === 0)
    throw new ApiError(400, 'REQUIRED_FIELD_MISSING', 'Required fields are missing: [ids]');
  if (fieldNames === '')
    throw new ApiError(400, 'REQUIRED_FIELD_MISSING', 'Required fields are missing: [fields]');
  if (ids.length > maxReads) throw apiErrors.tooManyRecords(maxReads);
  const fields = fieldsOf(object, fieldNames);
  const body = ids.map((raw) => {
    const id = normalizeId(raw.trim());
    const rid = id?.startsWith(object.keyPrefix) ? recordNumberOf(id) : undefined;
    const row = rid === undefined ? undefined : readRecord(call.emulator.org.database, object, rid);
    return row === undefined || row.IsDeleted === 1 ? null : recordJson(object, fields, row, call.version);
  });
  return { status: 200, body, records: body.length };
}

const readManyByGet = (call: Call): Answer =>
  readMany(
    call,
    (call.query.get('ids') ?? '').split(',').filter((id) => id !== ''),
    call.query.get('fields') ?? '',
  );

function readManyByPost(call: Call): Answer {
  const body = readJsonObject(call);
  const texts = (key: string): readonly string[] => {
    const value = ownValue(body, key);
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
      throw apiErrors.json(`Required: "${key}", a list of texts, at [line:1, column:1]`);
    return value;
  };
  return readMany(call, texts('ids'), texts('fields').join(','));
}

const base = '/services/data/:version/composite/sobjects';
export const collectionRoutes: readonly Route[] = [
  { path: base, access: 'session', methods: { POST: createMany, PATCH: updateMany, DELETE: deleteMany } },
  { path: `${base}/:object`, access: 'session', methods: { GET: readManyByGet, POST: readManyByPost } },
  { path: `${base}/:object/:field`, access: 'session', methods: { PATCH: upsertMany } },
];
