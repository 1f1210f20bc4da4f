import type { OrgUser } from '../definition/users.ts';
import type { OrgState } from '../org/org-state.ts';
import { readUserRow, userIdOf } from '../org/users.ts';

/** A user of the definition with the id of their User record. */
export interface OrgMember {
  readonly user: OrgUser;
  readonly id: string;
  /** Neither the definition nor the record says they are inactive. */
  readonly isActive: boolean;
}

/** The user of this name, in any case. */
export function findMember(org: OrgState, username: string): OrgMember | undefined {
  const folded = username.toLowerCase();
  const user = org.definition.users.find((candidate) => candidate.username.toLowerCase() === folded);
  const id = user === undefined ? undefined : userIdOf(org, user.username);
  if (user === undefined || id === undefined) return undefined;
  return { user, id, isActive: user.active && readUserRow(org, id)?.IsActive !== 0 };
}

/** The user whose record has this id. */
export function findMemberById(org: OrgState, userId: string): OrgMember | undefined {
  const username = readUserRow(org, userId)?.Username;
  return typeof username === 'string' ? findMember(org, username) : undefined;
}
