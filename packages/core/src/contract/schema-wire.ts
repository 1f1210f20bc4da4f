import Type from 'typebox';
import { xdmTypes } from '../xdm/json-schema.ts';
import { fieldTypes } from '../xdm/search-fields.ts';
import { wireClassId } from './field-group-wire.ts';
import {
  type Wire,
  wireChoice,
  wireId,
  wireInstant,
  wireJsonObject,
  wireLimit,
  wireList,
  wireName,
  wireNullable,
  wireObject,
  wirePage,
  wireText,
} from './wire.ts';

const identityDescriptor = {
  path: Type.String({ minLength: 1, maxLength: 300, description: 'Dotted path of a text field.' }),
  namespace: Type.String({ minLength: 1, maxLength: 100, description: 'Code of an identity namespace.' }),
};
const newIdentities = Type.Array(
  wireObject({
    ...identityDescriptor,
    primary: Type.Optional(
      Type.Boolean({ default: false, description: 'Stands for the record; one at most.' }),
    ),
  }),
  {
    maxItems: 20,
    description: 'Fields that hold identities. Without a primary one, each record names it in identityMap.',
  },
);
const fieldGroupIds = Type.Array(Type.String({ maxLength: 200 }), {
  maxItems: 100,
  description: 'Standard and custom field groups.',
});
const labels = Type.Unsafe<{ readonly [path: string]: readonly string[] }>({
  type: 'object',
  maxProperties: 1_000,
  additionalProperties: { type: 'array', maxItems: 50, items: { type: 'string', maxLength: 64 } },
  description: 'Data usage labels: dotted path → labels. What lies below a field inherits them.',
});
const description = wireText('What it is for.');

export const newSchemaWire = wireObject(
  {
    name: wireName('Unique among schemas.'),
    description: Type.Optional(description),
    class_id: wireClassId,
    field_group_ids: fieldGroupIds,
    identities: newIdentities,
    labels: Type.Optional(labels),
    enabled_for_profile: Type.Optional(
      Type.Boolean({
        default: true,
        description:
          'Whether its records make up profiles, and its fields the union schema. Never taken back.',
      }),
    ),
  },
  { title: 'New schema' },
);
export type NewSchemaWire = Wire<typeof newSchemaWire>;

export const schemaChangeWire = wireObject(
  {
    name: Type.Optional(wireName('Unique among schemas.')),
    description: Type.Optional(description),
    field_group_ids: Type.Optional(fieldGroupIds),
    identities: Type.Optional(newIdentities),
    enabled_for_profile: Type.Optional(
      Type.Boolean({ description: 'True enables it; false is refused once it is.' }),
    ),
  },
  {
    title: 'Changes of a schema',
    description: 'Lists as a whole, as they are to be: what they held stays in them.',
  },
);

export const schemaLabelsWire = wireObject({ labels }, { title: 'Labels of a schema' });

export const schemaWire = wireObject(
  {
    schema_id: wireId('Of the schema.'),
    name: Type.String(),
    description: Type.String(),
    class_id: wireClassId,
    field_group_ids: Type.Array(Type.String()),
    identities: Type.Array(wireObject({ ...identityDescriptor, primary: Type.Boolean() })),
    labels,
    enabled_for_profile: Type.Boolean({ description: 'Its fields are part of the union schema.' }),
    enabled_for_profile_at: wireNullable(wireInstant('Since when it is; null before.')),
    created_at: wireInstant('When it was created.'),
    updated_at: wireInstant('When it was last changed.'),
  },
  { title: 'Schema' },
);
export type SchemaWire = Wire<typeof schemaWire>;
export const schemaListWire = wireList(schemaWire, 'Schemas');

export const schemaDetailWire = wireObject(
  {
    ...schemaWire.properties,
    json_schema: wireJsonObject('What a record must fit, as JSON Schema (2020-12).'),
  },
  { title: 'Schema with its JSON Schema' },
);

export const schemaDeletedWire = wireObject(
  { schema_id: wireId('Of the schema.') },
  { title: 'Deleted schema' },
);

export const schemaFieldWire = wireObject(
  {
    path: Type.String({ description: 'What segments and mappings call the field.' }),
    title: Type.String(),
    description: Type.Optional(Type.String()),
    type: Type.String({ description: 'string, integer, number, boolean, object, array or map.' }),
    xdm_type: wireChoice(
      xdmTypes,
      'The type as XDM names it: also the size of an integer, date and date-time.',
    ),
    format: Type.Optional(Type.String()),
    enum: Type.Optional(Type.Array(Type.String())),
    read_only: Type.Boolean({ description: 'Only Headrace writes it; records may not.' }),
    labels: Type.Array(Type.String(), { description: 'Data usage labels, its own and inherited ones.' }),
    schemas: Type.Array(wireObject({ schema_id: Type.String(), name: Type.String() }), {
      description: 'Schemas that have it.',
    }),
    field_groups: Type.Array(wireObject({ field_group_id: Type.String(), title: Type.String() }), {
      description: 'Field groups it comes from; none for a field of the class.',
    }),
  },
  { title: 'Field of a schema' },
);
export type SchemaFieldWire = Wire<typeof schemaFieldWire>;
export const schemaFieldPageWire = wirePage(schemaFieldWire, 'Fields, the likeliest first');
export const schemaFieldsQuery = wireObject({
  search: Type.Optional(
    Type.String({ maxLength: 200, description: 'Words of a path or title, whatever their case.' }),
  ),
  type: Type.Optional(
    wireChoice(
      fieldTypes,
      'Only fields of this type; `integer` is any size. Without it everything but objects.',
    ),
  ),
  after: Type.Optional(
    Type.String({
      maxLength: 2_000,
      description: 'Read on behind this path: `next_after` of the page before.',
    }),
  ),
  limit: wireLimit(),
});
export type SchemaFieldsQuery = Wire<typeof schemaFieldsQuery>;
