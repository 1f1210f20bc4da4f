import { loginHistory } from './login-history.ts';
import type { ObjectType } from './object-type.ts';
import { account } from './objects/account.ts';
import { assignmentRule } from './objects/assignment-rule.ts';
import { campaign } from './objects/campaign.ts';
import { campaignMember } from './objects/campaign-member.ts';
import { campaignMemberStatus } from './objects/campaign-member-status.ts';
import { contact } from './objects/contact.ts';
import { group, queueSobject } from './objects/group.ts';
import { lead } from './objects/lead.ts';
import { leadStatus } from './objects/lead-status.ts';
import { organization } from './objects/organization.ts';
import { permissionObjects } from './objects/permission-objects.ts';
import { recordType } from './objects/record-type.ts';
import { user } from './objects/user.ts';

/** The objects every org starts with. */
export const standardObjects: readonly ObjectType[] = [
  account,
  assignmentRule,
  campaign,
  campaignMember,
  campaignMemberStatus,
  contact,
  group,
  lead,
  leadStatus,
  loginHistory,
  organization,
  ...permissionObjects,
  queueSobject,
  recordType,
  user,
];
