import { type FieldDefinition, type FieldOptions, makeField } from './field.ts';

const readOnly: FieldOptions = { createable: false, updateable: false, permissionable: false };
const system: FieldOptions = { ...readOnly, nillable: false, defaultedOnCreate: true };

export const text = (name: string, length: number, options: FieldOptions = {}): FieldDefinition =>
  makeField(name, 'string', { length, ...options });

export const phone = (name: string, label: string): FieldDefinition =>
  makeField(name, 'phone', { length: 40, label });

export const picklist = (
  name: string,
  values: readonly string[],
  options: FieldOptions = {},
): FieldDefinition => makeField(name, 'picklist', { length: 255, picklistValues: values, ...options });

export const checkbox = (name: string, options: FieldOptions = {}): FieldDefinition =>
  makeField(name, 'boolean', { nillable: false, defaultedOnCreate: true, defaultValue: 0, ...options });

export const reference = (
  name: string,
  referenceTo: string,
  relationshipName: string,
  options: FieldOptions = {},
): FieldDefinition =>
  makeField(name, 'reference', {
    length: 18,
    label: `${relationshipName.replace(/([a-z])([A-Z])/g, '$1 $2')} ID`,
    referenceTo: [referenceTo],
    relationshipName,
    ...options,
  });

export const readOnlyField = (field: FieldDefinition): FieldDefinition => ({ ...field, ...readOnly });

export const idField = (objectLabel: string): FieldDefinition =>
  makeField('Id', 'id', { ...system, length: 18, label: `${objectLabel} ID`, idLookup: true });

/** Who made and changed a record, and when. */
export const auditFields: readonly FieldDefinition[] = [
  makeField('CreatedDate', 'datetime', system),
  reference('CreatedById', 'User', 'CreatedBy', system),
  makeField('LastModifiedDate', 'datetime', system),
  reference('LastModifiedById', 'User', 'LastModifiedBy', system),
  makeField('SystemModstamp', 'datetime', system),
];

/** The id and the mark of the recycle bin. Setup objects have no such mark, and use {@link idField} alone. */
export const identityFields = (objectLabel: string): readonly FieldDefinition[] => [
  idField(objectLabel),
  checkbox('IsDeleted', { ...system, label: 'Deleted' }),
];

export const ownerField = reference('OwnerId', 'User', 'Owner', { nillable: false, defaultedOnCreate: true });

/** Kept by the page views and activities that an emulator has none of; always null. */
export const activityFields: readonly FieldDefinition[] = [
  makeField('LastActivityDate', 'date', { ...readOnly, label: 'Last Activity' }),
  makeField('LastViewedDate', 'datetime', readOnly),
  makeField('LastReferencedDate', 'datetime', readOnly),
];

const geocodeAccuracies = [
  'Address',
  'NearAddress',
  'Block',
  'Street',
  'ExtendedZip',
  'Zip',
  'Neighborhood',
  'City',
  'County',
  'State',
  'Unknown',
];

/** An address: its parts and the read-only compound field that shows them together. */
export function addressFields(prefix: string): readonly FieldDefinition[] {
  const compound = { compoundFieldName: `${prefix}Address` };
  const label = (part: string): string => `${prefix} ${part}`.trim();
  const coordinate = (part: string): FieldDefinition =>
    makeField(`${prefix}${part}`, 'double', { label: label(part), precision: 18, scale: 15, ...compound });
  return [
    makeField(`${prefix}Street`, 'textarea', { length: 255, label: label('Street'), ...compound }),
    text(`${prefix}City`, 40, { label: label('City'), ...compound }),
    text(`${prefix}State`, 80, { label: label('State/Province'), ...compound }),
    text(`${prefix}PostalCode`, 20, { label: label('Zip/Postal Code'), ...compound }),
    text(`${prefix}Country`, 80, { label: label('Country'), ...compound }),
    coordinate('Latitude'),
    coordinate('Longitude'),
    picklist(`${prefix}GeocodeAccuracy`, geocodeAccuracies, {
      length: 40,
      label: label('Geocode Accuracy'),
      restrictedPicklist: true,
      ...compound,
    }),
    makeField(`${prefix}Address`, 'address', {
      ...readOnly,
      label: label('Address'),
      permissionable: true,
    }),
  ];
}

export const description = (label = 'Description'): FieldDefinition =>
  makeField('Description', 'textarea', { length: 32_000, label });

export const salutations = ['Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.'];

/** The parts of a person's name with the read-only full name put together from them. */
export function personNameFields(titles: readonly string[] | null): readonly FieldDefinition[] {
  const part = { compoundFieldName: 'Name', extraTypeInfo: 'personname', permissionable: false };
  return [
    text('LastName', 80, { nillable: false, ...part }),
    text('FirstName', 40, part),
    ...(titles === null ? [] : [picklist('Salutation', titles, { length: 40, ...part })]),
    text('Name', 121, {
      ...readOnly,
      label: 'Full Name',
      nillable: false,
      nameField: true,
      extraTypeInfo: 'personname',
    }),
  ];
}

export const email = (options: FieldOptions = {}): FieldDefinition =>
  makeField('Email', 'email', { length: 80, idLookup: true, ...options });

export const emailBouncedFields = (options: FieldOptions = {}): readonly FieldDefinition[] => [
  text('EmailBouncedReason', 255, { permissionable: false, ...options }),
  makeField('EmailBouncedDate', 'datetime', { permissionable: false, ...options }),
];

/** The wishes of a person not to be written to or called. */
export const optOutFields = (options: FieldOptions = {}): readonly FieldDefinition[] => [
  checkbox('HasOptedOutOfEmail', { label: 'Email Opt Out', permissionable: true, ...options }),
  checkbox('HasOptedOutOfFax', { label: 'Fax Opt Out', permissionable: true, ...options }),
  checkbox('DoNotCall', { permissionable: true, ...options }),
];

export const photoUrl = makeField('PhotoUrl', 'url', {
  ...readOnly,
  length: 255,
  label: 'Photo URL',
  extraTypeInfo: 'imageurl',
});

const cleanStatuses: readonly (readonly [string, string])[] = [
  ['Matched', 'In Sync'],
  ['Different', 'Different'],
  ['Acknowledged', 'Reviewed'],
  ['NotFound', 'Not Found'],
  ['Inactive', 'Inactive'],
  ['Pending', 'Not Compared'],
  ['SelectMatch', 'Select Match'],
  ['Skipped', 'Skipped'],
];

/** What every org keeps of Data.com, the address service of former days: the key, its id and the state. */
export const dataComFields = (kind: 'Contact' | 'Company'): readonly FieldDefinition[] => [
  text('Jigsaw', 20, { label: 'Data.com Key' }),
  text(`Jigsaw${kind}Id`, 20, {
    ...readOnly,
    label: `Jigsaw ${kind} ID`,
    relationshipName: `Jigsaw${kind}`,
  }),
  picklist(
    'CleanStatus',
    cleanStatuses.map(([value]) => value),
    {
      length: 40,
      restrictedPicklist: true,
      picklistEntries: cleanStatuses.map(([value, label]) => ({ value, label, validFor: null })),
    },
  ),
];

export const leadSources = ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other'];
export const ratings = ['Hot', 'Warm', 'Cold'];
export const industries = [
  'Agriculture',
  'Apparel',
  'Banking',
  'Biotechnology',
  'Chemicals',
  'Communications',
  'Construction',
  'Consulting',
  'Education',
  'Electronics',
  'Energy',
  'Engineering',
  'Entertainment',
  'Environmental',
  'Finance',
  'Food & Beverage',
  'Government',
  'Healthcare',
  'Hospitality',
  'Insurance',
  'Machinery',
  'Manufacturing',
  'Media',
  'Not For Profit',
  'Recreation',
  'Retail',
  'Shipping',
  'Technology',
  'Telecommunications',
  'Transportation',
  'Utilities',
  'Other',
];

export const money = (name: string, options: FieldOptions = {}): FieldDefinition =>
  makeField(name, 'currency', { precision: 18, scale: 0, ...options });

export const integer = (name: string, options: FieldOptions = {}): FieldDefinition =>
  makeField(name, 'int', { precision: 8, ...options });

export const masterRecord = (objectName: string): FieldDefinition =>
  readOnlyField(reference('MasterRecordId', objectName, 'MasterRecord'));
