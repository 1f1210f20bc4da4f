/** Field types of Salesforce's describe call that the emulator knows. */
export type FieldType =
  | 'id'
  | 'string'
  | 'email'
  | 'phone'
  | 'url'
  | 'textarea'
  | 'picklist'
  | 'multipicklist'
  | 'boolean'
  | 'int'
  | 'double'
  | 'currency'
  | 'percent'
  | 'date'
  | 'datetime'
  | 'reference'
  | 'address';

/** A value as stored: booleans as 0 or 1, dateTime as epoch milliseconds, date as `YYYY-MM-DD`. */
export type StoredValue = string | number | null;

/** A column of a row as a stored value; null for what is none. */
export const storedValue = (value: unknown): StoredValue =>
  typeof value === 'string' || typeof value === 'number' ? value : null;

/** One field of an object. Lengths in characters; precision counts all digits, scale those after the point. */
export interface FieldDefinition {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  readonly length: number;
  readonly precision: number;
  readonly scale: number;
  readonly nillable: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly defaultedOnCreate: boolean;
  readonly defaultValue: StoredValue;
  readonly idLookup: boolean;
  readonly externalId: boolean;
  readonly unique: boolean;
  readonly caseSensitive: boolean;
  readonly custom: boolean;
  readonly calculated: boolean;
  readonly nameField: boolean;
  readonly restrictedPicklist: boolean;
  readonly picklistValues: readonly string[];
  readonly referenceTo: readonly string[];
  readonly relationshipName: string | null;
  /** Under which name the parent's records list those that refer to them by this field; null for none. */
  readonly childRelationshipName: string | null;
  /** Whether deleting the record this refers to deletes this one too. */
  readonly cascadeDelete: boolean;
  readonly compoundFieldName: string | null;
  /** Whether field-level security can hide it from people. */
  readonly permissionable: boolean;
  /** The describe call's finer kind of a type, such as `personname` or `plaintextarea`. */
  readonly extraTypeInfo: string | null;
  /** How the describe call lists a picklist whose labels differ from its values; null when they do not. */
  readonly picklistEntries: readonly PicklistEntry[] | null;
  /** The picklist that decides which values of this one may be chosen. */
  readonly controllerName: string | null;
}

/** One value of a picklist as the describe call lists it. `validFor` has a bit for each controlling value. */
export interface PicklistEntry {
  readonly value: string;
  readonly label: string;
  readonly validFor: string | null;
}

/** What a definition may leave out: the rest has the defaults of an ordinary optional field. */
export type FieldOptions = Partial<Omit<FieldDefinition, 'name' | 'type'>>;

const spacedWords = (name: string): string =>
  name
    .replace(/__c$/, '')
    .replaceAll('_', ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2');

/** A field with defaults: optional, readable and writable, no key. */
export const makeField = (name: string, type: FieldType, options: FieldOptions = {}): FieldDefinition => ({
  // An ordinary optional field can be hidden; those that records cannot do without cannot.
  permissionable: (options.nillable ?? true) && (options.createable ?? true),
  name,
  label: spacedWords(name),
  type,
  length: 0,
  precision: 0,
  scale: 0,
  nillable: true,
  createable: true,
  updateable: true,
  defaultedOnCreate: false,
  defaultValue: null,
  idLookup: false,
  externalId: false,
  unique: false,
  caseSensitive: false,
  custom: false,
  calculated: false,
  nameField: false,
  restrictedPicklist: false,
  picklistValues: [],
  referenceTo: [],
  relationshipName: null,
  childRelationshipName: null,
  cascadeDelete: false,
  compoundFieldName: null,
  extraTypeInfo: type === 'textarea' ? 'plaintextarea' : null,
  picklistEntries: null,
  controllerName: null,
  ...options,
});

/** Whether records can be found by this field in an upsert, so that it carries an index. */
export const isKeyField = (field: FieldDefinition): boolean =>
  field.type !== 'id' && (field.idLookup || field.externalId || field.unique);

/** Whether a create without this field is refused. */
export const isRequired = (field: FieldDefinition): boolean =>
  field.createable && !field.nillable && !field.defaultedOnCreate;

/** Long text areas can be read, but a query can do nothing else with them. */
const isLongText = (field: FieldDefinition): boolean =>
  field.length > 4_000 && field.type !== 'multipicklist';

/** Whether a query can compare the field. Source of this and the next three: the describe call's own flags. */
export const isFilterable = (field: FieldDefinition): boolean =>
  field.type !== 'address' && !isLongText(field);

/** Whether a query can sort by the field. */
export const isSortable = (field: FieldDefinition): boolean =>
  isFilterable(field) && field.type !== 'multipicklist';

const ungroupable: ReadonlySet<FieldType> = new Set<FieldType>([
  'address',
  'datetime',
  'double',
  'currency',
  'percent',
  'multipicklist',
]);

/** Whether a query can group by the field. */
export const isGroupable = (field: FieldDefinition): boolean =>
  !ungroupable.has(field.type) && !isLongText(field);

/** Whether a query can count the field or take its smallest or largest value. */
export const isAggregatable = (field: FieldDefinition): boolean =>
  isSortable(field) && field.type !== 'boolean';

/** Whether the value has a column of its own; compound fields are put together from others. */
export const isStored = (field: FieldDefinition): boolean => field.type !== 'id' && field.type !== 'address';

/** The form in which two values of a key field are the same key. Matching is case-insensitive by default. */
export const foldKey = (field: FieldDefinition, value: string | number): string | number =>
  typeof value === 'number' || field.caseSensitive ? value : value.toLowerCase();
