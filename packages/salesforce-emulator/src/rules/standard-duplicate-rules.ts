import type { DuplicateRule, MatchField, standardDuplicateRuleNames } from '../definition/duplicate-rules.ts';
import type { MatchMethod } from '../schema/match-key.ts';

/** `IgnoreBlanks` is what only Salesforce's own rules can say: a blank value is no difference. */
export interface StandardField extends Omit<MatchField, 'blank'> {
  readonly blank: MatchField['blank'] | 'IgnoreBlanks';
}

/** A duplicate rule as this room compiles it. */
export interface RuleToCompile extends Omit<DuplicateRule, 'matchingRules'> {
  readonly matchingRules: readonly {
    readonly name: string;
    readonly object?: string | undefined;
    readonly booleanFilter?: string | undefined;
    readonly fields: readonly StandardField[];
  }[];
}

const field = (
  name: string,
  method: MatchMethod,
  blank: StandardField['blank'] = 'NullNotAllowed',
): StandardField => ({ field: name, method, blank });

/** Name with e-mail, phone, title and company, or street with city, postal code or title. */
const personFields = (company: string, address: string): readonly StandardField[] => [
  field('FirstName', 'FirstName'),
  field('LastName', 'LastName'),
  field('FirstName', 'FirstName', 'IgnoreBlanks'),
  field('Email', 'Exact'),
  field('Phone', 'Phone'),
  field('Title', 'Title'),
  field(company, 'CompanyName'),
  field(`${address}Street`, 'Street'),
  field(`${address}City`, 'City'),
  field(`${address}PostalCode`, 'Zip'),
];
const personFilter = '(2 AND 3 AND 4) OR (1 AND 2 AND (5 OR (6 AND 7) OR (8 AND (9 OR 10 OR 6))))';

const contactMatch = {
  name: 'Standard_Contact_Match_Rule_v1_1',
  object: 'Contact',
  booleanFilter: personFilter,
  fields: personFields('Account.Name', 'Mailing'),
};
const leadMatch = {
  name: 'Standard_Lead_Match_Rule_v1_0',
  object: 'Lead',
  booleanFilter: personFilter,
  fields: personFields('Company', ''),
};
const accountMatch = {
  name: 'Standard_Account_Match_Rule_v1_0',
  object: 'Account',
  booleanFilter: '(1 AND (2 OR (3 AND 4) OR 5 OR 6)) OR (7 AND (6 OR 2))',
  fields: [
    field('Name', 'CompanyName'),
    field('BillingStreet', 'Street'),
    field('BillingCity', 'City'),
    field('BillingState', 'Exact'),
    field('BillingPostalCode', 'Zip'),
    field('Phone', 'Phone'),
    field('Website', 'Exact'),
  ],
};

const standardRule = (object: string, matchingRules: RuleToCompile['matchingRules']): RuleToCompile => ({
  object,
  name: `Standard_${object}_Duplicate_Rule`,
  active: true,
  onCreate: 'alert',
  onUpdate: 'allow',
  alertText: 'Use one of these records?',
  matchingRules,
});

/**
 * Salesforce's own duplicate rules: creating is answered with an alert, editing is let pass. Contacts and Leads
 * are compared with each other too. Source: the matching equations in Salesforce Help, "Standard Contact Matching
 * Rule and Standard Lead Matching Rule" and "Standard Account Matching Rule", 2026.
 */
export const standardDuplicateRules: Readonly<
  Record<(typeof standardDuplicateRuleNames)[number], RuleToCompile>
> = {
  Standard_Account_Duplicate_Rule: standardRule('Account', [accountMatch]),
  Standard_Contact_Duplicate_Rule: standardRule('Contact', [contactMatch, leadMatch]),
  Standard_Lead_Duplicate_Rule: standardRule('Lead', [leadMatch, contactMatch]),
};
