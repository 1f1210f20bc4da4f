import Type from 'typebox';

/** A condition under which records are refused, in Salesforce's formula language, and what people are told. */
export const validationRuleSchema = Type.Object(
  {
    object: Type.String({ minLength: 1 }),
    name: Type.String({ minLength: 1, maxLength: 40 }),
    active: Type.Boolean({ default: true }),
    formula: Type.String({ minLength: 1, description: 'true where the record is to be refused' }),
    message: Type.String({ minLength: 1, maxLength: 255 }),
    field: Type.Optional(
      Type.String({ minLength: 1, description: 'the field the message stands at; at the top when left out' }),
    ),
  },
  { additionalProperties: false },
);
export type ValidationRule = Type.Static<typeof validationRuleSchema>;
