import { ApiError } from '../errors/api-error.ts';
import type { JsonObject } from '../json.ts';
import { type Catalog, findObject } from '../schema/catalog.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { bulkErrors } from './bulk-errors.ts';
import { type BulkJob, operations } from './bulk-job.ts';
import { readFormat, refuseUnknownProperties, textProperty } from './job-properties.ts';

/** What a client asks of a job. */
export type JobRequest = Pick<
  BulkJob,
  'operation' | 'object' | 'keyName' | 'assignmentRuleId' | 'lineEnding' | 'columnDelimiter'
>;

const known = new Set([
  'object',
  'operation',
  'externalIdFieldName',
  'contentType',
  'lineEnding',
  'columnDelimiter',
  'assignmentRuleId',
  'concurrencyMode',
]);

/**
 * Reads the body of a job's creation. Throws what Salesforce refuses it with; deleting for good takes a permission
 * of its own.
 */
export function readJobRequest(catalog: Catalog, body: JsonObject, mayHardDelete: boolean): JobRequest {
  refuseUnknownProperties(body, known);
  const operationName = textProperty(body, 'operation') ?? '';
  if (operationName === 'hardDelete' && !mayHardDelete)
    throw new ApiError(
      400,
      'FEATURENOTENABLED',
      'FeatureNotEnabled : hardDelete operation requires special user profile permission, please contact your system administrator',
    );
  const operation = operations.find((name) => name === operationName);
  if (operation === undefined) throw bulkErrors.invalidValue('operation', operationName);
  const format = readFormat(body);
  const concurrencyMode = textProperty(body, 'concurrencyMode') ?? 'Parallel';
  if (concurrencyMode !== 'Parallel') throw bulkErrors.invalidValue('concurrencyMode', concurrencyMode);
  const objectName = textProperty(body, 'object') ?? '';
  const object = findObject(catalog, objectName);
  if (object === undefined) throw bulkErrors.invalidJob(`Unable to find object: ${objectName}`);
  if (!(object.createable || object.updateable || object.deletable))
    throw bulkErrors.invalidEntity(object.name);
  const keyName = textProperty(body, 'externalIdFieldName');
  return {
    operation,
    object: object.name,
    keyName: operation === 'upsert' ? keyOf(object, keyName ?? '') : noKey(keyName),
    assignmentRuleId: textProperty(body, 'assignmentRuleId') ?? null,
    ...format,
  };
}

function keyOf(object: ObjectType, name: string): string {
  const field = findField(object, name);
  if (field !== undefined && (field.type === 'id' || field.externalId || field.idLookup)) return field.name;
  throw bulkErrors.invalidJob(
    `Field name provided, ${name} does not match an External ID for ${object.name}`,
  );
}

function noKey(name: string | undefined): null {
  if (name === undefined || name === '') return null;
  throw bulkErrors.invalidJob('External ID field name is only allowed for the upsert operation');
}
