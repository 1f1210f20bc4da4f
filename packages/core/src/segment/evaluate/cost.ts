import { countStep, countSteps, type Run } from './run.ts';
import { isAbsent, isList, MapEntry, sizeOf, TimeValue, type Value } from './value.ts';

/*
 * What work is worth in steps of a fifth of a microsecond, measured with the worst values of each kind.
 * It depends on nothing but the values, so that a rule ends at the same place wherever it is evaluated.
 */

/** Texts that are read once: compared, or cut. */
export const countText = (run: Run, length: number): void => countSteps(run, length >> 6);

/** Texts put into the form that is the same in any case. */
export const countFolding = (run: Run, length: number): void => countSteps(run, length >> 3);

/** Numbers that are computed with as decimals, and the digits between them. */
export const countDecimal = (run: Run, digits = 0): void => countSteps(run, 16 + (digits >> 3));

/** Characters of a text that V8 looks for with a bounded table of skips; beyond, the text is compared again and again. */
const tableLength = 250;

/** A text looked for within another. */
export function countSearch(run: Run, text: string, part: string): void {
  const again = Math.max(0, Math.min(part.length, text.length) - tableLength);
  countSteps(run, (text.length >> 6) + ((text.length * again) >>> 9));
}

/** A regular expression of so many instructions looked for in a text: each can be tried at each character. */
export const countPattern = (run: Run, length: number, size: number): void =>
  countSteps(run, Math.ceil((length * size) / 4));

/** The entries of a map or group, which are listed to be gone through; of a list they are there. */
export function countEntries(run: Run, value: Value): void {
  if (!isList(value)) countSteps(run, 3 * sizeOf(value));
}

/** Whether there is nothing: absent, null, or empty; the entries of a group are listed to know. */
export function isNothing(run: Run, value: Value): boolean {
  if (typeof value !== 'object' || value === null) return value === undefined || value === null;
  countEntries(run, value);
  return isAbsent(value);
}

/** A time read from text, and put beside another on the calendar. */
export const countTime = (run: Run): void => countSteps(run, 3);

/** A value with all that is in it, to be compared or written out. */
export function countValue(run: Run, value: Value): void {
  countStep(run);
  if (typeof value === 'string') countSteps(run, value.length >> 4);
  if (typeof value !== 'object' || value === null || value instanceof TimeValue) return;
  if (value instanceof MapEntry) countValue(run, value.value);
  else if (value instanceof Map) for (const inner of value.values()) countValue(run, inner);
  else if (isList(value)) for (const inner of value) countValue(run, inner);
  else
    for (const key of Object.keys(value)) {
      countSteps(run, 2);
      countValue(run, (value as Record<string, Value>)[key]);
    }
}
