import { makeField } from '../schema/field.ts';
import { makeObjectType, type ObjectSpec, type ObjectType } from '../schema/object-type.ts';
import {
  auditFields,
  checkbox,
  identityFields,
  integer,
  reference,
  text,
} from '../schema/standard-fields.ts';

const define = (
  spec: Pick<ObjectSpec, 'name' | 'label' | 'labelPlural' | 'keyPrefix' | 'fields'>,
): ObjectType => makeObjectType({ ...spec, createable: false, updateable: false, deletable: false });

/** Joins a row with its object, which Tooling names by a text and not by a record id. */
const entity = reference('EntityDefinition', 'EntityDefinition', 'EntityDefinition');

const customField = define({
  name: 'CustomField',
  label: 'Custom Field',
  labelPlural: 'Custom Fields',
  keyPrefix: '00N',
  fields: [
    ...identityFields('CustomField'),
    ...auditFields,
    text('TableEnumOrId', 40),
    text('DeveloperName', 80),
    text('Description', 255),
    integer('Length'),
    integer('Precision'),
    integer('Scale'),
    text('RelationshipLabel', 80),
    text('SummaryOperation', 40),
    text('InlineHelpText', 510),
    text('MaskType', 40),
    text('MaskChar', 40),
    text('NamespacePrefix', 15),
    text('ManageableState', 40),
    text('EntityDefinitionId', 40),
    entity,
    text('FullName', 255),
    makeField('Metadata', 'textarea', { length: 131_072 }),
  ],
});

const entityDefinition = define({
  name: 'EntityDefinition',
  label: 'Entity Definition',
  labelPlural: 'Entity Definitions',
  keyPrefix: '4ie',
  fields: [
    ...identityFields('EntityDefinition'),
    ...auditFields,
    text('DurableId', 100),
    text('QualifiedApiName', 70, { nameField: true }),
    text('DeveloperName', 80),
    text('MasterLabel', 80),
    text('Label', 80),
    text('PluralLabel', 80),
    text('NamespacePrefix', 15),
    text('KeyPrefix', 3),
    checkbox('IsCustomizable'),
    checkbox('IsCustomSetting'),
    checkbox('IsQueryable'),
    checkbox('IsSearchable'),
    checkbox('IsTriggerable'),
    checkbox('IsLayoutable'),
  ],
});

const fieldDefinition = define({
  name: 'FieldDefinition',
  label: 'Field Definition',
  labelPlural: 'Field Definitions',
  keyPrefix: '4fe',
  fields: [
    ...identityFields('FieldDefinition'),
    ...auditFields,
    text('DurableId', 100),
    text('QualifiedApiName', 70, { nameField: true }),
    text('DeveloperName', 80),
    text('MasterLabel', 80),
    text('Label', 80),
    text('DataType', 80),
    text('ValueTypeId', 40),
    text('NamespacePrefix', 15),
    text('Description', 255),
    text('EntityDefinitionId', 40),
    entity,
    integer('Length'),
    integer('Precision'),
    integer('Scale'),
    text('RelationshipName', 80),
    checkbox('IsNillable'),
    checkbox('IsIndexed'),
    checkbox('IsCalculated'),
    checkbox('IsCompound'),
    checkbox('IsNameField'),
  ],
});

/** What Tooling queries can ask for here. */
export const toolingObjects: readonly ObjectType[] = [customField, entityDefinition, fieldDefinition];
