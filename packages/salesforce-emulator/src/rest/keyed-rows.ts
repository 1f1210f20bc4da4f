import { ApiError, apiErrors } from '../errors/api-error.ts';
import { queryFlag } from '../http/query-flag.ts';
import { readJsonObject } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { ownValue } from '../json.ts';
import { createRecordId, normalizeId, recordNumberOf } from '../org/record-id.ts';
import { coerceValue } from '../records/coerce-value.ts';
import { type FieldDefinition, isKeyField } from '../schema/field.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { findByKey } from '../store/record-table.ts';
import { refuseConditions } from './conditions.ts';
import {
  changeRow,
  checkChange,
  dropNullId,
  location,
  objectOf,
  refusal,
  showRow,
  withoutId,
  writeOne,
} from './rows.ts';

/** Salesforce's front end takes such a key for the name of a file and answers 404, as its documents say. */
const fileName = /\.inc$/i;

/** The upsert key a path names: External ID, idLookup field, or Id. Throws NOT_FOUND for any other. */
export function keyFieldOf(object: ObjectType, name: string): FieldDefinition {
  const field = findField(object, name);
  if (field === undefined || !(field.type === 'id' || field.idLookup || field.externalId))
    throw apiErrors.keyNotAccessible(name);
  return field;
}

function upsertRow(call: Call): Answer {
  const object = objectOf(call);
  if (fileName.test(call.params.value ?? '')) throw apiErrors.notFound();
  const keyField = keyFieldOf(object, call.params.field ?? '');
  const body = readJsonObject(call, 'SObject');
  withoutId(body);
  const sent = Object.keys(body).find((name) => findField(object, name) === keyField);
  if (sent !== undefined && isKeyField(keyField) && ownValue(body, sent) !== null)
    throw new ApiError(
      400,
      'INVALID_FIELD',
      `The ${keyField.name} field should not be specified in the sobject data.`,
    );
  const updateOnly = queryFlag(call, 'updateOnly');
  const key = call.params.value ?? '';
  checkChange(call, object, findRows(call, object, keyField)[0]);
  const fields = dropNullId(body);
  const result = writeOne(call, { kind: 'upsert', object, keyField, key, keyName: sent, fields, updateOnly });
  if (result.matchingIds !== undefined)
    return { status: 300, body: result.matchingIds.map((id) => location(call, object, id).Location) };
  if (result.id === undefined || !result.success) return refusal(call, result.errors);
  const created = result.created === true;
  return {
    status: created ? 201 : 200,
    body: { id: result.id, success: true, errors: [], created },
    records: 1,
    ...(created ? { headers: location(call, object, result.id) } : {}),
  };
}

/** The records with the key in the path. */
function findRows(call: Call, object: ObjectType, keyField: FieldDefinition): readonly number[] {
  const coerced = coerceValue(keyField, call.params.value ?? '');
  if (coerced.kind === 'error' || coerced.value === null) return [];
  if (keyField.type !== 'id') return findByKey(call.emulator.org.database, object, keyField, coerced.value);
  const rid = recordNumberOf(String(coerced.value));
  return rid === undefined ? [] : [rid];
}

/** Does something with the one record that has the key in the path; several are listed. */
function withOneRow(call: Call, use: (object: ObjectType, rid: number) => Answer): Answer {
  const object = objectOf(call);
  const name = call.params.field ?? '';
  if (normalizeId(name)?.startsWith(object.keyPrefix))
    throw apiErrors.notImplemented('A path along a relationship');
  const matches = findRows(call, object, keyFieldOf(object, name));
  const [match, second] = matches;
  if (match === undefined || fileName.test(call.params.value ?? '')) throw apiErrors.notFound();
  if (second === undefined) return use(object, match);
  const paths = matches.map((rid) => location(call, object, createRecordId(object.keyPrefix, rid)).Location);
  return { status: 300, body: paths };
}

const readRowByKey = (call: Call): Answer => withOneRow(call, (object, rid) => showRow(call, object, rid));

const deleteRowByKey = (call: Call): Answer =>
  withOneRow(call, (object, rid) => {
    refuseConditions(call.headers);
    return changeRow(call, { kind: 'delete', object, id: createRecordId(object.keyPrefix, rid) });
  });

/** Rows named by an External ID or idLookup field instead of their id. */
export const keyedRowRoutes: readonly Route[] = [
  {
    path: '/services/data/:version/sobjects/:object/:field/:value',
    access: 'session',
    methods: { GET: readRowByKey, PATCH: upsertRow, DELETE: deleteRowByKey },
    parameters: { GET: ['fields'], PATCH: ['updateOnly'] },
  },
];
