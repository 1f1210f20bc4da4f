import type { OrgState } from '../org/org-state.ts';
import { recordNumberOf } from '../org/record-id.ts';
import { type Catalog, findObject } from '../schema/catalog.ts';
import type { FieldDefinition } from '../schema/field.ts';
import { isSameFirstName, type MatchMethod, matchKey } from '../schema/match-key.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { readFields } from '../store/record-table.ts';
import type { StandardField } from './standard-duplicate-rules.ts';

/** A value to compare: a field of a record, or one of its parent. */
export interface MatchPath {
  readonly object: ObjectType;
  readonly parent: { readonly reference: FieldDefinition; readonly object: ObjectType } | undefined;
  readonly field: FieldDefinition;
}

/** One comparison: of a field of the record being saved with one of the records there are. */
export interface MatchCriterion {
  readonly method: MatchMethod;
  readonly blank: StandardField['blank'];
  readonly own: MatchPath;
  readonly other: MatchPath;
}

/** What a Contact calls a Lead's field. The rest have one name on both. */
const contactNames: Readonly<Record<string, string>> = {
  company: 'Account.Name',
  street: 'MailingStreet',
  city: 'MailingCity',
  state: 'MailingState',
  postalcode: 'MailingPostalCode',
  country: 'MailingCountry',
};
const leadNames: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(contactNames).map(([lead, contact]) => [contact.toLowerCase(), lead]),
);

/** The name on `own` of what `other` calls `name`. */
function counterpart(own: ObjectType, other: ObjectType, name: string): string {
  const names = own.name === 'Contact' && other.name === 'Lead' ? contactNames : leadNames;
  const key = name.toLowerCase();
  if (own.name === other.name || !Object.hasOwn(names, key)) return name;
  return names[key] ?? name;
}

/** Throws an Error when one of the objects has no such field. */
export function matchCriterion(
  catalog: Catalog,
  own: ObjectType,
  other: ObjectType,
  { field, method, blank }: StandardField,
): MatchCriterion {
  return {
    method,
    blank,
    own: pathOf(catalog, own, counterpart(own, other, field)),
    other: pathOf(catalog, other, field),
  };
}

function pathOf(catalog: Catalog, object: ObjectType, name: string): MatchPath {
  const missing = new Error(`there is no field ${name} on ${object.name} to compare.`);
  const [first = '', second, ...more] = name.split('.');
  if (second === undefined) {
    const field = findField(object, first);
    if (field === undefined || field.type === 'address' || field.type === 'id') throw missing;
    return { object, parent: undefined, field };
  }
  const reference = object.fieldByRelationship.get(first.toLowerCase());
  const parent = findObject(catalog, reference?.referenceTo[0] ?? '');
  const field = parent === undefined ? undefined : findField(parent, second);
  if (more.length > 0 || reference === undefined || parent === undefined || field === undefined)
    throw missing;
  return { object, parent: { reference, object: parent }, field };
}

/** The name of the record's own field that decides the value: the parent's is the reference to it. */
export const decidingField = ({ parent, field }: MatchPath): string => parent?.reference.name ?? field.name;

/** The value at a path of the record whose own fields `read` gives. */
export function valueAt(
  org: OrgState,
  { parent, field }: MatchPath,
  read: (name: string) => unknown,
): unknown {
  if (parent === undefined) return read(field.name) ?? null;
  const id = read(parent.reference.name);
  const rid = typeof id === 'string' ? recordNumberOf(id) : undefined;
  return rid === undefined
    ? null
    : (readFields(org.database, parent.object, rid, [field.name])?.[field.name] ?? null);
}

/** Whether two values are the same by the criterion. */
export function isMatch({ method, blank }: MatchCriterion, left: unknown, right: unknown): boolean {
  const [a, b] = [matchKey(method, left), matchKey(method, right)];
  if (a === null || b === null)
    return blank === 'IgnoreBlanks' || (blank === 'MatchBlanks' && a === null && b === null);
  return a === b || (method === 'FirstName' && isSameFirstName(String(left), String(right)));
}
