import { ApiError, apiErrors } from '../errors/api-error.ts';
import { readJsonObject } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { isJsonObject, ownValue } from '../json.ts';
import { createRecordId, recordNumberOf } from '../org/record-id.ts';
import { coerceValue } from '../records/coerce-value.ts';
import { type FieldDefinition, isKeyField } from '../schema/field.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { findByKey } from '../store/record-table.ts';
import { changeRow, location, objectOf, refusal, showRow, withoutId, writeOne } from './rows.ts';

/** The upsert key a path names: External ID, idLookup field, or Id. Throws NOT_FOUND for any other. */
export function keyFieldOf(object: ObjectType, name: string): FieldDefinition {
  const field = findField(object, name);
  if (field === undefined || !(field.type === 'id' || field.idLookup || field.externalId))
    throw apiErrors.keyNotAccessible(name);
  return field;
}

function upsertRow(call: Call): Answer {
  const object = objectOf(call);
  const keyField = keyFieldOf(object, call.params.field ?? '');
  const fields = readJsonObject(call);
  withoutId(fields);
  const sent = Object.keys(fields).find((name) => findField(object, name) === keyField);
  if (sent !== undefined && isKeyField(keyField) && ownValue(fields, sent) !== null)
    throw new ApiError(
      400,
      'INVALID_FIELD',
      `The ${keyField.name} field should not be specified in the sobject data.`,
    );
  const updateOnly = call.query.get('updateOnly') === 'true';
  const key = call.params.value ?? '';
  const result = writeOne(call, { kind: 'upsert', object, keyField, key, fields, updateOnly });
  if (result.matchingIds !== undefined)
    return { status: 300, body: result.matchingIds.map((id) => location(call, object, id).Location) };
  if (result.id === undefined || !result.success) return refusal(call, result.errors);
  const created = result.created === true;
  const body = { id: result.id, success: true, errors: [], created };
  return {
    status: created ? 201 : 200,
    body,
    records: 1,
    ...(created ? { headers: location(call, object, result.id) } : {}),
  };
}

function readRowByKey(call: Call): Answer {
  const object = objectOf(call);
  const keyField = keyFieldOf(object, call.params.field ?? '');
  const coerced = coerceValue(keyField, call.params.value ?? '');
  if (coerced.kind === 'error' || coerced.value === null) throw apiErrors.notFound();
  const matches =
    keyField.type === 'id'
      ? [recordNumberOf(String(coerced.value)) ?? 0]
      : findByKey(call.emulator.org.database, object, keyField, coerced.value);
  const [match, second] = matches;
  if (match === undefined) throw apiErrors.notFound();
  if (second === undefined) return showRow(call, object, match);
  const paths = matches.map((rid) => location(call, object, createRecordId(object.keyPrefix, rid)).Location);
  return { status: 300, body: paths };
}

function deleteRowByKey(call: Call): Answer {
  const found = readRowByKey(call);
  if (found.status !== 200 || !isJsonObject(found.body)) return found;
  const object = objectOf(call);
  return changeRow(call, { kind: 'delete', object, id: String(found.body.Id) });
}

/** Rows named by an External ID or idLookup field instead of their id. */
export const keyedRowRoutes: readonly Route[] = [
  {
    path: '/services/data/:version/sobjects/:object/:field/:value',
    access: 'session',
    methods: { GET: readRowByKey, PATCH: upsertRow, DELETE: deleteRowByKey },
  },
];
