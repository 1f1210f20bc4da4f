import type { ConnectionFinding } from '@headrace/core';
import type { ObjectDescription } from '../fields/object-description.ts';
import { isNeededToCreate } from '../fields/record-plan.ts';
import { findUnwritable } from '../fields/require-fields.ts';
import { findingsOn } from './finding.ts';

const find = findingsOn('fields');
const shownNames = 20;
const whereToGive = 'Setup > Object Manager > Contact > Fields, Set Field-Level Security';

/** What of the fields of Contact a mapping has to heed. */
export const judgeFields = (contact: ObjectDescription): readonly ConnectionFinding[] => [
  ...judgeRights(contact),
  ...judgeSetUp(contact),
];

/** Which ones the user cannot write: the usual ones one by one, custom ones together. */
function judgeRights(contact: ObjectDescription): readonly ConnectionFinding[] {
  const usual = findUnwritable(contact).map((field) =>
    find(
      'warning',
      `Contact.${field}`,
      `The user may not write the Contact field ${field}.`,
      `Do not map it, or give edit access in Salesforce (${whereToGive}).`,
    ),
  );
  const custom = [...contact.byName.values()]
    .filter(({ name, createable, updateable }) => name.endsWith('__c') && !(createable && updateable))
    .map(({ name }) => name);
  if (custom.length === 0) return usual;
  const more = custom.length > shownNames ? ` and ${custom.length - shownNames} more` : '';
  return [
    ...usual,
    find(
      'note',
      'Contact',
      `Custom fields of Contact that the user sees and may not write, formulas among them: ${custom.slice(0, shownNames).join(', ')}${more}.`,
      `To map one that is no formula, give edit access (${whereToGive}).`,
    ),
  ];
}

/** What an administrator has set up. */
function judgeSetUp(contact: ObjectDescription): readonly ConnectionFinding[] {
  const needed = [...contact.byName.values()]
    .filter((field) => field.name.endsWith('__c') && isNeededToCreate(field))
    .map(({ name }) =>
      find(
        'warning',
        `Contact.${name}`,
        `The org requires the Contact field ${name}, and gives it no value by itself.`,
        'Map it.',
      ),
    );
  if (!contact.byName.has('IsPersonAccount')) return needed;
  return [
    ...needed,
    find(
      'warning',
      'person accounts',
      'The org has person accounts. A person who is one is found and updated as its Contact, and keeps its own Account; who is new to Salesforce is made a Contact and no person account.',
      'Where people are to be person accounts only, let the dataflow only update (write: update_only).',
    ),
  ];
}
