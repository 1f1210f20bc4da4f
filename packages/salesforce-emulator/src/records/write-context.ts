import type { OrgState } from '../org/org-state.ts';
import type { Catalog } from '../schema/catalog.ts';

/** What the headers of a call ask of a save. */
export interface WriteOptions {
  /** `Sforce-Duplicate-Rule-Header`; all false by default. */
  readonly duplicateRule: {
    readonly allowSave: boolean;
    readonly includeRecordDetails: boolean;
    readonly runAsCurrentUser: boolean;
  };
  /** Set where Salesforce runs no duplicate rules: merges and conversions. */
  readonly duplicateRules?: 'skipped';
  /** `Sforce-Auto-Assign`: the active assignment rule, none, or the rule with this id. */
  readonly assignmentRule: 'active' | 'none' | { readonly id: string };
}

export const defaultWriteOptions: WriteOptions = {
  duplicateRule: { allowSave: false, includeRecordDetails: false, runAsCurrentUser: false },
  assignmentRule: 'active',
};

/** Who saves records, what they may see, and how. One for a whole call. */
export interface WriteContext {
  readonly org: OrgState;
  readonly userId: string;
  /** The org's objects as this user may see and change them. */
  readonly catalog: Catalog;
  readonly options: WriteOptions;
  /** The call in the journal that saves, or null outside of one. */
  readonly call: number | null;
}
