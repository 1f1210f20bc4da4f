import { ApiError, apiErrors } from '../errors/api-error.ts';
import { readJsonObject, refuseOtherFields } from '../http/request-body.ts';
import type { Call } from '../http/route.ts';
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from '../json.ts';
import { recordAttribute } from '../records/record-attributes.ts';
import { isSetupObject } from '../schema/setup-objects.ts';

/** Most records a collections call may write. */
export const maxWrites = 200;
const maxChunks = 10;

/** The `records` and `allOrNone` of a collections call. */
export function readCollection(call: Call): {
  readonly records: readonly JsonObject[];
  readonly allOrNone: boolean;
} {
  const body = readJsonObject(call);
  refuseOtherFields(body, ['records', 'allOrNone']);
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
export const typeName = (record: JsonObject): string | undefined => recordAttribute(record, 'type');

/**
 * Records of mixed types run in chunks of one type; more than ten of them are refused, and so are several types
 * where one belongs to the setup. Salesforce's documents say so without the code of the refusal.
 */
export function checkChunks(records: readonly JsonObject[]): void {
  const types = new Set<string>();
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
    types.add(type);
  }
  refuseMixedSetup(types);
  if (chunks > maxChunks)
    throw new ApiError(
      400,
      'LIMIT_EXCEEDED',
      `The request has ${chunks} chunks of one object type; at most ${maxChunks} are processed`,
    );
}

/** Refuses several types where one of them is a setup object. */
export function refuseMixedSetup(types: ReadonlySet<string>): void {
  const setup = types.size > 1 ? [...types].find(isSetupObject) : undefined;
  if (setup !== undefined)
    throw new ApiError(
      400,
      'MIXED_DML_OPERATION',
      `Records of several types can't be saved in one call when one of them is a setup object: ${setup}`,
    );
}

/** The name under which a record carries its key, with the value; null without one. */
export function findKey(
  record: JsonObject,
  isKey: (name: string) => boolean,
): { readonly keyName: string | undefined; readonly key: JsonValue } {
  const keyName = Object.keys(record).find(isKey);
  return { keyName, key: keyName === undefined ? null : (record[keyName] ?? null) };
}
