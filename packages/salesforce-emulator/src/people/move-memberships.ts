import { moveToBin } from '../records/delete-record.ts';
import type { Saving } from '../records/save-records.ts';
import { addToCampaign } from '../records/steps/campaign-totals.ts';
import { copiesForMember } from '../records/steps/member-copies.ts';
import { changeRecord } from '../records/write-record.ts';
import { findObject } from '../schema/catalog.ts';
import { findByReference, readFields } from '../store/record-table.ts';

/** A converted Lead's memberships become the Contact's; where the Contact is a member already, the Lead's goes. */
export function moveMemberships(saving: Saving, leadId: string, contactId: string): void {
  const { org } = saving.context;
  const member = findObject(org.catalog, 'CampaignMember');
  const leadField = member?.fieldByName.get('LeadId');
  if (member === undefined || leadField === undefined) return;
  // The plus keeps SQLite from starting with all members of the campaign.
  const memberOf = org.database.prepare(
    'select 1 from CampaignMember where ContactId = ? and +CampaignId = ? and IsDeleted = 0',
  );
  for (const rid of findByReference(org.database, member, leadField, leadId)) {
    const campaignId = String(readFields(org.database, member, rid, ['CampaignId'])?.CampaignId);
    if (memberOf.get(contactId, campaignId) !== undefined) {
      moveToBin(saving, member, rid);
    } else {
      const copies = copiesForMember(org, contactId, 'Contact') ?? [];
      changeRecord(saving, member, rid, new Map([['ContactId', contactId], ...copies]));
      addToCampaign(org, campaignId, { NumberOfLeads: -1, NumberOfContacts: 1 });
    }
    addToCampaign(org, campaignId, { NumberOfConvertedLeads: 1 });
  }
}
