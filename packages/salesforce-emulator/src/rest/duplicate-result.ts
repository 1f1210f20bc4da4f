import type { JsonObject } from '../json.ts';
import { createRecordId } from '../org/record-id.ts';
import type { DuplicatesFound, RecordError } from '../records/record-error.ts';
import { attributesJson, recordJson } from '../records/record-json.ts';
import { type Catalog, findObject } from '../schema/catalog.ts';
import type { FieldDefinition } from '../schema/field.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { integerOf, type Row } from '../store/database.ts';

/** From this version on the key is spelt right; recordings of v50 to v56 have `duplicateResut`. */
const firstSpeltRight = 57;

/** A refusal by a duplicate rule as a row call answers it, with the records that were found. */
export function duplicateRefusal(
  { statusCode, message }: RecordError,
  found: DuplicatesFound,
  catalog: Catalog,
  version: string,
): JsonObject {
  const key = Number.parseInt(version, 10) >= firstSpeltRight ? 'duplicateResult' : 'duplicateResut';
  return { [key]: resultJson(message, found, catalog, version), errorCode: statusCode, message };
}

function resultJson(
  errorMessage: string,
  { allowSave, rule, objectName, includeRecordDetails, matches }: DuplicatesFound,
  catalog: Catalog,
  version: string,
): JsonObject {
  const matchResults = matches.map(({ object, engine, rows, rule: name, compared }) => {
    const fields = includeRecordDetails ? detailFields(catalog, object, compared) : [];
    const matchRecords = rows.map((row) => ({
      additionalInformation: [],
      fieldDiffs: [],
      matchConfidence: 100,
      record: matchJson(object, fields, row, version),
    }));
    return {
      entityType: object.name,
      errors: [],
      matchEngine: engine,
      matchRecords,
      rule: name,
      size: rows.length,
      success: true,
    };
  });
  return { allowSave, duplicateRule: rule, duplicateRuleEntityType: objectName, errorMessage, matchResults };
}

/** The record's name and what the rule compares, as far as the user sees it. */
function detailFields(
  catalog: Catalog,
  object: ObjectType,
  compared: readonly string[],
): readonly FieldDefinition[] {
  const seen = findObject(catalog, object.name);
  if (seen === undefined) return [];
  const name = seen.fields.find((field) => field.nameField)?.name ?? 'Id';
  const fields = [...new Set([name, ...compared])].map((each) => findField(seen, each));
  return fields.filter((field) => field !== undefined);
}

function matchJson(
  object: ObjectType,
  fields: readonly FieldDefinition[],
  row: Row,
  version: string,
): JsonObject {
  const id = createRecordId(object.keyPrefix, integerOf(row.rid));
  const { attributes: _, ...details } = recordJson(object, fields, row, version);
  return { attributes: attributesJson(object, id, version), Id: id, ...details };
}
