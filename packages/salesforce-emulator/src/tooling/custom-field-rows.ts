import { knownAccess } from '../access/known-access.ts';
import { removeFieldPermissions } from '../access/permission-rows.ts';
import { hasFieldSecurity } from '../access/permissionable.ts';
import { hasUserPermission } from '../access/user-access.ts';
import { ApiError, apiErrors } from '../errors/api-error.ts';
import { readJsonObject } from '../http/request-body.ts';
import type { Answer, Call } from '../http/route.ts';
import { isJsonObject, type JsonObject, ownValue } from '../json.ts';
import {
  changeCustomField,
  createCustomField,
  customFieldsOf,
  deleteCustomField,
  type KeptField,
} from '../org/custom-fields.ts';
import { normalizeId } from '../org/record-id.ts';
import { findObject } from '../schema/catalog.ts';
import { type CustomField, parseCustomField } from '../schema/custom-field.ts';
import { findField } from '../schema/object-type.ts';
import { customFieldJson } from './custom-field-json.ts';
import { refuseLostValues } from './lost-values.ts';
import { metadataTypeOf } from './metadata-type.ts';
import { readFieldMetadata } from './read-field-metadata.ts';

const integrity = (message: string, fields?: readonly string[]): ApiError =>
  new ApiError(400, 'FIELD_INTEGRITY_EXCEPTION', message, fields);

/** The signed-in user, who may look at the setup or change it. Throws INSUFFICIENT_ACCESS_OR_READONLY. */
export function requireSetup(call: Call, permission: 'ViewSetup' | 'CustomizeApplication'): string {
  const userId = call.session?.userId ?? '';
  if (!hasUserPermission(call.emulator.org, userId, permission))
    throw new ApiError(403, 'INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id');
  return userId;
}

function readBody(call: Call): { readonly fullName: string | undefined; readonly metadata: JsonObject } {
  const body = readJsonObject(call);
  const fullName = ownValue(body, 'FullName') ?? undefined;
  const metadata = ownValue(body, 'Metadata');
  const other = Object.keys(body).find(
    (name) => !['FullName', 'Metadata', 'attributes', 'Id'].includes(name),
  );
  if (other !== undefined)
    throw new ApiError(400, 'INVALID_FIELD', `No such column '${other}' on sobject of type CustomField`);
  const missing = [
    ...(isJsonObject(metadata) ? [] : ['Metadata']),
    ...(call.method === 'POST' && typeof fullName !== 'string' ? ['FullName'] : []),
  ];
  if (!isJsonObject(metadata) || missing.length > 0)
    throw new ApiError(
      400,
      'REQUIRED_FIELD_MISSING',
      `Required fields are missing: [${missing.join(', ')}]`,
      missing,
    );
  return { fullName: typeof fullName === 'string' ? fullName : undefined, metadata };
}

/** `POST tooling/sobjects/CustomField`: a new field, which nobody sees until it is granted. */
export function createFieldRow(call: Call): Answer {
  const userId = requireSetup(call, 'CustomizeApplication');
  const { org } = call.emulator;
  const { fullName = '', metadata } = readBody(call);
  const custom = fit(call, fullName, metadata);
  const object = findObject(org.catalog, custom.object);
  if (object !== undefined && findField(object, custom.name) !== undefined)
    throw new ApiError(
      400,
      'DUPLICATE_DEVELOPER_NAME',
      `There is already a field named ${custom.name.replace(/__c$/, '')} on ${object.label}.`,
    );
  const id = accept(() =>
    org.database.transaction(() => {
      knownAccess(org).add(`${custom.object}.${custom.name}`, false);
      return createCustomField(org, custom, userId);
    }),
  );
  const path = `/services/data/v${call.version}/tooling/sobjects/CustomField/${id}`;
  const body = { id, success: true, errors: [], warnings: [], infos: [] };
  return { status: 201, body, headers: { Location: path } };
}

/** The field that a full name and metadata describe, spelt as the org spells its object. */
function fit(call: Call, fullName: string, metadata: JsonObject): CustomField {
  const point = fullName.indexOf('.');
  const [objectName, name] = [fullName.slice(0, point), fullName.slice(point + 1)];
  const object = point < 0 ? undefined : findObject(call.emulator.org.catalog, objectName);
  if (object === undefined)
    throw new ApiError(
      400,
      'INVALID_CROSS_REFERENCE_KEY',
      `no CustomObject named ${point < 0 ? fullName : objectName} found`,
    );
  if (!hasFieldSecurity(object)) throw apiErrors.notImplemented(`A custom field of ${object.name}`);
  if (!name.endsWith('__c'))
    throw integrity('Invalid fullName, must end in a custom suffix (e.g. __c)', ['FullName']);
  // What is kept must be readable at the next start.
  return accept(() => parseCustomField(readFieldMetadata(object.name, name, metadata)));
}

/** What the schema cannot take is a refusal, not a failure. */
function accept<T>(change: () => T): T {
  try {
    return change();
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw integrity(error instanceof Error ? error.message : String(error));
  }
}

function fieldOf(call: Call): KeptField {
  requireSetup(call, 'ViewSetup');
  const id = normalizeId(call.params.id ?? '');
  const field = customFieldsOf(call.emulator.org).find((candidate) => candidate.id === id);
  if (field === undefined) throw apiErrors.notFound();
  return field;
}

export const showFieldRow = (call: Call): Answer => ({
  status: 200,
  body: customFieldJson(fieldOf(call), call.version),
});

/** `PATCH`: label, help, length, key and the like; name and type stay. */
export function changeFieldRow(call: Call): Answer {
  const userId = requireSetup(call, 'CustomizeApplication');
  const field = fieldOf(call);
  const { fullName, metadata } = readBody(call);
  const ownName = `${field.custom.object}.${field.custom.name}`;
  if (fullName !== undefined && fullName.toLowerCase() !== ownName.toLowerCase())
    throw apiErrors.notImplemented('Another name for a custom field');
  const custom = fit(call, ownName, metadata);
  if (metadataTypeOf(custom) !== metadataTypeOf(field.custom))
    throw apiErrors.notImplemented('Another type for a custom field');
  refuseLostValues(call.emulator.org, field.custom, custom);
  accept(() => changeCustomField(call.emulator.org, field, custom, userId));
  return { status: 204 };
}

/** `DELETE`: the field goes with its values and the permissions for it. */
export function deleteFieldRow(call: Call): Answer {
  requireSetup(call, 'CustomizeApplication');
  const { org } = call.emulator;
  const field = fieldOf(call);
  const name = `${field.custom.object}.${field.custom.name}`;
  org.database.transaction(() => {
    removeFieldPermissions(org, name);
    knownAccess(org).remove(name);
    deleteCustomField(org, field);
  });
  return { status: 204 };
}
