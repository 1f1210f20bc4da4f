import type { ConnectionFinding } from '@headrace/core';
import { type ContactFields, findUnwritable } from '../contact-fields.ts';
import { findingsOn } from './finding.ts';

const find = findingsOn('fields');
const shownNames = 20;
const whereToGive = 'Setup > Object Manager > Contact > Fields, Set Field-Level Security';

/** Which fields of Contact the user cannot write: the usual ones one by one, custom ones together. */
export function judgeFields(contact: ContactFields): readonly ConnectionFinding[] {
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
