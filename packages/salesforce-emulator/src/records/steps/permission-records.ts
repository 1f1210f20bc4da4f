import { isEditable, isSecuredObject, securedFields } from '../../access/permissionable.ts';
import { recordNumberOf } from '../../org/record-id.ts';
import { findObject } from '../../schema/catalog.ts';
import { findField } from '../../schema/object-type.ts';
import type { Draft } from '../draft.ts';
import { valueAfter } from '../draft.ts';
import { type RecordError, recordError, recordErrors } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

type Rule = (context: WriteContext, draft: Draft) => readonly RecordError[];
const none: readonly RecordError[] = [];

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['FieldPermissions', checkFieldPermissions],
  ['ObjectPermissions', checkObjectPermissions],
  ['PermissionSet', checkPermissionSet],
  ['PermissionSetAssignment', checkAssignment],
]);

/** The rules of the objects that hold permissions; other objects pass. */
export const checkPermissionRecord: Rule = (context, draft) =>
  rules.get(draft.object.name)?.(context, draft) ?? none;

const badValue = (label: string, value: string, field: string): readonly RecordError[] => [
  recordErrors.badChoice(label, field, value),
];

const isOn = (draft: Draft, name: string): boolean => valueAfter(draft, name) === 1;
const textOf = (draft: Draft, name: string): string => String(valueAfter(draft, name) ?? '');

/** Setup records do not show which other one they repeat. */
function repeated(context: WriteContext, draft: Draft, names: readonly string[]): readonly RecordError[] {
  if (draft.mode !== 'create') return none;
  const conditions = names.map((name) => `"${name}" = ?`).join(' and ');
  const sql = `select 1 from "${draft.object.name}" where ${conditions} and IsDeleted = 0`;
  const found = context.org.database.prepare(sql).get(...names.map((name) => textOf(draft, name)));
  if (found === undefined) return none;
  return [recordErrors.duplicateValue('<unknown>', '<unknown>')];
}

/** One permission needs others of the same record. */
function missingDependency(
  draft: Draft,
  subject: string,
  needs: readonly (readonly [string, readonly string[]])[],
): readonly RecordError[] {
  const words = (name: string): string => name.replace('Records', '').replace(/([a-z])([A-Z])/g, '$1 $2');
  for (const [name, wanted] of needs) {
    if (!isOn(draft, `Permissions${name}`)) continue;
    const missing = wanted.filter((other) => !isOn(draft, `Permissions${other}`));
    if (missing.length === 0) continue;
    const list = missing.map((other) => `${words(other)} ${subject}`).join(', ');
    const message = `Permission ${words(name)} ${subject} depends on permission(s): ${list}`;
    return [recordError('FIELD_INTEGRITY_EXCEPTION', message)];
  }
  return none;
}

/** Field and object are restricted picklists of what can be permitted; a lookup goes by either name. */
function checkFieldPermissions(context: WriteContext, draft: Draft): readonly RecordError[] {
  const { catalog } = context.org;
  const object = findObject(catalog, textOf(draft, 'SobjectType'));
  if (object === undefined) return badValue('Sobject Type Name', textOf(draft, 'SobjectType'), 'SobjectType');
  const sent = textOf(draft, 'Field');
  const names = [sent.toLowerCase(), `${sent}Id`.toLowerCase()];
  const field = securedFields(object).find((name) => names.includes(name.toLowerCase()));
  if (field === undefined) return badValue('Field Name', sent, 'Field');
  const definition = findField(object, field.slice(object.name.length + 1));
  if (isOn(draft, 'PermissionsEdit') && definition !== undefined && !isEditable(definition))
    return badValue('Edit Field', 'true', 'PermissionsEdit');
  if (draft.mode === 'create') draft.values.set('SobjectType', object.name).set('Field', field);
  const missing = missingDependency(draft, field, [['Edit', ['Read']]]);
  return missing.length > 0 ? missing : repeated(context, draft, ['ParentId', 'Field']);
}

function checkObjectPermissions(context: WriteContext, draft: Draft): readonly RecordError[] {
  const sent = textOf(draft, 'SobjectType');
  const object = findObject(context.org.catalog, sent);
  if (object === undefined || !isSecuredObject(object))
    return badValue('Sobject Type Name', sent, 'SobjectType');
  if (draft.mode === 'create') draft.values.set('SobjectType', object.name);
  const missing = missingDependency(draft, object.name, [
    ['Create', ['Read']],
    ['Edit', ['Read']],
    ['Delete', ['Read', 'Edit']],
    ['ViewAllRecords', ['Read']],
    ['ModifyAllRecords', ['Read', 'Edit', 'Delete', 'ViewAllRecords']],
  ]);
  return missing.length > 0 ? missing : repeated(context, draft, ['ParentId', 'SobjectType']);
}

const namePattern = /^[A-Za-z](?:[A-Za-z0-9]|_(?!_|$))*$/;

function checkPermissionSet(_context: WriteContext, draft: Draft): readonly RecordError[] {
  if (draft.mode === 'update' && draft.before()?.IsOwnedByProfile === 1)
    return [recordErrors.insufficientAccess()];
  if (!draft.values.has('Name') || namePattern.test(textOf(draft, 'Name'))) return none;
  const message =
    'The Permission Set API Name can only contain underscores and alphanumeric characters. It must be unique, begin with a letter, not include spaces, not end with an underscore, and not contain two consecutive underscores.';
  return [recordError('FIELD_INTEGRITY_EXCEPTION', message, ['Name'])];
}

function checkAssignment(context: WriteContext, draft: Draft): readonly RecordError[] {
  const setId = textOf(draft, 'PermissionSetId');
  const sql = 'select IsOwnedByProfile as owned from PermissionSet where rid = ?';
  if (context.org.database.prepare(sql).get(recordNumberOf(setId) ?? 0)?.owned === 1)
    return [recordErrors.badReference()];
  if (repeated(context, draft, ['PermissionSetId', 'AssigneeId']).length === 0) return none;
  const user = textOf(draft, 'AssigneeId');
  const message = `Duplicate PermissionSetAssignment. Assignee: ${user.slice(0, 15)}; Permission Set: ${setId.slice(0, 15)}`;
  return [recordError('DUPLICATE_VALUE', message)];
}
