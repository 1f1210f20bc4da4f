import { catalogOf } from '../access/user-access.ts';
import type { OrgState } from '../org/org-state.ts';
import { userIdOf } from '../org/users.ts';
import { defaultWriteOptions, type WriteContext } from '../records/write-context.ts';

/**
 * Saves as a person does in Salesforce's own pages: with that user's rights, no headers, and outside of any call.
 * Without a name it is the first user of the org's definition. Throws an Error when there is no such user.
 */
export function personContext(org: OrgState, username: string | undefined): WriteContext {
  const name = username ?? org.definition.users[0]?.username ?? '';
  const userId = userIdOf(org, name);
  if (userId === undefined) throw new Error(`There is no user ${name}.`);
  // People assign by hand: the check box "assign using active assignment rule" is off.
  const options = { ...defaultWriteOptions, assignmentRule: 'none' } as const;
  return { org, userId, catalog: catalogOf(org, userId), options, call: null };
}
