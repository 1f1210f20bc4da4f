import { type Catalog, findObject } from '../schema/catalog.ts';
import { type FieldDefinition, makeField } from '../schema/field.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { columnOf, tableOf } from '../store/record-table.ts';

/** What queries see of a parent that may be of several objects: Salesforce's object `Name`. */
export interface NameObject {
  readonly object: ObjectType;
  /** The records of all of them as a table in SQL, with `rid` and the id as `Id`. */
  readonly source: string;
  readonly targets: readonly ObjectType[];
}

/** The fields of `Name` beside Id and Type. Source: "Name", Object Reference. */
const sharedNames = [
  'Name',
  'FirstName',
  'LastName',
  'Username',
  'Alias',
  'Email',
  'Phone',
  'Title',
  'IsActive',
];

/** The `Name` object a reference leads to; undefined when it leads to one object only. */
export function nameObjectOf(catalog: Catalog, reference: FieldDefinition): NameObject | undefined {
  const targets = reference.referenceTo.flatMap((name) => findObject(catalog, name) ?? []);
  const [first] = targets;
  if (first === undefined || targets.length < 2) return undefined;
  const shared = sharedNames.flatMap((name) => {
    const field = targets.flatMap((target) => findField(target, name) ?? [])[0];
    return field === undefined ? [] : [{ ...field, idLookup: false, externalId: false, unique: false }];
  });
  const fields = [
    makeField('Id', 'reference', { length: 18, referenceTo: reference.referenceTo }),
    makeField('Type', 'picklist', { length: 40 }),
    ...shared,
  ];
  const object: ObjectType = {
    ...first,
    name: 'Name',
    label: 'Name',
    keyPrefix: '',
    fields,
    fieldByName: new Map(fields.map((field) => [field.name.toLowerCase(), field])),
    fieldByRelationship: new Map(),
  };
  return {
    object,
    source: `(${targets.map((target) => selectFrom(target, shared)).join(' union all ')})`,
    targets,
  };
}

function selectFrom(target: ObjectType, shared: readonly FieldDefinition[]): string {
  const own = (name: string, otherwise: string): string =>
    findField(target, name) === undefined ? otherwise : `"${name}"`;
  const columns = [
    `record_id('${target.keyPrefix}', rid) as "Id"`,
    // A queue says so itself; a user is a User.
    `${own('Type', `'${target.name}'`)} as "Type"`,
    ...shared.map((field) => `${own(field.name, 'null')} as ${columnOf(field)}`),
  ];
  return `select rid, ${columns.join(', ')} from ${tableOf(target)}`;
}
