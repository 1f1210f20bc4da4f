import type { OrgState } from '../../org/org-state.ts';
import { createRecordId, recordNumberOf } from '../../org/record-id.ts';
import { findObject } from '../../schema/catalog.ts';
import { type StoredValue, storedValue } from '../../schema/field.ts';
import type { ObjectType } from '../../schema/object-type.ts';
import { findByReference, updateRecord } from '../../store/record-table.ts';
import type { AfterSaveStep } from '../save-step.ts';

/** The member's field for each field of the person it repeats. */
const sameNames = [
  'Salutation',
  'FirstName',
  'LastName',
  'Name',
  'Title',
  'Email',
  'Phone',
  'Fax',
  'MobilePhone',
  'Description',
  'DoNotCall',
  'HasOptedOutOfEmail',
  'HasOptedOutOfFax',
  'LeadSource',
] as const;
const addressParts = ['Street', 'City', 'State', 'PostalCode', 'Country'] as const;
const copiesOf = (addressPrefix: string): ReadonlyMap<string, string> =>
  new Map<string, string>([
    ...sameNames.map((name) => [name, name] as const),
    ...addressParts.map((part) => [`${addressPrefix}${part}`, part] as const),
    ['OwnerId', 'LeadOrContactOwnerId'],
  ]);
const copies: Readonly<Record<'Contact' | 'Lead', ReadonlyMap<string, string>>> = {
  Contact: copiesOf('Mailing'),
  Lead: new Map([...copiesOf(''), ['Company', 'CompanyOrAccount']]),
};

/** What a new member repeats of its person; undefined when there is no such live person. */
export function copiesForMember(
  org: OrgState,
  personId: string,
  kind: 'Contact' | 'Lead',
): ReadonlyMap<string, StoredValue> | undefined {
  const rid = recordNumberOf(personId);
  const row =
    rid === undefined
      ? undefined
      : org.database.prepare(`select * from "${kind}" where rid = ? and IsDeleted = 0`).get(rid);
  if (row === undefined) return undefined;
  const read = (name: string): StoredValue => storedValue(row[name]);
  const values = new Map<string, StoredValue>([
    ['Type', kind],
    ['LeadOrContactId', personId],
  ]);
  for (const [from, to] of copies[kind]) values.set(to, read(from));
  if (kind === 'Contact') values.set('CompanyOrAccount', accountName(org, read('AccountId')));
  return values;
}

function accountName(org: OrgState, accountId: StoredValue): StoredValue {
  const rid = typeof accountId === 'string' ? recordNumberOf(accountId) : undefined;
  const row =
    rid === undefined ? undefined : org.database.prepare('select Name from Account where rid = ?').get(rid);
  return typeof row?.Name === 'string' ? row.Name : null;
}

/** Members follow what changes in their Contact, their Lead, or the name of the Contact's Account. */
export const followPersonCopies: AfterSaveStep = ({ org }, { object }, rid, _notes, changes) => {
  if (changes === null) return;
  if (object.name === 'Contact' || object.name === 'Lead') {
    const names = copies[object.name];
    const changed = new Map<string, StoredValue>();
    for (const [name, [, value]] of Object.entries(changes)) {
      const copy = names.get(name);
      if (copy !== undefined) changed.set(copy, value);
      else if (name === 'AccountId') changed.set('CompanyOrAccount', accountName(org, value));
    }
    if (changed.size > 0) updateMembersOf(org, object, rid, changed);
  } else if (object.name === 'Account' && changes.Name !== undefined) {
    renameCompany(org, object, rid, changes.Name[1]);
  }
};

function updateMembersOf(
  org: OrgState,
  person: ObjectType,
  personRid: number,
  changed: ReadonlyMap<string, StoredValue>,
): void {
  const member = findObject(org.catalog, 'CampaignMember');
  const reference = member?.fieldByName.get(`${person.name}Id`);
  if (member === undefined || reference === undefined) return;
  const personId = createRecordId(person.keyPrefix, personRid);
  for (const rid of findByReference(org.database, member, reference, personId))
    updateRecord(org.database, member, rid, changed);
}

function renameCompany(org: OrgState, account: ObjectType, rid: number, name: StoredValue): void {
  const contact = findObject(org.catalog, 'Contact');
  const reference = contact?.fieldByName.get('AccountId');
  if (contact === undefined || reference === undefined) return;
  const changed = new Map([['CompanyOrAccount', name]]);
  const accountId = createRecordId(account.keyPrefix, rid);
  for (const contactRid of findByReference(org.database, contact, reference, accountId))
    updateMembersOf(org, contact, contactRid, changed);
}
