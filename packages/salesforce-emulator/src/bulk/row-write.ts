import type { JsonObject, JsonValue } from '../json.ts';
import { coerceValue } from '../records/coerce-value.ts';
import { type RecordError, recordError } from '../records/record-error.ts';
import type { RecordWrite } from '../records/write-record.ts';
import type { FieldDefinition } from '../schema/field.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import type { Operation } from './bulk-job.ts';
import type { Column } from './csv-columns.ts';
import type { CsvRow } from './csv-rows.ts';

/** What the rows of a job become. */
export interface RowPlan {
  readonly object: ObjectType;
  readonly operation: Operation;
  /** The upsert key; undefined for other operations. */
  readonly keyField: FieldDefinition | undefined;
  readonly columns: readonly Column[];
}

const maxValueLength = 32_000;
const maxRowLength = 400_000;

const refused = (error: RecordError): RecordWrite => ({ kind: 'refused', error });
const badRow = (why: string): RecordWrite => refused(recordError('ClientInputError', why));

/** Empty cells are left out, `#N/A` is null; every other value goes by its field's own rules. */
export function writeOfRow(plan: RowPlan, row: CsvRow): RecordWrite {
  const { object, operation, columns, keyField } = plan;
  const { values } = row;
  if (row.problem !== undefined) return badRow(`The row is not valid CSV: ${row.problem}`);
  if (values.length !== columns.length)
    return badRow(`The row has ${values.length} values, the header has ${columns.length}`);
  if (row.length > maxValueLength) {
    if (row.length > maxRowLength) return badRow(`Exceeded max size limit of ${maxRowLength} for a record`);
    if (values.some((value) => value.length > maxValueLength))
      return badRow(`Exceeded max size limit of ${maxValueLength} for a field`);
  }
  const fields: Record<string, JsonValue> = {};
  let id: string | null = null;
  let key: string | null = null;
  for (let index = 0; index < columns.length; index++) {
    const text = values[index];
    const column = columns[index];
    if (text === undefined || text === '' || column === undefined) continue;
    const value = text === '#N/A' ? null : text;
    if (column.kind === 'field') {
      if (column.field === keyField) key = value;
      else fields[column.name] = value !== null && column.field.type === 'date' ? withoutZone(value) : value;
    } else if (column.kind === 'id') id = value;
    else fields[column.relationship] = parentOf(column, value);
  }
  switch (operation) {
    case 'insert':
      if (id !== null) return idRefused('cannot specify Id in an insert call');
      return { kind: 'create', object, fields };
    case 'update':
      if (id === null) return refused(recordError('MISSING_ARGUMENT', 'Id not specified in an update call'));
      return { kind: 'update', object, id, fields };
    case 'delete':
    case 'hardDelete':
      if (id === null) return refused(recordError('MISSING_ARGUMENT', 'Id not specified in a delete call'));
      return { kind: 'delete', object, id, isForGood: operation === 'hardDelete' };
    case 'upsert':
      break;
  }
  if (keyField === undefined) throw new Error('An upsert without its key field.');
  if (keyField.type === 'id')
    return { kind: 'upsert', object, fields, keyField, key: id, keyName: 'Id', updateOnly: false };
  if (id !== null)
    return idRefused(`cannot specify both an external ID reference ${keyField.name} and a salesforce id, Id`);
  return { kind: 'upsert', object, fields, keyField, key, keyName: keyField.name, updateOnly: false };
}

const idRefused = (message: string): RecordWrite =>
  refused(recordError('INVALID_FIELD_FOR_INSERT_UPDATE', message, ['Id']));

/** XML Schema dates may carry a zone; Salesforce's samples do. */
const withoutZone = (text: string): string =>
  text.length === 11 && text.endsWith('Z') ? text.slice(0, 10) : text;

function parentOf(column: Extract<Column, { kind: 'parent' }>, value: string | null): JsonObject | null {
  if (value === null) return null;
  const type = column.type === undefined ? {} : { attributes: { type: column.type } };
  return { ...type, [column.keyName]: value };
}

/** A row's errors in CSV's terms: there is no JSON whose types could be wrong. */
export function errorsOfRow(write: RecordWrite, errors: readonly RecordError[]): readonly RecordError[] {
  if (!('fields' in write) || !errors.some((error) => error.statusCode === 'JSON_PARSER_ERROR'))
    return errors;
  const wrong = Object.entries(write.fields).flatMap(([name, value]) => {
    const field = findField(write.object, name);
    const coerced = field === undefined ? undefined : coerceValue(field, value);
    if (field === undefined || coerced?.kind !== 'error' || coerced.error.statusCode !== 'JSON_PARSER_ERROR')
      return [];
    const message = `${field.label}: value not of required type: ${String(value)}`;
    return [recordError('INVALID_TYPE_ON_FIELD_IN_RECORD', message, [field.name])];
  });
  const rest = errors.filter((error) => error.statusCode !== 'JSON_PARSER_ERROR');
  return wrong.length === 0 ? errors : [...wrong, ...rest];
}
