import { type Fit, fits, unfit, wrongKind } from './fit.ts';

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;
const timePattern = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?Z?$/;

/** Salesforce keeps days of these years. Source: SOAP API Developer Guide, "Primitive Data Types", date. */
const [firstYear, lastYear] = ['1700', '4000'];
const outOfRange = unfit('value_out_of_range', `a day of the years ${firstYear} to ${lastYear}`);
const isKept = (isoText: string): boolean =>
  isoText.slice(0, 4) >= firstYear && isoText.slice(0, 4) <= lastYear;

export function fitDay(given: string): Fit {
  const text = given.trim();
  if (!isDay(text)) return wrongKind('a day (YYYY-MM-DD)');
  return isKept(text) ? fits(text) : outOfRange;
}

/** An instant in UTC, without fractions of a second, which Salesforce drops. */
export function fitInstant(given: string): Fit {
  const instant = parseInstant(given.trim());
  if (instant === undefined) return wrongKind('an instant with its offset (ISO 8601)');
  const text = new Date(instant).toISOString();
  return isKept(text) ? fits(text) : outOfRange;
}

/** A time of day, of no zone. */
export function fitTime(given: string): Fit {
  const text = given.trim();
  return timePattern.test(text) ? fits(canonicalTime(text)) : wrongKind('a time of day (HH:MM:SS)');
}

export const canonicalTime = (text: string): string => {
  const [clock = '', fraction = ''] = text.replace(/Z$/, '').split('.');
  return `${clock.length === 5 ? `${clock}:00` : clock}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
};

/** Epoch milliseconds in whole seconds. */
export function parseInstant(text: string): number | undefined {
  if (!instantPattern.test(text) || !isDay(text.slice(0, 10))) return undefined;
  // Salesforce writes +0000, which ECMAScript reads only with a colon.
  const ms = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1_000) * 1_000;
}

function isDay(text: string): boolean {
  if (!dayPattern.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
