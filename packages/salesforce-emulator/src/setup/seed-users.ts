import type { OrgUser } from '../definition/users.ts';
import type { OrgState } from '../org/org-state.ts';
import { recordNumberOf } from '../org/record-id.ts';
import { insertSystemRecord } from '../org/system-record.ts';
import { userIdOf } from '../org/users.ts';
import { findObject } from '../schema/catalog.ts';
import { recordValues, updateRecord } from '../store/record-table.ts';

/** Brings the User records up to the definition's users; records of those it does not name stay as they are. */
export function seedUsers(org: OrgState): void {
  for (const user of org.definition.users) seedUser(org, user);
}

function seedUser(org: OrgState, user: OrgUser): void {
  const object = findObject(org.catalog, 'User');
  if (object === undefined) return;
  const facts = {
    Username: user.username,
    Email: (user.email ?? user.username).toLowerCase(),
    FirstName: user.firstName === '' ? null : user.firstName,
    LastName: user.lastName,
    Name: `${user.firstName} ${user.lastName}`.trim(),
    Alias: user.lastName.slice(0, 8),
    CommunityNickname: user.username.split('@')[0]?.slice(0, 40) ?? null,
    IsActive: user.active ? 1 : 0,
    UserPermissionsMarketingUser: user.marketingUser ? 1 : 0,
  };
  const rid = recordNumberOf(userIdOf(org, user.username) ?? '');
  if (rid !== undefined) {
    updateRecord(org.database, object, rid, recordValues(facts));
    return;
  }
  const locale = {
    UserType: 'Standard',
    TimeZoneSidKey: 'GMT',
    LocaleSidKey: 'en_US',
    LanguageLocaleKey: 'en_US',
    EmailEncodingKey: 'UTF-8',
  };
  insertSystemRecord(org, object, { ...facts, ...locale });
}
