import Type from 'typebox';

/** An object of the org's own; its fields are `customFields` that name it. */
export const customObjectSchema = Type.Object(
  {
    name: Type.String({ pattern: '^[A-Za-z](?:[A-Za-z0-9]|_(?!_)){0,39}__c$' }),
    label: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
    labelPlural: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
    nameLabel: Type.Optional(
      Type.String({ minLength: 1, maxLength: 40, description: 'the label of its Name field' }),
    ),
  },
  { additionalProperties: false },
);
export type CustomObject = Type.Static<typeof customObjectSchema>;
