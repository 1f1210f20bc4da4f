import { now, type OrgState, takeRecordNumber, today } from '../../org/org-state.ts';
import { createRecordId } from '../../org/record-id.ts';
import { wholeSecond } from '../../org/stamps.ts';
import { findObject } from '../../schema/catalog.ts';
import type { ObjectType } from '../../schema/object-type.ts';
import { insertRecord, recordValues } from '../../store/record-table.ts';
import { type Draft, valueAfter } from '../draft.ts';
import { type RecordError, recordError } from '../record-error.ts';
import type { AfterSaveStep } from '../save-step.ts';
import type { WriteContext } from '../write-context.ts';
import { type MemberStatus, statusesOf } from './campaign-statuses.ts';
import { addToCampaign } from './campaign-totals.ts';

const none: readonly RecordError[] = [];
const duplicate = recordError(
  'DUPLICATE_VALUE',
  'duplicate value found: <unknown> duplicates value on record with id: <unknown>',
);
const needs = (what: string): RecordError =>
  recordError('FIELD_INTEGRITY_EXCEPTION', `A campaign needs ${what} member status.`);

/** The statuses every campaign starts with, the default first. */
export const createFirstStatuses: AfterSaveStep = ({ org, userId }, draft, rid, notes) => {
  if (draft.object.name !== 'Campaign' || draft.mode !== 'create') return;
  const object = findObject(org.catalog, 'CampaignMemberStatus');
  if (object === undefined) return;
  const instant = wholeSecond(now(org));
  const audit = { CreatedDate: instant, LastModifiedDate: instant, SystemModstamp: instant };
  const by = { CreatedById: userId, LastModifiedById: userId, IsDeleted: 0 };
  const CampaignId = createRecordId(draft.object.keyPrefix, rid);
  for (const [index, Label] of ['Sent', 'Responded'].entries()) {
    const statusRid = takeRecordNumber(org, object);
    const facts = { CampaignId, Label, SortOrder: index + 1, IsDefault: 1 - index, HasResponded: index };
    insertRecord(org.database, object, statusRid, recordValues({ ...facts, ...audit, ...by }));
    notes.add('created', object.name, statusRid, null);
  }
};

/** Labels and places are unique within a campaign, which always has a default and a responded status. */
export function prepareMemberStatus({ org }: WriteContext, draft: Draft): readonly RecordError[] {
  const { object, rid, values } = draft;
  if (object.name !== 'CampaignMemberStatus') return none;
  const all = statusesOf(org, String(valueAfter(draft, 'CampaignId')));
  const others = all.filter((status) => status.rid !== rid);
  if ((values.get('SortOrder') ?? null) === null && (draft.mode === 'create' || values.has('SortOrder')))
    values.set('SortOrder', Math.max(0, ...others.map(({ sortOrder }) => sortOrder)) + 1);
  const label = values.get('Label');
  const place = values.get('SortOrder');
  const isTaken = (status: MemberStatus): boolean =>
    status.sortOrder === place || status.label.toLowerCase() === String(label).toLowerCase();
  if (others.some(isTaken)) return [duplicate];
  if (values.get('IsDefault') === 0 && !others.some(({ isDefault }) => isDefault))
    return [needs('a default')];
  if (values.get('HasResponded') === 0 && !others.some(({ hasResponded }) => hasResponded))
    return [needs('a responded')];
  return none;
}

/** A new default takes the place of the old one; members keep the status that was renamed, and its meaning. */
export function followMemberStatus({ org }: WriteContext, draft: Draft, rid: number): void {
  const { object, values } = draft;
  if (object.name !== 'CampaignMemberStatus') return;
  const campaignId = String(valueAfter(draft, 'CampaignId'));
  if (values.get('IsDefault') === 1)
    org.database
      .prepare('update CampaignMemberStatus set IsDefault = 0 where CampaignId = ? and rid <> ?')
      .run(campaignId, rid);
  const before = draft.before();
  if (before === undefined) return;
  const members = 'where CampaignId = ? and Status = ? collate nocase and IsDeleted = 0';
  const responded = values.get('HasResponded');
  if (responded !== undefined && responded !== before.HasResponded) {
    const { changes } = org.database
      .prepare(
        `update CampaignMember set HasResponded = ?1, FirstRespondedDate = iif(?1, ifnull(FirstRespondedDate, ?2), FirstRespondedDate) where CampaignId = ?3 and Status = ?4 collate nocase and IsDeleted = 0`,
      )
      .run(responded, today(org), campaignId, String(before.Label));
    addToCampaign(org, campaignId, { NumberOfResponses: (responded === 1 ? 1 : -1) * Number(changes) });
  }
  const label = values.get('Label');
  if (label !== undefined && label !== before.Label)
    org.database
      .prepare(`update CampaignMember set Status = ? ${members}`)
      .run(label, campaignId, String(before.Label));
}

/** The default status, the last responded one, and one that members have, stay. */
export function refuseDeletingStatusInUse(
  { org }: WriteContext,
  object: ObjectType,
  rid: number,
): readonly RecordError[] {
  if (object.name !== 'CampaignMemberStatus') return none;
  const row = org.database.prepare('select CampaignId from CampaignMemberStatus where rid = ?').get(rid);
  const campaignId = String(row?.CampaignId);
  const all = statusesOf(org, campaignId);
  const status = all.find((candidate) => candidate.rid === rid);
  if (status === undefined) return none;
  if (status.isDefault) return [needs('a default')];
  if (status.hasResponded && all.filter(({ hasResponded }) => hasResponded).length < 2)
    return [needs('a responded')];
  return isInUse(org, campaignId, status.label) ? [inUse(status.label)] : none;
}

const inUse = (label: string): RecordError =>
  recordError(
    'DELETE_FAILED',
    `Your attempt to delete ${label} could not be completed because it is associated with campaign members.`,
  );

function isInUse(org: OrgState, campaignId: string, label: string): boolean {
  const sql =
    'select 1 from CampaignMember where CampaignId = ? and Status = ? collate nocase and IsDeleted = 0 limit 1';
  return org.database.prepare(sql).get(campaignId, label) !== undefined;
}
