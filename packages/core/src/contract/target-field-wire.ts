import Type from 'typebox';
import { wireList, wireNullable, wireObject } from './wire.ts';

export const targetFieldsQuery = wireObject(
  {
    details: Type.Optional(
      Type.String({
        maxLength: 10_000,
        description:
          'Detail fields of the dataflow to be, as a JSON object: which fields there are depends on them.',
        examples: ['{"object":"Lead"}'],
      }),
    ),
  },
  { title: 'Whose target fields' },
);

const choice = wireObject({
  value: Type.String({ description: 'What is written.' }),
  label: Type.String({ description: 'What people see; a mapping may give either.' }),
});

export const targetFieldListWire = wireList(
  wireObject(
    {
      name: Type.String({ description: 'What a mapping calls it.' }),
      aliases: Type.Array(Type.String(), { description: 'Other names a mapping may call it by.' }),
      title: Type.String(),
      field: Type.String({ description: 'What the destination calls it.' }),
      type: Type.String(),
      kind: Type.String({
        description: 'What it holds: text, number, integer, boolean, date, instant, list.',
      }),
      max_length: wireNullable(Type.Integer()),
      required: Type.Boolean({
        description:
          'A profile without a value for it is excluded. Of a parent: once any of its fields is mapped.',
      }),
      match_key: Type.Boolean({ description: 'Records are matched by it.' }),
      choices: Type.Array(choice, { description: 'Of a picklist; at most 1,000.' }),
      restricted: Type.Boolean({ description: 'Nothing but the choices may be written.' }),
      unique: Type.Boolean({ description: 'No two records may hold one value.' }),
      external_id: Type.Boolean({ description: 'Made to hold keys of other systems.' }),
      id_lookup: Type.Boolean({ description: 'Records can be found by it when they are written.' }),
      updateable: Type.Boolean({ description: 'It can be written in a record that is there.' }),
      clearable: Type.Boolean({ description: 'It can hold nothing.' }),
      parent: wireNullable(
        Type.String({
          description: 'The object it is a field of, which records belong to; null: their own.',
        }),
      ),
    },
    { title: 'Target field' },
  ),
  'Fields a mapping may target',
);
