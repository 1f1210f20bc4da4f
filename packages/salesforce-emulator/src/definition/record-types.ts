import Type from 'typebox';

/** A kind of record of one object, and the values its restricted picklists may have there. */
export const recordTypeSchema = Type.Object(
  {
    object: Type.String({ minLength: 1 }),
    developerName: Type.String({ pattern: '^[A-Za-z](?:[A-Za-z0-9]|_(?!_)){0,79}$' }),
    label: Type.Optional(
      Type.String({ minLength: 1, maxLength: 80, description: 'the developer name when left out' }),
    ),
    description: Type.Optional(Type.String({ maxLength: 255 })),
    active: Type.Boolean({ default: true }),
    default: Type.Boolean({ default: false, description: 'what records get that name none' }),
    picklists: Type.Record(Type.String(), Type.Array(Type.String()), { default: {} }),
  },
  { additionalProperties: false },
);
export type RecordTypeDefinition = Type.Static<typeof recordTypeSchema>;
