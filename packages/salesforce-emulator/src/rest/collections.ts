import { ApiError, apiErrors } from '../errors/api-error.ts';
import { queryFlag } from '../http/query-flag.ts';
import { readJsonObject, refuseOtherFields } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { writeContextOf } from '../http/write-context.ts';
import { type JsonObject, ownValue } from '../json.ts';
import { normalizeId } from '../org/record-id.ts';
import { numberInObject } from '../org/record-of-id.ts';
import { recordError, recordErrors } from '../records/record-error.ts';
import { recordJson } from '../records/record-json.ts';
import type { RecordResult } from '../records/record-result.ts';
import { saveRecords } from '../records/save-records.ts';
import type { RecordWrite } from '../records/write-record.ts';
import { findObject, objectOfPrefix } from '../schema/catalog.ts';
import { findField } from '../schema/object-type.ts';
import { readRecord } from '../store/record-table.ts';
import { keyFieldOf } from './keyed-rows.ts';
import {
  checkChunks,
  findKey,
  maxWrites,
  readCollection,
  refuseMixedSetup,
  typeName,
} from './read-collection.ts';
import { fieldsOf, objectOf } from './rows.ts';

const maxReads = 2_000;

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
  const results = saveRecords(writeContextOf(call), writes, allOrNone);
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
    const object = findObject(call.catalog, typeName(record) ?? '');
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
    const object = findObject(call.catalog, typeName(record) ?? '');
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
  const object = objectOf(call);
  const keyField = keyFieldOf(object, call.params.field ?? '');
  const { records, allOrNone } = readCollection(call);
  const updateOnly = queryFlag(call, 'updateOnly');
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
  const objects = new Set<string>();
  const writes = ids.map((raw): RecordWrite => {
    const id = normalizeId(raw.trim());
    const object = id === undefined ? undefined : objectOfPrefix(call.catalog, id.slice(0, 3));
    if (id === undefined)
      return { kind: 'refused', error: recordError('MALFORMED_ID', `malformed id ${raw}`) };
    if (object === undefined) return { kind: 'refused', error: recordErrors.badReference() };
    objects.add(object.name);
    return { kind: 'delete', object, id };
  });
  refuseMixedSetup(objects);
  return answerWrites(call, writes, queryFlag(call, 'allOrNone'), false);
}

function readMany(call: Call, ids: readonly string[], fieldNames: string): Answer {
  const object = objectOf(call);
  if (ids.length === 0)
    throw new ApiError(400, 'REQUIRED_FIELD_MISSING', 'Required fields are missing: [ids]');
  if (fieldNames === '')
    throw new ApiError(400, 'REQUIRED_FIELD_MISSING', 'Required fields are missing: [fields]');
  if (ids.length > maxReads) throw apiErrors.tooManyRecords(maxReads);
  const fields = fieldsOf(object, fieldNames);
  const body = ids.map((raw) => {
    const rid = numberInObject(object, raw);
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
  refuseOtherFields(body, ['ids', 'fields']);
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
  {
    path: base,
    access: 'session',
    methods: { POST: createMany, PATCH: updateMany, DELETE: deleteMany },
    parameters: { DELETE: ['ids', 'allOrNone'] },
  },
  {
    path: `${base}/:object`,
    access: 'session',
    methods: { GET: readManyByGet, POST: readManyByPost },
    parameters: { GET: ['ids', 'fields'] },
  },
  {
    path: `${base}/:object/:field`,
    access: 'session',
    methods: { PATCH: upsertMany },
    parameters: { PATCH: ['updateOnly'] },
  },
];
