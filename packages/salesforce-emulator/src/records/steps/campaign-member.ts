import { type OrgState, today } from '../../org/org-state.ts';
import { recordNumberOf } from '../../org/record-id.ts';
import type { StoredValue } from '../../schema/field.ts';
import { type Draft, valueAfter } from '../draft.ts';
import { type RecordError, recordError, recordErrors } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';
import { chooseStatus, statusesOf } from './campaign-statuses.ts';
import { copiesForMember } from './member-copies.ts';

const none: readonly RecordError[] = [];

/**
 * A member is one Contact or one Lead (given both, Salesforce keeps the Contact), once in a campaign, and has one
 * of the campaign's statuses: one it does not know becomes its default. Source: CampaignMember in Salesforce's
 * object reference.
 */
export function prepareCampaignMember(context: WriteContext, draft: Draft): readonly RecordError[] {
  if (draft.object.name !== 'CampaignMember') return none;
  if (draft.mode === 'create') {
    const refusal = setPerson(context, draft.values, draft.object.recordTypes.length > 0);
    if (refusal !== undefined) return [refusal];
  }
  if (draft.mode === 'create' || draft.values.has('Status')) setStatus(context, draft);
  return none;
}

function setPerson(
  context: WriteContext,
  values: Map<string, StoredValue>,
  hasRecordTypes: boolean,
): RecordError | undefined {
  const { org } = context;
  const contactId = values.get('ContactId') ?? null;
  const leadId = contactId === null ? (values.get('LeadId') ?? null) : null;
  values.set('ContactId', contactId).set('LeadId', leadId);
  const personId = contactId ?? leadId;
  if (personId === null) return recordErrors.requiredMissing(['ContactId', 'LeadId']);
  const kind = contactId === null ? 'Lead' : 'Contact';
  // The plus keeps SQLite from starting with all members of the campaign.
  const sql = `select 1 from CampaignMember where ${kind}Id = ? and +CampaignId = ? and IsDeleted = 0`;
  if (org.database.prepare(sql).get(personId, values.get('CampaignId') ?? null) !== undefined)
    return recordError('DUPLICATE_VALUE', 'Already a campaign member.');
  const copies = copiesForMember(org, String(personId), kind);
  if (copies === undefined) return recordErrors.deleted();
  for (const [name, value] of copies) values.set(name, value);
  if (hasRecordTypes) values.set('RecordTypeId', recordTypeOf(org, values.get('CampaignId') ?? null));
  return undefined;
}

/** The type a campaign chooses for its members. */
function recordTypeOf(org: OrgState, campaignId: StoredValue): StoredValue {
  const rid = recordNumberOf(String(campaignId));
  const sql = 'select CampaignMemberRecordTypeId as type from Campaign where rid = ?';
  const type = rid === undefined ? undefined : org.database.prepare(sql).get(rid)?.type;
  return typeof type === 'string' ? type : null;
}

function setStatus({ org }: WriteContext, draft: Draft): void {
  const { values } = draft;
  const wanted = values.get('Status') ?? null;
  const status = chooseStatus(
    statusesOf(org, String(valueAfter(draft, 'CampaignId'))),
    wanted === null ? null : String(wanted),
  );
  values.set('Status', status?.label ?? null).set('HasResponded', status?.hasResponded === true ? 1 : 0);
  if (status?.hasResponded === true && valueAfter(draft, 'FirstRespondedDate') === null)
    values.set('FirstRespondedDate', today(org));
}
