import type { JsonObject, JsonValue } from '../json.ts';
import type { KeptField } from '../org/custom-fields.ts';
import { buildCustomField, type CustomField } from '../schema/custom-field.ts';
import { formatInstant } from '../schema/value-json.ts';
import { metadataTypeOf } from './metadata-type.ts';

/** All attributes of a field's metadata; Tooling shows those without a value as null. */
const attributes = [
  'businessOwnerGroup',
  'businessOwnerUser',
  'businessStatus',
  'caseSensitive',
  'complianceGroup',
  'customDataType',
  'defaultValue',
  'deleteConstraint',
  'deprecated',
  'description',
  'displayFormat',
  'displayLocationInDecimal',
  'encryptionScheme',
  'escapeMarkup',
  'externalDeveloperName',
  'externalId',
  'formula',
  'formulaTreatBlanksAs',
  'inlineHelpText',
  'isAIPredictionField',
  'isConvertLeadDisabled',
  'isFilteringDisabled',
  'isNameField',
  'isSortingDisabled',
  'label',
  'length',
  'lookupFilter',
  'maskChar',
  'maskType',
  'metadataRelationshipControllingField',
  'populateExistingRows',
  'precision',
  'readOnlyProxy',
  'referenceTargetField',
  'referenceTo',
  'relationshipLabel',
  'relationshipName',
  'relationshipOrder',
  'reparentableMasterDetail',
  'required',
  'restrictedAdminField',
  'scale',
  'securityClassification',
  'startingNumber',
  'stripMarkup',
  'summarizedField',
  'summaryFilterItems',
  'summaryForeignKey',
  'summaryOperation',
  'trackFeedHistory',
  'trackHistory',
  'trackTrending',
  'translateData',
  'type',
  'unique',
  'urls',
  'valueSet',
  'visibleLines',
  'writeRequiresMasterRead',
];
const empty: JsonObject = Object.fromEntries(attributes.map((name) => [name, null]));
const typesWithLength = new Set(['Text', 'LongTextArea']);

/** A field's metadata as Tooling's `CustomField.Metadata` shows it. */
export function fieldMetadataJson(custom: CustomField): JsonObject {
  const type = metadataTypeOf(custom);
  const field = buildCustomField(custom, '');
  const isNumber = field.precision > 0;
  const isPicklist = type === 'Picklist' || type === 'MultiselectPicklist';
  return {
    ...empty,
    caseSensitive: field.unique && type === 'Text' ? field.caseSensitive : null,
    defaultValue: type === 'Checkbox' ? String(custom.defaultValue ?? false) : null,
    deleteConstraint: type === 'Lookup' ? 'SetNull' : null,
    description: custom.description ?? null,
    externalId: field.externalId,
    inlineHelpText: custom.inlineHelpText ?? null,
    label: field.label,
    length: typesWithLength.has(type) ? field.length : null,
    precision: isNumber ? field.precision : null,
    referenceTo: field.referenceTo[0] ?? null,
    relationshipName: custom.relationshipName ?? null,
    required: custom.required ?? false,
    scale: isNumber ? field.scale : null,
    trackFeedHistory: false,
    type,
    unique: type === 'Text' || isNumber || type === 'Email' ? field.unique : null,
    valueSet: isPicklist ? valueSetJson(custom, field.restrictedPicklist) : null,
    visibleLines: type === 'LongTextArea' ? 3 : type === 'MultiselectPicklist' ? 4 : null,
  };
}

const valueSetJson = (custom: CustomField, restricted: boolean): JsonValue => ({
  controllingField: null,
  restricted,
  valueSetDefinition: {
    sorted: false,
    value: (custom.values ?? []).map((value) => ({
      color: null,
      default: false,
      description: null,
      isActive: null,
      label: value,
      urls: null,
      valueName: value,
    })),
  },
  valueSetName: null,
  valueSettings: [],
});

/** The columns of a `CustomField` record, ids and dates as Tooling shows them. */
export function customFieldColumns(kept: KeptField): JsonObject {
  const { custom } = kept;
  const metadata = fieldMetadataJson(custom);
  return {
    TableEnumOrId: custom.object,
    DeveloperName: custom.name.replace(/__c$/, ''),
    Description: metadata.description ?? null,
    Length: metadata.length ?? null,
    Precision: metadata.precision ?? null,
    Scale: metadata.scale ?? null,
    RelationshipLabel: null,
    SummaryOperation: null,
    InlineHelpText: metadata.inlineHelpText ?? null,
    MaskType: null,
    MaskChar: null,
    NamespacePrefix: null,
    ManageableState: 'unmanaged',
    CreatedDate: formatInstant(kept.createdAt),
    CreatedById: kept.createdBy,
    LastModifiedDate: formatInstant(kept.modifiedAt),
    LastModifiedById: kept.modifiedBy,
    EntityDefinitionId: custom.object,
  };
}

/** A `CustomField` as its row shows it. */
export const customFieldJson = (kept: KeptField, version: string): JsonObject => ({
  attributes: {
    type: 'CustomField',
    url: `/services/data/v${version}/tooling/sobjects/CustomField/${kept.id}`,
  },
  Id: kept.id,
  ...customFieldColumns(kept),
  Metadata: fieldMetadataJson(kept.custom),
  FullName: `${kept.custom.object}.${kept.custom.name}`,
});
