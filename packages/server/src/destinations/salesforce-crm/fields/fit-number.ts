import { type Fit, fits, unfit, wrongKind } from './fit.ts';
import type { FieldDescription } from './object-description.ts';

export const numberTypes: ReadonlySet<string> = new Set(['int', 'double', 'currency', 'percent']);
type NumberField = Pick<FieldDescription, 'type' | 'precision' | 'scale' | 'digits'>;

const decimalPattern = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** A number rounded to the scale of its field, as Salesforce rounds it; one with too many digits does not fit. */
export function fitNumber(given: string | number | boolean, field: NumberField): Fit {
  const isWhole = field.type === 'int';
  const expected = isWhole ? 'a whole number' : 'a number';
  const text = typeof given === 'boolean' ? '' : String(given).trim();
  const number = Number(text);
  if (!decimalPattern.test(text) || !Number.isFinite(number)) return wrongKind(expected);
  if (isWhole && !Number.isInteger(number)) return wrongKind(expected);
  // Two long numbers, say of customers, must not become one.
  if (/^[+-]?\d+$/.test(text) && BigInt(text) !== BigInt(number))
    return unfit('value_out_of_range', `${expected} of at most 15 digits`);
  const scale = isWhole ? 0 : field.scale;
  const rounded = roundHalfUp(number, scale);
  const digits = isWhole ? field.digits : field.precision - scale;
  if (digits > 0 && Math.abs(rounded) >= 10 ** digits)
    return unfit('value_out_of_range', `${expected} of at most ${digits} digits before the point`);
  return fits(rounded);
}

/** Half away from zero, on the decimal digits, as Salesforce rounds to the scale of a field. */
export function roundHalfUp(value: number, scale: number): number {
  const rounded = Number(`${Math.round(Number(`${Math.abs(value)}e${scale}`))}e-${scale}`);
  return Number.isNaN(rounded) ? value : Math.sign(value) * rounded || 0;
}
