import { hasUserPermission } from '../access/user-access.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { type OrgState, today } from '../org/org-state.ts';
import { createRecordId, normalizeId, recordNumberOf } from '../org/record-id.ts';
import { locateRecord } from '../records/locate-record.ts';
import { recordError, recordErrors } from '../records/record-error.ts';
import type { Saving } from '../records/save-records.ts';
import type { WriteContext } from '../records/write-context.ts';
import { changeRecord, writeRecord } from '../records/write-record.ts';
import { findObject } from '../schema/catalog.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { valueJson } from '../schema/value-json.ts';
import type { Row } from '../store/database.ts';
import { readRecord, recordValues } from '../store/record-table.ts';
import { inOneSave, type Refusal, refuse } from './in-one-save.ts';
import { accountFromLead, contactFromLead } from './lead-mapping.ts';
import { convertedStatusesOf } from './lead-statuses.ts';
import { moveMemberships } from './move-memberships.ts';

/** A conversion as Salesforce's convertLead takes it; ids in either form. Opportunities are not made. */
export interface LeadConversion {
  readonly leadId: string;
  /** The Account to use; a new one is made of the Lead's company when left out. */
  readonly accountId?: string | undefined;
  /** The Contact to use, which needs its Account named too. */
  readonly contactId?: string | undefined;
  /** One of the org's converted statuses; the first when left out. */
  readonly convertedStatus?: string | undefined;
  /** Who owns what is made; the Lead's owner when left out. */
  readonly ownerId?: string | undefined;
  readonly overwriteLeadSource?: boolean | undefined;
}

/** What became of a conversion. */
export type ConversionResult =
  | {
      readonly kind: 'converted';
      readonly leadId: string;
      readonly accountId: string;
      readonly contactId: string;
    }
  | Refusal;

/**
 * Converts a Lead into an Account and a Contact, all or nothing. Of records that are there already only empty
 * fields are filled. Its campaign memberships become the Contact's, and it can be changed no more. Validation
 * rules are asked of what is made; duplicate and assignment rules are not. Source: convertLead() in Salesforce's
 * SOAP API guide, 2026.
 */
export const convertLead = (context: WriteContext, conversion: LeadConversion): ConversionResult =>
  // The org itself makes the records, whatever the person may see of them.
  inOneSave({ ...context, catalog: context.org.catalog }, (saving) => convert(saving, conversion));

function convert(saving: Saving, conversion: LeadConversion): ConversionResult {
  const { org, userId } = saving.context;
  if (!hasUserPermission(org, userId, 'ConvertLeads')) refuse(recordErrors.insufficientAccess());
  const lead = objectNamed(org, 'Lead');
  const rid = locate(org, lead, conversion.leadId);
  const row = readRecord(org.database, lead, rid);
  if (row === undefined) return refuse(recordErrors.badReference());
  if (row.IsConverted === 1) refuse(recordErrors.convertedLead());
  const status = chooseStatus(org, conversion.convertedStatus);
  const ownerId = ownerOf(org, conversion.ownerId ?? String(row.OwnerId));
  if (conversion.contactId !== undefined && conversion.accountId === undefined)
    refuse(recordErrors.requiredMissing(['AccountId']));
  const accountFields = mappedFields(lead, row, accountFromLead);
  const accountId = makeOrFill(saving, 'Account', conversion.accountId, {
    ...accountFields,
    OwnerId: ownerId,
  });
  const contactFields = {
    ...mappedFields(lead, row, contactFromLead),
    AccountId: accountId,
    OwnerId: ownerId,
  };
  const contactId = makeOrFill(
    saving,
    'Contact',
    conversion.contactId,
    contactFields,
    conversion.overwriteLeadSource,
  );
  moveMemberships(saving, createRecordId(lead.keyPrefix, rid), contactId);
  const changes = recordValues({
    IsConverted: 1,
    ConvertedDate: today(org),
    ConvertedAccountId: accountId,
    ConvertedContactId: contactId,
    Status: status,
    IsUnreadByOwner: 0,
  });
  changeRecord(saving, lead, rid, changes);
  return { kind: 'converted', leadId: createRecordId(lead.keyPrefix, rid), accountId, contactId };
}

function objectNamed(org: OrgState, name: string): ObjectType {
  const object = findObject(org.catalog, name);
  if (object === undefined) throw new Error(`There is no object ${name}.`);
  return object;
}

function locate(org: OrgState, object: ObjectType, id: string): number {
  const located = locateRecord(org, object, id);
  return 'error' in located ? refuse(located.error) : located.rid;
}

function chooseStatus(org: OrgState, wanted: string | undefined): string {
  const statuses = convertedStatusesOf(org);
  const status =
    wanted === undefined ? statuses[0] : statuses.find((each) => each.toLowerCase() === wanted.toLowerCase());
  return status ?? refuse(recordError('INVALID_STATUS', `invalid convertedStatus: ${wanted ?? ''}`));
}

function ownerOf(org: OrgState, id: string): string {
  const owner = normalizeId(id) ?? '';
  const user = objectNamed(org, 'User');
  if (owner.startsWith(user.keyPrefix) && recordNumberOf(owner) !== undefined) return owner;
  const message =
    'Converted objects can only be owned by users.  If the lead is not owned by a user, you must specify a user for the Owner field.';
  return refuse(recordError('OP_WITH_INVALID_USER_TYPE_EXCEPTION', message));
}

function mappedFields(lead: ObjectType, row: Row, mapping: ReadonlyMap<string, string>): JsonObject {
  const fields: Record<string, JsonValue> = {};
  for (const [from, to] of mapping) {
    const field = lead.fieldByName.get(from);
    const value = field === undefined ? null : valueJson(field, row[from]);
    if (value !== null) fields[to] = value;
  }
  return fields;
}

/** The id of a new record with these fields, or of the given one with its empty fields filled. */
function makeOrFill(
  saving: Saving,
  name: 'Account' | 'Contact',
  given: string | undefined,
  fields: JsonObject,
  overwritesLeadSource = false,
): string {
  const { org } = saving.context;
  const object = objectNamed(org, name);
  if (given === undefined) {
    const { id, errors } = writeRecord(saving, { kind: 'create', object, fields });
    if (id === undefined) refuse(...errors);
    return id;
  }
  const rid = locate(org, object, given);
  const row = readRecord(org.database, object, rid);
  const id = createRecordId(object.keyPrefix, rid);
  const isFree = (field: string): boolean =>
    (row?.[field] ?? null) === null || (overwritesLeadSource && field === 'LeadSource');
  const missing = Object.entries(fields).filter(([field]) => isFree(field));
  if (missing.length === 0) return id;
  const result = writeRecord(saving, { kind: 'update', object, id, fields: Object.fromEntries(missing) });
  if (!result.success) refuse(...result.errors);
  return id;
}
