export type { ConnectedApp, OrgDefinition, OrgUser } from './org/org-definition.ts';
export { parseOrgDefinition } from './org/org-definition.ts';
export type { CustomField } from './schema/custom-field.ts';
export { type Org, type OrgCredentials, type StartOrgOptions, startOrg } from './start-org.ts';
