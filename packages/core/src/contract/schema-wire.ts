import Type from 'typebox';
import type { XdmClassId } from '../xdm/classes.ts';
import { xdmClasses } from '../xdm/classes.ts';
import { type Wire, wireId, wireInstant, wireJsonObject, wireList, wireName, wireObject } from './wire.ts';

const classId = Type.Unsafe<XdmClassId>({
  type: 'string',
  enum: xdmClasses.map(({ id }) => id),
  description: 'What a record describes: a person, or something that happened.',
});

const identityDescriptor = {
  path: Type.String({ minLength: 1, maxLength: 300, description: 'Dotted path of a text field.' }),
  namespace: Type.String({ minLength: 1, maxLength: 100, description: 'Code of an identity namespace.' }),
};

export const fieldGroupWire = wireObject(
  {
    field_group_id: Type.String(),
    title: Type.String(),
    class_ids: Type.Array(classId, { description: 'Classes whose schemas can include it.' }),
    fields: Type.Array(Type.String(), { description: 'Dotted paths of its fields.' }),
  },
  { title: 'Field group' },
);
export const fieldGroupListWire = wireList(fieldGroupWire, 'Field groups');

export const newSchemaWire = wireObject(
  {
    name: wireName('Unique among schemas.'),
    class_id: classId,
    field_group_ids: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 }),
    identities: Type.Array(
      wireObject({
        ...identityDescriptor,
        primary: Type.Optional(
          Type.Boolean({ default: false, description: 'Stands for the record; one at most.' }),
        ),
      }),
      { maxItems: 20, description: 'Fields that hold identities.' },
    ),
  },
  { title: 'New schema' },
);
export type NewSchemaWire = Wire<typeof newSchemaWire>;

export const schemaWire = wireObject(
  {
    schema_id: wireId('Of the schema.'),
    name: Type.String(),
    class_id: classId,
    field_group_ids: Type.Array(Type.String()),
    identities: Type.Array(wireObject({ ...identityDescriptor, primary: Type.Boolean() })),
    created_at: wireInstant('When it was created.'),
  },
  { title: 'Schema' },
);
export type SchemaWire = Wire<typeof schemaWire>;
export const schemaListWire = wireList(schemaWire, 'Schemas');

export const schemaDetailWire = wireObject(
  { ...schemaWire.properties, json_schema: wireJsonObject('What a record must fit, as JSON Schema.') },
  { title: 'Schema with its JSON Schema' },
);

export const unionFieldWire = wireObject(
  {
    path: Type.String({ description: 'What segments and mappings call the field.' }),
    title: Type.String(),
    type: Type.String(),
    format: Type.Optional(Type.String()),
    enum: Type.Optional(Type.Array(Type.String())),
  },
  { title: 'Field of the union schema' },
);
export const unionFieldListWire = wireList(unionFieldWire, 'Fields of the union schema');
export const unionFieldsQuery = wireObject({
  search: Type.Optional(
    Type.String({ maxLength: 200, description: 'Part of a path or title, whatever its case.' }),
  ),
});
