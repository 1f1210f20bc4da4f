import type { JsonValue } from '../json.ts';
import type { ObjectType } from '../schema/object-type.ts';
import type { Row } from '../store/database.ts';

/** Where an error keeps what a duplicate rule found: a symbol, so that answers in JSON leave it out. */
export const duplicatesFound = Symbol('duplicates found');

/** What a duplicate rule found; only calls on single rows tell their caller. */
export interface DuplicatesFound {
  /** Whether the record would be saved if the caller asked for it. */
  readonly allowSave: boolean;
  readonly rule: string;
  /** The object the rule belongs to. */
  readonly objectName: string;
  readonly includeRecordDetails: boolean;
  readonly matches: readonly {
    readonly object: ObjectType;
    readonly rule: string;
    readonly engine: string;
    /** Fields of the object the rule compares. */
    readonly compared: readonly string[];
    readonly rows: readonly Row[];
  }[];
}

/** Marks what Salesforce finds while it reads a record, before it looks at its values: told alone, without fields. */
export const foundWhileReading = Symbol('found while reading');

/** Why one record was not written, as Salesforce words it. */
export interface RecordError {
  readonly statusCode: string;
  readonly message: string;
  readonly fields: readonly string[];
  readonly [duplicatesFound]?: DuplicatesFound;
  readonly [foundWhileReading]?: true;
}

export const recordError = (
  statusCode: string,
  message: string,
  fields: readonly string[] = [],
): RecordError => ({ statusCode, message, fields });

const jsonToken = (input: JsonValue): string => {
  if (typeof input === 'string') return `VALUE_STRING value ${input}`;
  if (typeof input === 'number')
    return `${Number.isInteger(input) ? 'VALUE_NUMBER_INT' : 'VALUE_NUMBER_FLOAT'} value ${input}`;
  if (typeof input === 'boolean') return `${input ? 'VALUE_TRUE' : 'VALUE_FALSE'} value ${input}`;
  if (input === null) return 'VALUE_NULL value null';
  return Array.isArray(input) ? 'START_ARRAY value [' : 'START_OBJECT value {';
};

/** Messages and codes as in Salesforce's SOAP and REST API documents. */
export const recordErrors = {
  insufficientAccess: (): RecordError =>
    recordError('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id'),
  entityNotWritable: (label: string, verb: 'inserted' | 'updated' | 'deleted'): RecordError =>
    recordError('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `entity type cannot be ${verb}: ${label}`),
  unknownField: (name: string, objectName: string): RecordError => ({
    ...recordError('INVALID_FIELD', `No such column '${name}' on sobject of type ${objectName}`),
    [foundWhileReading]: true,
  }),
  notWritable: (names: readonly string[]): RecordError =>
    recordError(
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      `Unable to create/update fields: ${names.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
      names,
    ),
  requiredMissing: (names: readonly string[]): RecordError =>
    recordError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${names.join(', ')}]`, names),
  wrongJsonType: (type: string, input: JsonValue): RecordError => ({
    ...recordError(
      'JSON_PARSER_ERROR',
      `Cannot deserialize instance of ${type} from ${jsonToken(input)} or request may be missing a required field at [line:1, column:1]`,
    ),
    [foundWhileReading]: true,
  }),
  deleted: (): RecordError => recordError('ENTITY_IS_DELETED', 'entity is deleted'),
  convertedLead: (): RecordError =>
    recordError('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead'),
  badReference: (): RecordError => recordError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id'),
  /** Another transaction holds the record with this id, or one that is not known. */
  lockedRow: (id: string | undefined): RecordError =>
    recordError(
      'UNABLE_TO_LOCK_ROW',
      `unable to obtain exclusive access to this record${id === undefined ? '' : ` or 1 records: ${id}`}`,
    ),
  rolledBack: (): RecordError =>
    recordError(
      'ALL_OR_NONE_OPERATION_ROLLED_BACK',
      'Record rolled back because not all records were valid and the request was using AllOrNone header',
    ),
  /** Salesforce writes the id of the other record with 15 characters here. */
  duplicateValue: (fieldName: string, id: string): RecordError =>
    recordError(
      'DUPLICATE_VALUE',
      `duplicate value found: ${fieldName} duplicates value on record with id: ${id.slice(0, 15)}`,
    ),
  severalMatches: (label: string, fieldName: string, ids: readonly string[]): RecordError =>
    recordError(
      'DUPLICATE_EXTERNAL_ID',
      `${label}: more than one record found for external id field: [${ids.join(', ')}]`,
      [fieldName],
    ),
  sameKeyTwice: (fieldName: string, value: string): RecordError =>
    recordError('DUPLICATE_VALUE', `Duplicate external id specified: ${value}`, [fieldName]),
  sameIdTwice: (id: string): RecordError =>
    recordError('DUPLICATE_VALUE', `Duplicate id specified: ${id}`, ['Id']),
  keyMissing: (fieldName: string): RecordError =>
    recordError('MISSING_ARGUMENT', `${fieldName} not specified`, [fieldName]),
  malformedId: (label: string, value: string, fieldName: string): RecordError =>
    recordError('MALFORMED_ID', `${label}: id value of incorrect type: ${value}`, [fieldName]),
  badChoice: (label: string, fieldName: string, value: string): RecordError =>
    recordError(
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      `${label}: bad value for restricted picklist field: ${value}`,
      [fieldName],
    ),
  foreignKeyNotFound: (value: string, fieldName: string, objectName: string): RecordError =>
    recordError(
      'INVALID_FIELD',
      `Foreign key external ID: ${value} not found for field ${fieldName} in entity ${objectName}`,
    ),
};
