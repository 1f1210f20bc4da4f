import Type from 'typebox';
import { type XdmClassId, xdmClasses } from '../xdm/classes.ts';
import {
  type Wire,
  wireInstant,
  wireJsonObject,
  wireList,
  wireName,
  wireNullable,
  wireObject,
  wireText,
} from './wire.ts';

export const wireClassId = Type.Unsafe<XdmClassId>({
  type: 'string',
  enum: xdmClasses.map(({ id }) => id),
  description: 'What a record describes: a person, or something that happened.',
});

export const wireFieldGroupId = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'Of the field group: `xdm.…` of a standard one, `custom.…` of a custom one.',
});

const classIds = Type.Array(wireClassId, {
  minItems: 1,
  maxItems: 10,
  description: 'Classes whose schemas can include it.',
});

/** The whole definition: to create a field group, or in place of the present one. */
export const fieldGroupDefinitionWire = wireObject(
  {
    title: Type.Optional(wireName('Unique among field groups; else that of the JSON Schema.')),
    description: Type.Optional(wireText('What it is for; else that of the JSON Schema.')),
    class_ids: Type.Optional(classIds),
    json_schema: wireJsonObject(
      'Its fields: a JSON Schema of type object. `meta:xdmType` may say byte, short, int or long of an integer; `additionalProperties` with a schema is a map; `$ref` is followed within the document.',
    ),
  },
  { title: 'Definition of a field group' },
);
export type FieldGroupDefinitionWire = Wire<typeof fieldGroupDefinitionWire>;

export const fieldGroupWire = wireObject(
  {
    field_group_id: Type.String(),
    title: Type.String(),
    description: Type.String(),
    class_ids: Type.Array(wireClassId, { description: 'Classes whose schemas can include it.' }),
    standard: Type.Boolean({ description: 'Comes with Headrace and cannot be changed.' }),
    system_written: Type.Boolean({ description: 'Only Headrace writes its fields; records may not.' }),
    fields: Type.Array(Type.String(), { description: 'Dotted paths of its fields.' }),
    created_at: wireNullable(wireInstant('When it was created; null of a standard one.')),
    updated_at: wireNullable(wireInstant('When it was last changed; null of a standard one.')),
  },
  { title: 'Field group' },
);
export type FieldGroupWire = Wire<typeof fieldGroupWire>;
export const fieldGroupListWire = wireList(fieldGroupWire, 'Field groups');

export const fieldGroupDetailWire = wireObject(
  {
    ...fieldGroupWire.properties,
    json_schema: wireJsonObject(
      'Its fields as JSON Schema (2020-12); creating a group from it gives the same fields.',
    ),
  },
  { title: 'Field group with its JSON Schema' },
);

export const fieldGroupDeletedWire = wireObject(
  { field_group_id: Type.String() },
  { title: 'Deleted field group' },
);
