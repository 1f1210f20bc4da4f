import Type from 'typebox';

/** Names of Salesforce's filter operations. */
export const filterOperations = [
  'equals',
  'notEqual',
  'lessThan',
  'greaterThan',
  'lessOrEqual',
  'greaterOrEqual',
  'contains',
  'notContain',
  'startsWith',
] as const;

const criterionSchema = Type.Object(
  {
    field: Type.String({ minLength: 1 }),
    operation: Type.Enum(filterOperations, { default: 'equals' }),
    value: Type.String({ default: '', description: 'several with commas between them: any of them' }),
  },
  { additionalProperties: false },
);
export type FilterCriterion = Type.Static<typeof criterionSchema>;

/** Who gets a record, where the formula and all criteria hold; every record where there are none. */
const entrySchema = Type.Object(
  {
    formula: Type.Optional(Type.String({ minLength: 1 })),
    criteria: Type.Array(criterionSchema, { default: [] }),
    assignTo: Type.String({ minLength: 1, description: 'a username, or the developer name of a queue' }),
  },
  { additionalProperties: false },
);

/** Gives new and changed records to owners: the first entry that fits decides. One rule at most is active. */
export const assignmentRuleSchema = Type.Object(
  {
    object: Type.Enum(['Lead'], { default: 'Lead' }),
    name: Type.String({ minLength: 1, maxLength: 120 }),
    active: Type.Boolean({ default: true }),
    entries: Type.Array(entrySchema, { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type AssignmentRuleDefinition = Type.Static<typeof assignmentRuleSchema>;
