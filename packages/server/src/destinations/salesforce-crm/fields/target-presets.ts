/** A usual field by the name of the destination's page. */
export type PresetTarget = {
  readonly name: string;
  readonly title: string;
  readonly field: string;
  /** It is a field of the Account that the Contact belongs to. */
  readonly isAccount: boolean;
  readonly aliases: readonly string[];
};

const own = (name: string, title: string, field: string): PresetTarget => ({
  name,
  title,
  field,
  isAccount: false,
  aliases: [],
});
const company = { name: 'company', title: 'Company', aliases: ['organization'] };

/** The eight names of the destination's page, in its order, and the organization that the person belongs to. */
const presets: Readonly<Record<'Contact' | 'Lead', readonly PresetTarget[]>> = {
  Contact: [
    own('state', 'State', 'MailingState'),
    own('country', 'Country', 'MailingCountry'),
    own('number', 'Mobile Phone', 'MobilePhone'),
    own('firstName', 'First Name', 'FirstName'),
    own('postalCode', 'Mailing Postal Code', 'MailingPostalCode'),
    own('city', 'Mailing City', 'MailingCity'),
    own('lastName', 'Last Name', 'LastName'),
    own('email', 'Salesforce Email ID', 'Email'),
    { ...company, field: 'Name', isAccount: true },
  ],
  Lead: [
    own('state', 'State', 'State'),
    own('country', 'Country', 'Country'),
    own('number', 'Mobile Phone', 'MobilePhone'),
    own('firstName', 'First Name', 'FirstName'),
    own('postalCode', 'Postal Code', 'PostalCode'),
    own('city', 'City', 'City'),
    own('lastName', 'Last Name', 'LastName'),
    own('email', 'Salesforce Email ID', 'Email'),
    { ...company, field: 'Company', isAccount: false },
  ],
};

export const presetOf = (object: 'Contact' | 'Lead'): readonly PresetTarget[] => presets[object];
