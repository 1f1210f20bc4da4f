import Type from 'typebox';
import { matchMethods } from '../schema/match-key.ts';

const action = () => Type.Enum(['block', 'alert', 'allow'], { default: 'alert' });

const matchFieldSchema = Type.Object(
  {
    field: Type.String({ minLength: 1, description: 'a field, or one of a parent such as Account.Name' }),
    method: Type.Enum(matchMethods, { default: 'Exact' }),
    blank: Type.Enum(['NullNotAllowed', 'MatchBlanks'], { default: 'NullNotAllowed' }),
  },
  { additionalProperties: false },
);

/** How records are compared: all the fields, or as `booleanFilter` says of their numbers (`1 AND (2 OR 3)`). */
const matchingRuleSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80 }),
    object: Type.Optional(
      Type.String({ minLength: 1, description: "the object to search; the duplicate rule's when left out" }),
    ),
    booleanFilter: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    fields: Type.Array(matchFieldSchema, { minItems: 1, maxItems: 10 }),
  },
  { additionalProperties: false },
);

/** What happens when a record looks like another one; `name` is the rule's developer name. */
export const duplicateRuleSchema = Type.Object(
  {
    object: Type.String({ minLength: 1 }),
    name: Type.String({ minLength: 1, maxLength: 80 }),
    active: Type.Boolean({ default: true }),
    onCreate: action(),
    onUpdate: action(),
    alertText: Type.String({ default: 'Use one of these records?', minLength: 1 }),
    matchingRules: Type.Array(matchingRuleSchema, { minItems: 1, maxItems: 3 }),
  },
  { additionalProperties: false },
);
export type DuplicateRule = Type.Static<typeof duplicateRuleSchema>;
export type MatchField = Type.Static<typeof matchFieldSchema>;

/** Salesforce's own duplicate rules, which an org switches on by name. */
export const standardDuplicateRuleNames = [
  'Standard_Account_Duplicate_Rule',
  'Standard_Contact_Duplicate_Rule',
  'Standard_Lead_Duplicate_Rule',
] as const;
