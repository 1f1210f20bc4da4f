import { type DeliveryOutcome, HeadraceError } from '@headrace/core';
import type { WriteFacts } from './match-field.ts';
import type { RecordError } from './read-record-error.ts';

type Kind =
  /** Waits until the profile or the mapping changes. */
  | 'permanent'
  /** Goes away by itself. */
  | 'transient'
  /** Right or set-up that all records lack. */
  | 'connection';

/** Codes on writes of records and members. Source: Object Reference / SOAP API Developer Guide, "StatusCode". */
const codes: Readonly<Record<string, readonly [Kind, string]>> = {
  REQUIRED_FIELD_MISSING: ['permanent', 'A field that the org requires has no value'],
  STRING_TOO_LONG: ['permanent', 'The value is longer than the field'],
  INVALID_EMAIL_ADDRESS: ['permanent', 'Salesforce does not accept the e-mail address'],
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: [
    'permanent',
    'The value is not among those the picklist allows, or not for the record type',
  ],
  FIELD_INTEGRITY_EXCEPTION: [
    'permanent',
    'The value does not fit the org, for example a state or country that is not on its list',
  ],
  FIELD_CUSTOM_VALIDATION_EXCEPTION: ['permanent', 'A validation rule of the org refuses the record'],
  FIELD_FILTER_VALIDATION_EXCEPTION: ['permanent', 'A lookup filter of the org refuses the value'],
  NUMBER_OUTSIDE_VALID_RANGE: ['permanent', 'The number has more digits than the field'],
  INVALID_TYPE_ON_FIELD_IN_RECORD: ['permanent', 'The value is of another type than the field'],
  JSON_PARSER_ERROR: ['permanent', 'The value is of another type than the field'],
  DUPLICATE_VALUE: ['permanent', 'Another record holds the value of a unique field'],
  DUPLICATE_EXTERNAL_ID: ['permanent', 'Several records match the key; merge them, then retry'],
  DUPLICATES_DETECTED: ['permanent', 'A duplicate rule of the org refuses the record'],
  MALFORMED_ID: ['permanent', 'An id is malformed'],
  INVALID_CROSS_REFERENCE_KEY: ['permanent', 'The record it refers to does not exist'],
  CANNOT_UPDATE_CONVERTED_LEAD: ['permanent', 'The Lead is converted'],
  MISSING_ARGUMENT: ['permanent', 'The key of the record is missing'],
  INVALID_ID_FIELD: ['permanent', 'The id of the record is missing or malformed'],
  DELETE_FAILED: ['permanent', 'Other records keep it from being deleted'],
  LIMIT_EXCEEDED: ['transient', 'A limit of the org was reached'],
  APEX_ERROR: ['permanent', 'Apex code of the org failed'],
  ENTITY_IS_LOCKED: ['permanent', 'The record is locked, for example by an approval'],
  INACTIVE_OWNER_OR_USER: ['permanent', 'The owner of the record is an inactive user'],
  INSUFFICIENT_ACCESS_OR_READONLY: ['permanent', 'The user may not write this record'],
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: [
    'permanent',
    'The user may not use the record it refers to',
  ],
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: ['permanent', 'An Apex trigger of the org failed'],
  CANNOT_EXECUTE_FLOW_TRIGGER: ['permanent', 'A flow of the org failed'],
  UNABLE_TO_LOCK_ROW: ['transient', 'Another call holds the record or its parent'],
  SERVER_UNAVAILABLE: ['transient', 'The org is busy'],
  UNKNOWN_EXCEPTION: ['transient', 'The org failed on the record'],
  ALL_OR_NONE_OPERATION_ROLLED_BACK: ['transient', 'Rolled back with another record'],
  PROCESSING_HALTED: ['transient', 'Halted with another record'],
  QUERY_TIMEOUT: ['transient', 'The org took too long'],
  REQUEST_RUNNING_TOO_LONG: ['transient', 'The org took too long'],
  REQUEST_LIMIT_EXCEEDED: ['transient', 'The org allows no more calls for now'],
  INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE: ['transient', 'The org is under maintenance'],
  ENTITY_IS_DELETED: ['transient', 'The matching record was deleted meanwhile'],
  INVALID_FIELD: ['connection', 'The org has no such field, or hides it from the user'],
  INVALID_FIELD_FOR_INSERT_UPDATE: [
    'connection',
    'The user may not write the field: check its field-level security',
  ],
  INVALID_TYPE: ['connection', 'The user cannot see the object'],
  STORAGE_LIMIT_EXCEEDED: ['connection', 'The data storage of the org is full'],
  TXN_SECURITY_NO_ACCESS: ['connection', 'A transaction security policy of the org forbids it'],
  API_DISABLED_FOR_ORG: ['connection', 'The API is switched off for the org'],
  API_CURRENTLY_DISABLED: ['connection', 'The API is switched off for the user'],
};

/** With these a known record is gone, unless they concern another field than its id. */
const goneCodes = new Set(['ENTITY_IS_DELETED', 'NOT_FOUND', 'INVALID_CROSS_REFERENCE_KEY']);
const idFields = new Set(['id', 'Id']);

/** Whether the record itself was deleted or merged. */
export const isGone = (errors: readonly RecordError[]): boolean =>
  errors.some(
    ({ statusCode, fields }) => goneCodes.has(statusCode) && fields.every((name) => idFields.has(name)),
  );

/** Whether the transaction used up what an org allows it: with fewer records it would not. */
export const isGovernor = (errors: readonly RecordError[]): boolean =>
  errors.some(({ cause, statusCode }) => cause === 'governor' || statusCode === 'LIMIT_EXCEEDED');

/** Whether others hold the row or its parent. */
export const isLocked = (errors: readonly RecordError[]): boolean =>
  errors.some(({ cause, statusCode }) => cause === 'lock' || statusCode === 'UNABLE_TO_LOCK_ROW');

/**
 * The outcome of a record that was not written. The message is our own: Salesforce's texts contain the value.
 * @param errors at least one
 */
export function toOutcome(errors: readonly RecordError[], facts: WriteFacts): DeliveryOutcome {
  const retryable = errors.every((error) => kindOf(error, facts) === 'transient');
  const first = errors.find((error) => kindOf(error, facts) !== 'transient') ?? errors[0];
  if (first === undefined)
    return { kind: 'failed', code: 'NO_ERROR_GIVEN', message: 'Refused without a reason.', retryable: true };
  const { statusCode: code } = first;
  if (facts.group === 'update' && isGone([first]))
    return {
      kind: 'record_gone',
      code,
      message: `The ${facts.object} was deleted or merged; it is matched again.`,
    };
  const contention = retryable && (isLocked(errors) || isGovernor(errors));
  return { kind: 'failed', code, message: describe(first), retryable, ...(contention && { contention }) };
}

/**
 * The error of a whole batch in which every record lacks the same right or set-up; undefined otherwise. As each
 * was refused, nothing was written.
 */
export function findConnectionError(refused: readonly (readonly RecordError[])[]): HeadraceError | undefined {
  const firsts = refused.map((errors) => errors.find((error) => kindOf(error) === 'connection'));
  const [first] = firsts;
  if (first === undefined || firsts.some((error) => error === undefined)) return undefined;
  return new HeadraceError(
    'destination_misconfigured',
    `Salesforce refused every record: ${describe(first)} Correct it in Salesforce or in the mapping.`,
  );
}

function kindOf({ statusCode, fields, cause }: RecordError, facts?: WriteFacts): Kind {
  if (cause === 'entity') return 'connection';
  if (cause !== undefined) return 'transient';
  // On the upsert key itself a concurrent insert won: the next try updates that record.
  if (statusCode === 'DUPLICATE_VALUE' && facts?.group === 'create' && fields.includes(facts.matchField))
    return 'transient';
  return codes[statusCode]?.[0] ?? 'permanent';
}

const causes: Readonly<Record<NonNullable<RecordError['cause']>, string>> = {
  lock: 'Another call holds the record or its parent',
  governor: 'Triggers and flows of the org did more for these records than one call may',
  entity:
    'The user may not write the object: check its permissions in Salesforce, and for campaigns the check box "Marketing User" of the user',
};

function describe({ statusCode, fields, recordIds, cause }: RecordError): string {
  const what =
    (cause === undefined ? undefined : causes[cause]) ??
    codes[statusCode]?.[1] ??
    'Salesforce refuses the record';
  const where = fields.length === 0 ? '' : `, field ${fields.join(', ')}`;
  const which = recordIds.length === 0 ? '' : `, records ${recordIds.join(', ')}`;
  return `${what} (${statusCode}${where}${which}).`;
}
