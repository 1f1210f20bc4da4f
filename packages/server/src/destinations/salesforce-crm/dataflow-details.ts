import type { DataflowDetails, InputField } from '@headrace/core';

/** How a dataflow keeps people in Salesforce. */
type SalesforceDetails = {
  /** Salesforce ID Type. */
  readonly object: 'Contact' | 'Lead';
  /** `Email`, `Id`, or the API name of a unique external id field. */
  readonly matchField: string;
  /** Of Account: `Name`, or the API name of a unique external id field. */
  readonly accountMatchField: string;
  readonly membership: 'campaign' | 'segment_fields' | 'one_field' | 'none';
  /** The field that lists all segments, for `one_field`. */
  readonly membershipField: string;
  readonly tooLong: 'exclude' | 'truncate';
  readonly write: 'upsert' | 'update_only' | 'create_only';
  readonly assignmentRules: 'none' | 'active';
  /** Duplicate rules that only alert are obeyed, or passed. */
  readonly duplicateAlerts: 'obey' | 'pass';
  /** Whether large backlogs go as Bulk API jobs. */
  readonly bulk: 'auto' | 'never';
};

const choices = {
  object: ['Contact', 'Lead'],
  membership: ['campaign', 'segment_fields', 'one_field', 'none'],
  too_long: ['exclude', 'truncate'],
  write: ['upsert', 'update_only', 'create_only'],
  assignment_rules: ['none', 'active'],
  duplicate_alerts: ['obey', 'pass'],
  bulk: ['auto', 'never'],
} as const;

/** API name of a field. */
const fieldPattern = '^[A-Za-z][A-Za-z0-9_]{0,79}$';

const choice = (name: keyof typeof choices, title: string, description: string): InputField => ({
  name,
  title,
  description,
  required: false,
  secret: false,
  enum: choices[name],
  default: choices[name][0],
});
const field = (name: string, title: string, description: string, standard?: string): InputField => ({
  name,
  title,
  description,
  required: false,
  secret: false,
  pattern: fieldPattern,
  maxLength: 80,
  ...(standard !== undefined && { default: standard }),
});

export const detailFields: readonly InputField[] = [
  choice('object', 'Salesforce ID Type', 'What people are kept as.'),
  field(
    'match_field',
    'Match by',
    'Email, Id, or the API name of a unique external id field (recommended).',
    'Email',
  ),
  field(
    'account_match_field',
    'Match Accounts by',
    'Name, or the API name of a unique external id field of Account.',
    'Name',
  ),
  choice(
    'membership',
    'Segment membership',
    'campaign: a Campaign for each segment; segment_fields: a text field for each, named by the Mapping ID; one_field: one field that lists all; none.',
  ),
  field('membership_field', 'Membership field', 'For one_field: API name of a text or multi-select field.'),
  choice(
    'too_long',
    'Values that are too long',
    'Whether the profile is excluded, or the value cut to the length of the field.',
  ),
  choice('write', 'Write', 'Whether records are created and updated, only updated, or only created.'),
  choice(
    'assignment_rules',
    'Assignment rules',
    'Whether the active assignment rules of the org give new Leads their owners.',
  ),
  choice(
    'duplicate_alerts',
    'Duplicate alerts',
    'What is done where a duplicate rule of the org alerts and lets the record pass; one that blocks is always obeyed.',
  ),
  choice(
    'bulk',
    'Bulk API',
    'auto: large backlogs go as jobs of the Bulk API, which cost a handful of calls each; never: everything goes record by record.',
  ),
];

const oneOf = <Choice extends string>(
  value: string | undefined,
  known: readonly [Choice, ...Choice[]],
): Choice => known.find((candidate) => candidate === value) ?? known[0];

/** The details of a dataflow; what is absent has its default. */
export const readDetails = (details: DataflowDetails): SalesforceDetails => ({
  object: oneOf(details.object, choices.object),
  matchField: details.match_field ?? 'Email',
  accountMatchField: details.account_match_field ?? 'Name',
  membership: oneOf(details.membership, choices.membership),
  membershipField: details.membership_field ?? '',
  tooLong: oneOf(details.too_long, choices.too_long),
  write: oneOf(details.write, choices.write),
  assignmentRules: oneOf(details.assignment_rules, choices.assignment_rules),
  duplicateAlerts: oneOf(details.duplicate_alerts, choices.duplicate_alerts),
  bulk: oneOf(details.bulk, choices.bulk),
});
