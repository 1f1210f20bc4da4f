import { isSameJson } from './same-json.ts';

/** How fragments become a profile. */
export type MergePolicy = {
  readonly mergePolicyId: string;
  readonly name: string;
  /** `pdg`: fragments of all linked identities; `none`: those of one identity alone. */
  readonly identityGraph: 'pdg' | 'none';
  readonly attributeMerge: AttributeMerge;
  readonly isDefault: boolean;
};

export type AttributeMerge =
  | { readonly type: 'timestampOrdered' }
  /** Datasets, the one whose values win first; fragments of others are left out. */
  | { readonly type: 'dataSetPrecedence'; readonly order: readonly string[] };

export const timestampOrdered: AttributeMerge = { type: 'timestampOrdered' };

/** Merge policies there may be. Source: the platform's merge policies, overview. */
export const maxMergePolicies = 5;

/** Whether two policies merge the attributes of the same fragments alike. */
export const isSameMerge = (a: AttributeMerge, b: AttributeMerge): boolean => isSameJson(a, b);
