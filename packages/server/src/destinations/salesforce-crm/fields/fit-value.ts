import type { FieldValue } from '@headrace/core';
import { blank, type Fit, fits, unfit, wrongKind } from './fit.ts';
import { fitChoice, fitChoices } from './fit-choice.ts';
import { fitNumber, numberTypes } from './fit-number.ts';
import { fitRecordId } from './fit-record-id.ts';
import { fitRecordType } from './fit-record-type.ts';
import { fitText, type TooLong } from './fit-text.ts';
import { fitDay, fitInstant, fitTime } from './fit-time.ts';
import type { FieldDescription } from './object-description.ts';
import { trimmed } from './trim.ts';

/** The whole value is a hash: MD5, SHA-1 or SHA-256 in hexadecimal. */
const hashPattern = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i;

/**
 * A mapped value in the kind and form its field takes, as Salesforce will store it. A wrong kind makes Salesforce
 * refuse the whole call (JSON_PARSER_ERROR), so it must not leave; forms of e-mail addresses, phone numbers and links
 * are judged by Salesforce, record by record. Null clears, but for a checkbox, which always holds something.
 */
export function fitValue(given: FieldValue, field: FieldDescription, tooLong: TooLong): Fit {
  const { type } = field;
  const value = typeof given === 'string' ? readable(given) : given;
  if (value === null) return type === 'boolean' ? blank : fits(null);
  if (typeof value === 'string' && value === '') return blank;
  if (typeof value === 'number' && !Number.isFinite(value)) return wrongKind('a number');
  if (type === 'boolean') return fitBoolean(value);
  if (numberTypes.has(type)) return fitNumber(value, field);
  const text = String(value);
  switch (type) {
    case 'date':
      return fitDay(text);
    case 'datetime':
      return fitInstant(text);
    case 'time':
      return fitTime(text);
    case 'picklist':
      return fitChoice(text, field);
    case 'multipicklist':
      return fitChoices(text, field);
    case 'id':
    case 'reference':
      return field.name === 'RecordTypeId'
        ? fitRecordType(text, field)
        : fitRecordId(text, field.referenceTo);
    case 'email':
      return hashPattern.test(trimmed(text))
        ? unfit('value_hashed', 'e-mail addresses in plain text only; map the plain address')
        : fitText(text, field, tooLong);
    default:
      return fitText(text, field, tooLong);
  }
}

/** A character that no JSON reader takes would have the whole call refused. */
const readable = (text: string): string => trimmed(text.replaceAll('\0', '').toWellFormed());

function fitBoolean(value: string | number | boolean): Fit {
  if (typeof value === 'boolean') return fits(value);
  const text = trimmed(String(value)).toLowerCase();
  if (text === 'true' || text === '1') return fits(true);
  if (text === 'false' || text === '0') return fits(false);
  return wrongKind('true or false');
}
