import type { ConnectedApp } from '../definition/connected-apps.ts';
import type { OrgState } from '../org/org-state.ts';
import type { OrgMember } from './org-members.ts';

const isPreAuthorized = (app: ConnectedApp, { user }: OrgMember): boolean =>
  app.preAuthorizedUsers.some((name) => name.toLowerCase() === user.username.toLowerCase());

/** Whether the app lets this user in at all: everyone may approve it, or an administrator chose who. */
export const isPermitted = (app: ConnectedApp, member: OrgMember): boolean =>
  app.permittedUsers === 'self_authorize' || isPreAuthorized(app, member);

/** Whether the user, or an administrator for them, has approved the app. */
export function hasApproved(org: OrgState, app: ConnectedApp, member: OrgMember): boolean {
  if (isPreAuthorized(app, member)) return true;
  const sql = 'select 1 as n from _app_approval where client_id = ? and user_id = ?';
  return org.database.prepare(sql).get(app.clientId, member.id) !== undefined;
}

/** Remembers that the user allowed the app access, so that the next time nobody is asked. */
export const noteApproval = (org: OrgState, clientId: string, userId: string): void => {
  org.database
    .prepare('insert or ignore into _app_approval (client_id, user_id) values (?, ?)')
    .run(clientId, userId);
};

/** Forgets it, as revoking a refresh token does. */
export const withdrawApproval = (org: OrgState, clientId: string, userId: string): void => {
  org.database.prepare('delete from _app_approval where client_id = ? and user_id = ?').run(clientId, userId);
};
