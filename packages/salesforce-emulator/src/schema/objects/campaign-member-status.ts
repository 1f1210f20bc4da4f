import { makeObjectType } from '../object-type.ts';
import * as standard from '../standard-fields.ts';

/** CampaignMemberStatus: a status the members of one Campaign may have. */
export const campaignMemberStatus = makeObjectType({
  name: 'CampaignMemberStatus',
  label: 'Campaign Member Status',
  labelPlural: 'Campaign Member Status',
  keyPrefix: '01Y',
  createable: true,
  updateable: true,
  deletable: true,
  traits: {
    feedEnabled: false,
    layoutable: false,
    mruEnabled: false,
    searchable: false,
    triggerable: false,
    undeletable: false,
  },
  fields: [
    ...standard.identityFields('Campaign Member Status'),
    standard.reference('CampaignId', 'Campaign', 'Campaign', {
      nillable: false,
      updateable: false,
      cascadeDelete: true,
      childRelationshipName: 'CampaignMemberStatuses',
    }),
    standard.text('Label', 765, { label: 'Member Status', nillable: false, nameField: true }),
    standard.integer('SortOrder', { precision: 9, permissionable: false }),
    standard.checkbox('IsDefault'),
    standard.checkbox('HasResponded', { label: 'Responded' }),
    ...standard.auditFields,
  ],
});
