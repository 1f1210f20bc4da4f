import { type Catalog, findObject } from '../schema/catalog.ts';
import type { ObjectType } from '../schema/object-type.ts';

/** What people see of an object: the columns of its lists and the fields a search looks into. */
export interface ShownObject {
  readonly name: string;
  /** Whether it is one of the Apps; the others are seen on the pages of these. */
  readonly isApp: boolean;
  readonly columns: readonly string[];
  readonly searched: readonly string[];
}

/** A list of children on a record's page: those whose `field` refers to the record. */
export interface RelatedList {
  readonly child: ShownObject;
  readonly field: string;
}

const contact: ShownObject = {
  name: 'Contact',
  isApp: true,
  columns: ['Name', 'Email', 'MobilePhone', 'MailingCity', 'MailingCountry', 'LastModifiedDate'],
  searched: ['Name', 'Email', 'MobilePhone'],
};
const lead: ShownObject = {
  name: 'Lead',
  isApp: true,
  columns: ['Name', 'Company', 'Email', 'MobilePhone', 'Status', 'LastModifiedDate'],
  searched: ['Name', 'Email', 'Company'],
};
const account: ShownObject = {
  name: 'Account',
  isApp: true,
  columns: ['Name', 'Phone', 'BillingCity', 'BillingCountry', 'Website', 'LastModifiedDate'],
  searched: ['Name', 'Phone', 'Website'],
};
const campaign: ShownObject = {
  name: 'Campaign',
  isApp: true,
  columns: ['Name', 'Type', 'Status', 'NumberOfContacts', 'NumberOfLeads', 'LastModifiedDate'],
  searched: ['Name', 'Type', 'Status'],
};
const campaignMember: ShownObject = {
  name: 'CampaignMember',
  isApp: false,
  columns: ['Name', 'Email', 'CampaignId', 'ContactId', 'LeadId', 'Status', 'LastModifiedDate'],
  searched: ['Name', 'Email', 'Status'],
};
const shownObjects = [contact, lead, account, campaign, campaignMember];

const relatedLists: Readonly<Record<string, readonly RelatedList[]>> = {
  Account: [{ child: contact, field: 'AccountId' }],
  Campaign: [{ child: campaignMember, field: 'CampaignId' }],
  Contact: [{ child: campaignMember, field: 'ContactId' }],
  Lead: [{ child: campaignMember, field: 'LeadId' }],
};

/** How this object is shown; undefined for one that has no pages. */
export const findShown = (name: string): ShownObject | undefined =>
  shownObjects.find((shown) => shown.name === name);

/** The lists on the page of a record of this object. */
export const relatedListsOf = (name: string): readonly RelatedList[] => relatedLists[name] ?? [];

/** The Apps this org has. */
export const appsOf = (catalog: Catalog): readonly ObjectType[] =>
  shownObjects.flatMap((shown) => {
    const object = shown.isApp ? findObject(catalog, shown.name) : undefined;
    return object === undefined ? [] : [object];
  });

/** Where the list of an object is. */
export const listPath = (name: string): string => (name === 'Contact' ? '/' : `/list/${name}`);
