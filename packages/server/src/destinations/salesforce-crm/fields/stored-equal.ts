import type { FieldValue } from '@headrace/core';
import { choiceOf, inOrder } from './fit-choice.ts';
import { numberTypes, roundHalfUp } from './fit-number.ts';
import { canonicalTime, parseInstant } from './fit-time.ts';
import type { FieldDescription } from './object-description.ts';
import { trimmed } from './trim.ts';

/** What is to be known of a field to compare its values. */
type ComparedField = Pick<FieldDescription, 'type' | 'scale'> & Partial<Pick<FieldDescription, 'choices'>>;

/**
 * Whether what was sent and what Salesforce holds mean the same, after what Salesforce does to values of the type:
 * null and empty text are one, ids have 15 or 18 characters, line ends may differ, numbers are rounded, values of
 * picklists have labels and no case, and several of them any order.
 */
export function isStoredEqual(sent: FieldValue, held: unknown, field: ComparedField): boolean {
  return canonical(sent, field) === canonical(held, field);
}

function canonical(
  value: unknown,
  { type, scale, choices = [] }: ComparedField,
): string | number | boolean | null {
  if (type === 'boolean') return value === true || value === 'true';
  if (value === null || value === undefined || value === '') return null;
  if (numberTypes.has(type)) return roundHalfUp(Number(value), type === 'int' ? 0 : scale);
  const text = trimmed(String(value).replace(/\r\n?/g, '\n'));
  if (text === '') return null;
  switch (type) {
    case 'email':
      return text.toLowerCase();
    case 'reference':
    case 'id':
      return text.slice(0, 15);
    case 'date':
      return text.slice(0, 10);
    case 'datetime':
      return parseInstant(text) ?? text;
    case 'time':
      return canonicalTime(text);
    case 'picklist':
      return choiceOf(text, choices) ?? text;
    case 'multipicklist': {
      const items = text.split(';').flatMap((item) => trimmed(item) || []);
      return inOrder(new Set(items.map((item) => choiceOf(item, choices) ?? item)), choices).join(';');
    }
    default:
      return text;
  }
}
