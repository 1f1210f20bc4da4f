import type { FieldDefinition } from './field.ts';

/** One object of the org, such as Contact. `fields` keeps the order of definition. */
export interface ObjectType {
  readonly name: string;
  readonly label: string;
  readonly labelPlural: string;
  readonly keyPrefix: string;
  /** All false for what only an administrator changes (User, Organization). */
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly deletable: boolean;
  readonly traits: ObjectTraits;
  /** The kinds of record an administrator made; empty for an object that has none. */
  readonly recordTypes: readonly RecordTypeInfo[];
  readonly fields: readonly FieldDefinition[];
  readonly fieldByName: ReadonlyMap<string, FieldDefinition>;
  readonly fieldByRelationship: ReadonlyMap<string, FieldDefinition>;
  /** Fields with a value of their own on a record that was created without one. */
  readonly defaultedFields: readonly FieldDefinition[];
  /** Fields that may not be cleared. */
  readonly requiredFields: readonly FieldDefinition[];
  readonly referenceFields: readonly FieldDefinition[];
}

/** What else the describe call says of an object. */
export interface ObjectTraits {
  readonly deepCloneable: boolean;
  readonly feedEnabled: boolean;
  readonly layoutable: boolean;
  readonly mergeable: boolean;
  readonly mruEnabled: boolean;
  readonly replicateable: boolean;
  readonly searchable: boolean;
  readonly triggerable: boolean;
  readonly undeletable: boolean;
}

/** A record type: which values the picklists of its records may have. */
export interface RecordTypeInfo {
  readonly id: string;
  readonly developerName: string;
  readonly label: string;
  readonly active: boolean;
  readonly isDefault: boolean;
  /** The values allowed by field name; a picklist that is not named allows all of its values. */
  readonly picklists: ReadonlyMap<string, readonly string[]>;
}

/** What an object is made from; its look-ups follow from it. */
export type ObjectSpec = Pick<
  ObjectType,
  'name' | 'label' | 'labelPlural' | 'keyPrefix' | 'createable' | 'updateable' | 'deletable' | 'fields'
> & {
  /** What is left out is as for an ordinary record, or as for setup data when it cannot be created. */
  readonly traits?: Partial<ObjectTraits>;
  readonly recordTypes?: readonly RecordTypeInfo[];
};

const traitsOf = ({ createable, deletable, traits }: ObjectSpec): ObjectTraits => ({
  deepCloneable: false,
  feedEnabled: createable,
  layoutable: createable,
  mergeable: false,
  mruEnabled: createable,
  replicateable: true,
  searchable: createable,
  triggerable: createable,
  undeletable: deletable,
  ...traits,
});

/** An object type with its look-ups; names are found in any case, as Salesforce finds them. */
export function makeObjectType(spec: ObjectSpec): ObjectType {
  const fieldByName = new Map<string, FieldDefinition>();
  const fieldByRelationship = new Map<string, FieldDefinition>();
  for (const field of spec.fields) {
    fieldByName.set(field.name.toLowerCase(), field);
    if (field.relationshipName !== null) fieldByRelationship.set(field.relationshipName.toLowerCase(), field);
  }
  // Second pass, so that an exact name is found without folding it first.
  for (const field of spec.fields) fieldByName.set(field.name, field);
  return {
    ...spec,
    traits: traitsOf(spec),
    recordTypes: spec.recordTypes ?? [],
    fieldByName,
    fieldByRelationship,
    defaultedFields: spec.fields.filter((field) => field.defaultedOnCreate && field.defaultValue !== null),
    requiredFields: spec.fields.filter((field) => !field.nillable && !field.defaultedOnCreate),
    referenceFields: spec.fields.filter((field) => field.type === 'reference'),
  };
}

export const findField = (object: ObjectType, name: string): FieldDefinition | undefined =>
  object.fieldByName.get(name) ?? object.fieldByName.get(name.toLowerCase());
