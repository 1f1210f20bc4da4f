export type { ChangeQuery, OrgHandle } from './admin/org-handle.ts';
export type { ConnectedApp } from './definition/connected-apps.ts';
export {
  type OrgDefinition,
  type OrgDefinitionInput,
  parseOrgDefinition,
} from './definition/org-definition.ts';
export type { OrgUser } from './definition/users.ts';
export type { FaultOrderInput } from './faults/fault-order.ts';
export type { FaultInput, FaultRuleInput } from './faults/fault-rule.ts';
export type { CallFilter, JournalEntry } from './journal/call-journal.ts';
export type { RecordChange } from './journal/read-changes.ts';
export type { CustomField } from './schema/custom-field.ts';
export { type Org, type OrgCredentials, type StartOrgOptions, startOrg } from './start-org.ts';
