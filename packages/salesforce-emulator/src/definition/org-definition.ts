import Type from 'typebox';
import { customFieldSchema } from '../schema/custom-field.ts';
import { fieldSecuritySchema, permissionSetSchema, profileSchema } from './access.ts';
import { assignmentRuleSchema } from './assignment-rules.ts';
import { bulkSchema } from './bulk.ts';
import { checkSection } from './check-section.ts';
import { connectedAppSchema, sampleApps } from './connected-apps.ts';
import { customObjectSchema } from './custom-objects.ts';
import { duplicateRuleSchema, standardDuplicateRuleNames } from './duplicate-rules.ts';
import { queueSchema } from './queues.ts';
import { recordTypeSchema } from './record-types.ts';
import { signInPolicySchema } from './sign-in-policy.ts';
import { sampleUser, userSchema } from './users.ts';
import { validationRuleSchema } from './validation-rules.ts';

const amount = (otherwise: number) => Type.Number({ minimum: 0, default: otherwise });

/** What an org is at its start; each section is described where it is used. */
export const orgDefinitionSchema = Type.Object(
  {
    name: Type.String({ default: 'Emulated Org', minLength: 1, maxLength: 80 }),
    edition: Type.String({ default: 'Developer Edition' }),
    isSandbox: Type.Boolean({ default: false }),
    sessionTimeoutMinutes: amount(120),
    dailyApiRequests: amount(15_000),
    bulk: bulkSchema,
    users: Type.Array(userSchema, { default: [sampleUser] }),
    connectedApps: Type.Array(connectedAppSchema, { default: sampleApps }),
    signIn: signInPolicySchema,
    customObjects: Type.Array(customObjectSchema, { default: [] }),
    customFields: Type.Array(customFieldSchema, { default: [] }),
    profiles: Type.Array(profileSchema, { default: [] }),
    permissionSets: Type.Array(permissionSetSchema, { default: [] }),
    fieldSecurity: Type.Array(fieldSecuritySchema, { default: [] }),
    recordTypes: Type.Array(recordTypeSchema, { default: [] }),
    stateAndCountryPicklists: Type.Boolean({ default: false }),
    personAccounts: Type.Boolean({ default: false, description: 'shown by describe; writes are refused' }),
    queues: Type.Array(queueSchema, { default: [] }),
    assignmentRules: Type.Array(assignmentRuleSchema, { default: [] }),
    duplicateRules: Type.Array(duplicateRuleSchema, { default: [] }),
    standardDuplicateRules: Type.Array(Type.Enum(standardDuplicateRuleNames), { default: [] }),
    validationRules: Type.Array(validationRuleSchema, { default: [] }),
  },
  { additionalProperties: false },
);

/** An org's definition with everything filled in. */
export type OrgDefinition = Type.Static<typeof orgDefinitionSchema>;

type Input<T> = T extends readonly (infer Item)[]
  ? readonly Input<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Input<T[Key]> | undefined }
    : T;
/** A definition as people write it: what it leaves out is as in the sample org. */
export type OrgDefinitionInput = Input<OrgDefinition>;

/**
 * Reads an org definition; what it leaves out is as in the sample org.
 * Throws an Error that says which key was wrong and what was expected.
 */
export const parseOrgDefinition = (input: unknown): OrgDefinition =>
  checkSection(orgDefinitionSchema, input, 'Org definition');

/** A running org's definition with some sections replaced. Throws as {@link parseOrgDefinition} does. */
export const changeDefinition = (definition: OrgDefinition, changes: object): OrgDefinition =>
  parseOrgDefinition({ ...definition, ...changes });
