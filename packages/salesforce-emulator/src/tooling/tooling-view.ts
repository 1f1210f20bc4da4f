import { customFieldsOf, type KeptField } from '../org/custom-fields.ts';
import type { OrgState } from '../org/org-state.ts';
import { createRecordId, recordNumberOf } from '../org/record-id.ts';
import type { Catalog } from '../schema/catalog.ts';
import { type FieldDefinition, isKeyField, type StoredValue, storedValue } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { parseSoql } from '../soql/parse-soql.ts';
import { openDatabase } from '../store/database.ts';
import { ensureTable, insertRecord, recordValues } from '../store/record-table.ts';
import { customFieldColumns, fieldMetadataJson } from './custom-field-json.ts';
import { dataTypeOf } from './data-type.ts';
import { toolingObjects } from './tooling-objects.ts';

/** Objects and fields of the org as records, so that one query language serves them too. */
export const toolingCatalog: Catalog = new Map(
  toolingObjects.map((object) => [object.name.toLowerCase(), object]),
);

const openObjects: ReadonlySet<string> = new Set(['entitydefinition', 'fielddefinition']);

/** Whether a query outside of Tooling is about objects and fields, which it may be, too. */
export const isDefinitionQuery = (soql: string): boolean =>
  /\bFROM\s+(?:Entity|Field)Definition\b/i.test(soql) &&
  openObjects.has(parseSoql(soql).sObject?.toLowerCase() ?? '');

const views = new WeakMap<Catalog, OrgState>();

/** An org whose records are these objects of an org and their fields; made once for a catalog. */
export function toolingView(org: OrgState, catalog: Catalog): OrgState {
  let view = views.get(catalog);
  if (view === undefined) {
    view = { ...org, catalog: toolingCatalog, database: openDatabase(undefined), nextNumbers: new Map() };
    fillView(org, catalog, view);
    views.set(catalog, view);
  }
  return view;
}

function fillView(org: OrgState, catalog: Catalog, view: OrgState): void {
  for (const object of toolingObjects) ensureTable(view.database, object);
  const add = (name: string, rid: number, values: Record<string, StoredValue>): void => {
    const object = toolingCatalog.get(name.toLowerCase());
    if (object !== undefined)
      insertRecord(view.database, object, rid, recordValues({ IsDeleted: 0, ...values }));
  };
  const kept = new Map(
    customFieldsOf(org).map((field) => [`${field.custom.object}.${field.custom.name}`, field]),
  );
  view.database.transaction(() => {
    let entityNumber = 0;
    let fieldNumber = 0;
    for (const object of catalog.values()) {
      entityNumber += 1;
      const entity = createRecordId('4ie', entityNumber);
      add('EntityDefinition', entityNumber, entityColumns(object));
      for (const field of object.fields) {
        fieldNumber += 1;
        const custom = kept.get(`${object.name}.${field.name}`);
        add('FieldDefinition', fieldNumber, {
          ...fieldColumns(object, field, custom),
          EntityDefinition: entity,
        });
        if (custom !== undefined)
          add('CustomField', recordNumberOf(custom.id) ?? 0, {
            ...customColumns(custom),
            EntityDefinition: entity,
          });
      }
    }
  });
}

const bit = (value: boolean): number => (value ? 1 : 0);
const developerName = (name: string): string => name.replace(/__c$/, '');

const entityColumns = (object: ObjectType): Record<string, StoredValue> => ({
  DurableId: object.name,
  QualifiedApiName: object.name,
  DeveloperName: developerName(object.name),
  MasterLabel: object.label,
  Label: object.label,
  PluralLabel: object.labelPlural,
  KeyPrefix: object.keyPrefix,
  IsCustomizable: bit(object.createable),
  IsCustomSetting: 0,
  IsQueryable: 1,
  IsSearchable: bit(object.createable),
  IsTriggerable: bit(object.createable),
  IsLayoutable: bit(object.createable),
});

const fieldColumns = (
  object: ObjectType,
  field: FieldDefinition,
  custom: KeptField | undefined,
): Record<string, StoredValue> => ({
  DurableId: `${object.name}.${custom === undefined ? field.name : custom.id.slice(0, 15)}`,
  QualifiedApiName: field.name,
  DeveloperName: developerName(field.name),
  MasterLabel: field.label,
  Label: field.label,
  DataType: dataTypeOf(field),
  ValueTypeId: field.type === 'reference' ? 'id' : field.type,
  Description: custom?.custom.description ?? null,
  EntityDefinitionId: object.name,
  Length: field.length,
  Precision: field.precision,
  Scale: field.scale,
  RelationshipName: field.relationshipName,
  IsNillable: bit(field.nillable),
  IsIndexed: bit(isKeyField(field) || field.type === 'id' || field.type === 'reference'),
  IsCalculated: bit(field.calculated),
  IsCompound: bit(field.type === 'address'),
  IsNameField: bit(field.nameField),
});

function customColumns(field: KeptField): Record<string, StoredValue> {
  const columns = Object.entries(customFieldColumns(field)).map(([name, value]): [string, StoredValue] => [
    name,
    storedValue(value),
  ]);
  return {
    ...Object.fromEntries(columns),
    CreatedDate: field.createdAt,
    LastModifiedDate: field.modifiedAt,
    SystemModstamp: field.modifiedAt,
    FullName: `${field.custom.object}.${field.custom.name}`,
    Metadata: JSON.stringify(fieldMetadataJson(field.custom)),
  };
}
