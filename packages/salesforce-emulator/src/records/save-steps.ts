import type { AfterSaveStep, BinStep, DeleteStep, SaveStep } from './save-step.ts';
import { checkAddressPicklists } from './steps/address-picklists.ts';
import { setAssignedOwner } from './steps/assigned-owner.ts';
import { applyAssignmentRule } from './steps/assignment-rules.ts';
import { prepareCampaignMember } from './steps/campaign-member.ts';
import {
  createFirstStatuses,
  followMemberStatus,
  prepareMemberStatus,
  refuseDeletingStatusInUse,
} from './steps/campaign-member-status.ts';
import {
  countCampaignMember,
  followCampaignTotals,
  recountCampaign,
  setCampaignTotals,
} from './steps/campaign-totals.ts';
import { refuseConvertedLead } from './steps/converted-lead.ts';
import { checkDuplicateRules } from './steps/duplicate-rules.ts';
import { refuseCircle } from './steps/hierarchy.ts';
import { refuseDeleteWithoutMarketing, refuseWithoutMarketing } from './steps/marketing-user.ts';
import { followPersonCopies } from './steps/member-copies.ts';
import { checkOwner } from './steps/owner.ts';
import { lockForDelete, lockWithParents } from './steps/parent-locks.ts';
import { checkPermissionRecord } from './steps/permission-records.ts';
import { dropEmptyPermission, keepUsedPermissionSet } from './steps/permission-removal.ts';
import { refusePersonAccount } from './steps/person-account.ts';
import { setPersonName } from './steps/person-name.ts';
import { setRecordName } from './steps/record-name.ts';
import { applyRecordType } from './steps/record-type.ts';
import { refuseWhenFull } from './steps/storage-limit.ts';
import { findDuplicateValue } from './steps/unique-values.ts';
import { checkValidationRules } from './steps/validation-rules.ts';

/**
 * What happens to a record between its validation and its storage, in Salesforce's order of execution: the
 * object's own rules, validation rules, duplicate rules, and the database's unique indexes last. The first step
 * that refuses ends it.
 */
export const saveSteps: readonly SaveStep[] = [
  checkPermissionRecord,
  refuseWithoutMarketing,
  refusePersonAccount,
  refuseConvertedLead,
  applyRecordType,
  setPersonName,
  setRecordName,
  setAssignedOwner,
  checkOwner,
  refuseCircle,
  checkAddressPicklists,
  setCampaignTotals,
  prepareCampaignMember,
  prepareMemberStatus,
  checkValidationRules,
  checkDuplicateRules,
  applyAssignmentRule,
  refuseWhenFull,
  lockWithParents,
  findDuplicateValue,
];

export const afterSaveSteps: readonly AfterSaveStep[] = [
  dropEmptyPermission,
  createFirstStatuses,
  followCampaignTotals,
  countCampaignMember,
  followMemberStatus,
  followPersonCopies,
];

export const deleteSteps: readonly DeleteStep[] = [
  keepUsedPermissionSet,
  refuseDeleteWithoutMarketing,
  refuseDeletingStatusInUse,
  lockForDelete,
];

export const binSteps: readonly BinStep[] = [recountCampaign];
