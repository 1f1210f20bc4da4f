import type { JsonObject, JsonValue } from '../json.ts';
import type { Catalog } from './catalog.ts';
import {
  type FieldDefinition,
  type FieldType,
  isAggregatable,
  isFilterable,
  isGroupable,
  isSortable,
} from './field.ts';
import type { ObjectType, RecordTypeInfo } from './object-type.ts';

const soapTypes: Partial<Record<FieldType, string>> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  double: 'xsd:double',
  currency: 'xsd:double',
  percent: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  address: 'urn:address',
};
const numericTypes: ReadonlySet<FieldType> = new Set(['double', 'currency', 'percent']);

const notPrefilterable = new Set(['User', 'RecordType']);

function describeDefault(field: FieldDefinition): JsonValue {
  if (field.type === 'boolean') return field.defaultValue === 1;
  return field.type === 'picklist' ? field.defaultValue : null;
}

const describePicklist = (field: FieldDefinition): JsonObject[] =>
  (
    field.picklistEntries ?? field.picklistValues.map((value) => ({ value, label: value, validFor: null }))
  ).map(({ value, label, validFor }) => ({
    active: true,
    defaultValue: value === field.defaultValue,
    label,
    validFor,
    value,
  }));

/** A field as the describe call shows it. */
function describeField(field: FieldDefinition): JsonObject {
  const isText = field.length > 0 && field.type !== 'boolean';
  return {
    aggregatable: isAggregatable(field),
    aiPredictionField: false,
    autoNumber: false,
    byteLength: isText ? field.length * (field.type === 'id' || field.type === 'reference' ? 1 : 3) : 0,
    calculated: field.calculated,
    calculatedFormula: null,
    cascadeDelete: false,
    caseSensitive: field.caseSensitive,
    compoundFieldName: field.compoundFieldName,
    controllerName: field.controllerName,
    createable: field.createable,
    custom: field.custom,
    defaultValue: describeDefault(field),
    defaultValueFormula: null,
    defaultedOnCreate: field.defaultedOnCreate,
    dependentPicklist: field.controllerName !== null,
    deprecatedAndHidden: false,
    digits: field.type === 'int' ? field.precision : 0,
    displayLocationInDecimal: false,
    encrypted: false,
    externalId: field.externalId,
    extraTypeInfo: field.extraTypeInfo,
    // Only by distance, which the emulator's queries do not know.
    filterable: isFilterable(field) || field.type === 'address',
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: false,
    groupable: isGroupable(field),
    highScaleNumber: false,
    htmlFormatted: false,
    idLookup: field.idLookup,
    inlineHelpText: null,
    label: field.label,
    length: field.length,
    mask: null,
    maskType: null,
    name: field.name,
    nameField: field.nameField,
    namePointing: field.referenceTo.length > 1,
    nillable: field.nillable,
    permissionable: field.permissionable,
    picklistValues: describePicklist(field),
    polymorphicForeignKey: field.referenceTo.length > 1,
    precision: numericTypes.has(field.type) ? field.precision : 0,
    queryByDistance: field.type === 'address',
    referenceTargetField: null,
    referenceTo: [...field.referenceTo],
    relationshipName: field.relationshipName,
    relationshipOrder: null,
    restrictedDelete: false,
    restrictedPicklist: field.restrictedPicklist,
    scale: field.scale,
    searchPrefilterable:
      field.referenceTo.length === 1 &&
      field.name !== 'MasterRecordId' &&
      !notPrefilterable.has(field.referenceTo[0] ?? ''),
    soapType: soapTypes[field.type] ?? 'xsd:string',
    sortable: isSortable(field),
    type: field.type,
    unique: field.unique,
    updateable: field.updateable,
    writeRequiresMasterRead: false,
  };
}

/** An object as the list of objects shows it. */
export function describeObjectBriefly(object: ObjectType, version: string): JsonObject {
  const { traits } = object;
  const path = `/services/data/v${version}/sobjects/${object.name}`;
  const layouts = {
    compactLayouts: `${path}/describe/compactLayouts`,
    approvalLayouts: `${path}/describe/approvalLayouts`,
    listviews: `${path}/listviews`,
    quickActions: `${path}/quickActions`,
    layouts: `${path}/describe/layouts`,
  };
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable: object.createable,
    custom: object.name.endsWith('__c'),
    customSetting: false,
    deepCloneable: traits.deepCloneable,
    deletable: object.deletable,
    deprecatedAndHidden: false,
    feedEnabled: traits.feedEnabled,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix: object.keyPrefix,
    label: object.label,
    labelPlural: object.labelPlural,
    layoutable: traits.layoutable,
    mergeable: traits.mergeable,
    mruEnabled: traits.mruEnabled,
    name: object.name,
    queryable: true,
    replicateable: traits.replicateable,
    retrieveable: true,
    searchable: traits.searchable,
    triggerable: traits.triggerable,
    undeletable: traits.undeletable,
    updateable: object.updateable,
    urls: {
      ...(traits.layoutable ? layouts : {}),
      rowTemplate: `${path}/{ID}`,
      describe: `${path}/describe`,
      sobject: path,
    },
  };
}

/** An object with all its fields and the references that point to it. */
export function describeObject(catalog: Catalog, object: ObjectType, version: string): JsonObject {
  return {
    actionOverrides: [],
    ...describeObjectBriefly(object, version),
    childRelationships: childRelationships(catalog, object),
    compactLayoutable: object.traits.layoutable,
    defaultImplementation: null,
    extendedBy: null,
    extendsInterfaces: null,
    fields: object.fields.map(describeField),
    implementedBy: null,
    implementsInterfaces: null,
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: recordTypeInfos(object, version),
    searchLayoutable: object.traits.layoutable,
    sobjectDescribeOption: 'FULL',
    supportedScopes: supportedScopes(object),
  };
}

const masterRecordType: RecordTypeInfo = {
  id: '012000000000000AAA',
  developerName: 'Master',
  label: 'Master',
  active: true,
  isDefault: true,
  picklists: new Map(),
};

/** The record types of an object; Master stands for having none, and is the default where no other is. */
function recordTypeInfos(object: ObjectType, version: string): JsonObject[] {
  const hasDefault = object.recordTypes.some(({ isDefault }) => isDefault);
  return [...object.recordTypes, { ...masterRecordType, isDefault: !hasDefault }].map((type) => ({
    active: type.active,
    available: type.active,
    defaultRecordTypeMapping: type.isDefault,
    developerName: type.developerName,
    master: type.id === masterRecordType.id,
    name: type.label,
    recordTypeId: type.id,
    urls: { layout: `/services/data/v${version}/sobjects/${object.name}/describe/layouts/${type.id}` },
  }));
}

function supportedScopes(object: ObjectType): JsonObject[] {
  const plural = object.labelPlural.toLowerCase();
  const mine = object.fieldByName.has('OwnerId') ? [{ label: `My ${plural}`, name: 'mine' }] : [];
  return [{ label: `All ${plural}`, name: 'everything' }, ...mine];
}

function childRelationships(catalog: Catalog, parent: ObjectType): JsonObject[] {
  return [...catalog.values()].flatMap((child) =>
    child.fields
      .filter((field) => field.referenceTo.includes(parent.name))
      .map((field) => ({
        cascadeDelete: field.cascadeDelete,
        childSObject: child.name,
        deprecatedAndHidden: false,
        field: field.name,
        junctionIdListNames: [],
        junctionReferenceTo: [],
        relationshipName: field.childRelationshipName,
        restrictedDelete: false,
      })),
  );
}
