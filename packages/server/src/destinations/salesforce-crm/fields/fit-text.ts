import { type Fit, fits, unfit } from './fit.ts';
import type { FieldDescription } from './object-description.ts';
import { trimmed } from './trim.ts';

/** Whether text that is too long keeps a profile back, or is cut. */
export type TooLong = 'exclude' | 'truncate';

/** What would mean something else with its end cut off is never cut. */
const cuttableTypes = new Set(['string', 'textarea']);
type TextField = Pick<FieldDescription, 'type' | 'length' | 'unique' | 'externalId' | 'compoundFieldName'>;

/**
 * Text as Salesforce stores it: trimmed, e-mail in lower case, lines ended by a line feed. Lengths are counted as
 * Salesforce counts them: in UTF-16 units, the end of a line outside of an address as two.
 * @param given not blank
 */
export function fitText(given: string, field: TextField, tooLong: TooLong): Fit {
  const whole = trimmed(given);
  const text =
    field.type === 'textarea'
      ? whole.replace(/\r\n?/g, '\n')
      : field.type === 'email'
        ? whole.toLowerCase()
        : whole;
  if (field.length === 0 || storedLength(text, field) <= field.length) return fits(text);
  const isKey = field.unique || field.externalId;
  if (tooLong === 'truncate' && cuttableTypes.has(field.type) && !isKey) return fits(cut(text, field));
  return unfit('value_too_long', `at most ${field.length} characters`);
}

/** Elsewhere than in an address, Salesforce ends lines with two characters. */
const lineEndLength = ({ type, compoundFieldName }: TextField): number =>
  type === 'textarea' && compoundFieldName === null ? 2 : 1;

function storedLength(text: string, field: TextField): number {
  return lineEndLength(field) === 1 ? text.length : text.length + (text.split('\n').length - 1);
}

/** The longest beginning that fits; no character is cut in two. */
function cut(text: string, field: TextField): string {
  let length = 0;
  let end = 0;
  for (const character of text) {
    length += character === '\n' ? lineEndLength(field) : character.length;
    if (length > field.length) break;
    end += character.length;
  }
  return trimmed(text.slice(0, end));
}
