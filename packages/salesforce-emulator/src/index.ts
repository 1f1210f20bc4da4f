export type { ConnectedApp } from './definition/connected-apps.ts';
export {
  type OrgDefinition,
  type OrgDefinitionInput,
  parseOrgDefinition,
} from './definition/org-definition.ts';
export type { OrgUser } from './definition/users.ts';
export type { CustomField } from './schema/custom-field.ts';
export { type Org, type OrgCredentials, type StartOrgOptions, startOrg } from './start-org.ts';
