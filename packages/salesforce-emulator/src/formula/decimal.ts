import { EvaluationFault } from './evaluation.ts';

/**
 * Salesforce calculates with decimals of 39 digits and rounds to 32 places where a value is compared or handed to
 * a function. This emulator calculates with doubles and rounds to the 15 digits they are sure of at those same
 * places: 0.1 + 0.2 is 0.3, and 1 / 9 * 9 is 1.
 */
export const decimal = (value: number): number =>
  Number.isInteger(value) ? value : Number(value.toPrecision(15));

/** The number without its fraction, after `decimal`. */
export const whole = (value: number): number => Math.trunc(decimal(value));

/** The result of a calculation. Throws an `EvaluationFault` when it is no number. */
export function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new EvaluationFault('The result is not a number');
}

/** Rounds half away from zero; negative digits round before the point. */
export function roundHalfUp(value: number, digits: number): number {
  return scaled(value, digits, Math.round);
}

/** Cuts digits off, towards zero. */
export function truncateTo(value: number, digits: number): number {
  return scaled(value, digits, Math.floor);
}

function scaled(value: number, digits: number, round: (magnitude: number) => number): number {
  const places = whole(digits);
  if (places > 15) return value;
  if (places < -300) return 0;
  const factor = 10 ** Math.abs(places);
  const magnitude = Math.abs(decimal(value));
  const rounded =
    places < 0 ? round(decimal(magnitude / factor)) * factor : round(decimal(magnitude * factor)) / factor;
  return Math.sign(value) * rounded + 0;
}

/** The digits of a number without an exponent: `1e21` is `1000000000000000000000`. */
export function plainDigits(value: number): string {
  const text = String(Math.abs(decimal(value)));
  const match = /^(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  const sign = value < 0 ? '-' : '';
  if (match === null) return sign + text;
  const digits = `${match[1]}${match[2] ?? ''}`;
  const exponent = Number(match[3]);
  return exponent < 0
    ? `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
    : sign + digits.padEnd(exponent + 1, '0');
}

const numberPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,9})?$/;

/** The number a text is, in the notation of Java's `BigDecimal`; undefined for any other text. */
export function parseDecimal(text: string): number | undefined {
  return numberPattern.test(text) ? finite(Number(text)) : undefined;
}
