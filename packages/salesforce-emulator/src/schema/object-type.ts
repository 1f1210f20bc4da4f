import type { FieldDefinition } from './field.ts';

/** One object of the org, such as Contact. `fields` keeps the order of definition. */
export interface ObjectType {
  readonly name: string;
  readonly label: string;
  readonly labelPlural: string;
  readonly keyPrefix: string;
  /** False for what only an administrator changes (User, Organization). */
  readonly writable: boolean;
  readonly fields: readonly FieldDefinition[];
  readonly fieldByName: ReadonlyMap<string, FieldDefinition>;
  readonly fieldByRelationship: ReadonlyMap<string, FieldDefinition>;
}

/** An object type with its look-ups; names are found in any case, as Salesforce finds them. */
export function makeObjectType(spec: Omit<ObjectType, 'fieldByName' | 'fieldByRelationship'>): ObjectType {
  const fieldByName = new Map<string, FieldDefinition>();
  const fieldByRelationship = new Map<string, FieldDefinition>();
  for (const field of spec.fields) {
    fieldByName.set(field.name.toLowerCase(), field);
    if (field.relationshipName !== null) fieldByRelationship.set(field.relationshipName.toLowerCase(), field);
  }
  // Second pass, so that an exact name is found without folding it first.
  for (const field of spec.fields) fieldByName.set(field.name, field);
  return { ...spec, fieldByName, fieldByRelationship };
}

export const findField = (object: ObjectType, name: string): FieldDefinition | undefined =>
  object.fieldByName.get(name) ?? object.fieldByName.get(name.toLowerCase());
