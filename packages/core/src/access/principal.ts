import type { Permission } from './permissions.ts';

/** Who asks: everything a request does is done in the name of one. */
export type Principal = {
  /** Stable; what the audit log holds. */
  readonly id: string;
  readonly name: string;
  readonly permissions: ReadonlySet<Permission>;
};

/** Those of the needed permissions that the principal lacks, in the order given. */
export const missingPermissions = (
  principal: Principal,
  needed: readonly Permission[],
): readonly Permission[] => needed.filter((permission) => !principal.permissions.has(permission));
