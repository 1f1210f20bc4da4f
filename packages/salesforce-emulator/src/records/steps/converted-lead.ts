import { recordNumberOf } from '../../org/record-id.ts';
import type { Draft } from '../draft.ts';
import { type RecordError, recordErrors } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];

/** A converted Lead is neither changed nor made a member of a campaign: its Contact is there instead. */
export function refuseConvertedLead({ org }: WriteContext, draft: Draft): readonly RecordError[] {
  const { object, mode, values } = draft;
  if (object.name === 'Lead')
    return mode === 'update' && draft.before()?.IsConverted === 1 ? [recordErrors.convertedLead()] : none;
  if (object.name !== 'CampaignMember' || mode !== 'create') return none;
  const leadId = values.get('LeadId');
  const rid = typeof leadId === 'string' ? recordNumberOf(leadId) : undefined;
  if (rid === undefined) return none;
  const row = org.database.prepare('select IsConverted from Lead where rid = ?').get(rid);
  return row?.IsConverted === 1 ? [recordErrors.convertedLead()] : none;
}
