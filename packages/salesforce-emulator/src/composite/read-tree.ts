import { ApiError, apiErrors } from '../errors/api-error.ts';
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from '../json.ts';
import { recordAttribute } from '../records/record-attributes.ts';
import { type RecordError, recordError, recordErrors } from '../records/record-error.ts';
import { type Catalog, findChildRelationship } from '../schema/catalog.ts';
import type { FieldDefinition } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { requiredObjects } from './subrequest.ts';

/** One record of a tree, to be created once its parent is there. */
export interface TreeRecord {
  readonly referenceId: string;
  readonly object: ObjectType;
  readonly fields: JsonObject;
  readonly parent: { readonly record: TreeRecord; readonly field: FieldDefinition } | undefined;
}

/** Why a record of a tree is refused. */
export interface TreeError {
  readonly referenceId: string | null;
  readonly errors: readonly RecordError[];
}

/** The records of a call by level, roots first, in the order sent; or what is wrong with them. */
export type Tree =
  | { readonly levels: readonly (readonly TreeRecord[])[] }
  | { readonly errors: readonly TreeError[] };

const maxRecords = 200;
const maxTypes = 5;
const maxLevels = 5;

/** Reads `{"records": […]}` for trees whose roots are of one object. Throws what refuses the call as a whole. */
export function readTree(catalog: Catalog, root: ObjectType, body: JsonObject): Tree {
  const levels: TreeRecord[][] = [];
  const errors: TreeError[] = [];
  let level = requiredObjects(body, 'records').map(
    (record): Unread => ({ record, parent: undefined, expected: root }),
  );
  let total = 0;
  while (level.length > 0) {
    total += level.length;
    if (total > maxRecords) throw apiErrors.tooManyRecords(maxRecords);
    if (levels.length === maxLevels) throw tooMuch(`more than ${maxLevels} levels`);
    const read = level.map((unread) => readRecord(catalog, unread, errors));
    levels.push(read.map(({ record }) => record));
    level = read.flatMap(({ children }) => children);
  }
  const records = levels.flat();
  if (new Set(records.map(({ object }) => object)).size > maxTypes)
    throw tooMuch(`records of more than ${maxTypes} types`);
  const repeated = repeatedReferences(records);
  if (repeated.length > 0) return { errors: repeated };
  return errors.length > 0 ? { errors } : { levels };
}

const tooMuch = (what: string): ApiError =>
  new ApiError(400, 'INVALID_INPUT', `The request can’t contain ${what}.`);

interface Unread {
  readonly record: JsonObject;
  readonly parent: TreeRecord['parent'];
  readonly expected: ObjectType;
}

function readRecord(
  catalog: Catalog,
  { record, parent, expected }: Unread,
  errors: TreeError[],
): { readonly record: TreeRecord; readonly children: readonly Unread[] } {
  const textOf = (name: string): string => recordAttribute(record, name) ?? '';
  const referenceId = textOf('referenceId');
  const refuse = (error: RecordError): void => {
    errors.push({ referenceId: referenceId === '' ? null : referenceId, errors: [error] });
  };
  if (!/^[A-Za-z0-9]/.test(referenceId))
    refuse(
      recordError(
        'INVALID_INPUT',
        'Include a ReferenceId that starts with a letter or a digit with each record.',
      ),
    );
  if (textOf('type').toLowerCase() !== expected.name.toLowerCase())
    refuse(
      recordError(
        'INVALID_TYPE',
        `The record must be of type ${expected.name}, but is of type '${textOf('type')}'.`,
      ),
    );
  const entries = Object.entries(record);
  const fields = Object.fromEntries(entries.filter(([, value]) => childRecords(value) === undefined));
  const made: TreeRecord = { referenceId, object: expected, fields, parent };
  const children = entries.flatMap(([name, value]): Unread[] => {
    const records = childRecords(value);
    if (records === undefined) return [];
    const found = findChildRelationship(catalog, expected, name);
    if (found === undefined) {
      refuse(recordErrors.unknownField(name, expected.name));
      return [];
    }
    return records.map((item) => {
      if (!isJsonObject(item)) throw apiErrors.json('Each of "records" must be a JSON object');
      return { record: item, parent: { record: made, field: found.field }, expected: found.child };
    });
  });
  return { record: made, children };
}

/** The records below a child relationship; undefined for an ordinary value. */
function childRecords(value: JsonValue): readonly JsonValue[] | undefined {
  const records = isJsonObject(value) ? ownValue(value, 'records') : undefined;
  return Array.isArray(records) ? records : undefined;
}

function repeatedReferences(records: readonly TreeRecord[]): readonly TreeError[] {
  const counts = new Map<string, number>();
  for (const { referenceId } of records) counts.set(referenceId, (counts.get(referenceId) ?? 0) + 1);
  return records
    .filter(({ referenceId }) => referenceId !== '' && (counts.get(referenceId) ?? 0) > 1)
    .map(({ referenceId }) => ({
      referenceId,
      errors: [recordError('INVALID_INPUT', 'Duplicate ReferenceId provided in the request.')],
    }));
}
