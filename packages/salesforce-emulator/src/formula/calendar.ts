import { EvaluationFault } from './evaluation.ts';

/** Milliseconds of a day. */
export const dayMs = 86_400_000;

const firstInstant = Date.parse('0001-01-01T00:00:00.000Z');
const lastInstant = Date.parse('9999-12-31T23:59:59.999Z');

/** The instant itself, in epoch milliseconds. Throws an `EvaluationFault` outside the years 1 to 9999. */
export function instant(epochMs: number): number {
  if (epochMs >= firstInstant && epochMs <= lastInstant) return epochMs;
  throw new EvaluationFault('The date is out of range');
}

/** Days from 1970-01-01 to a date; by arithmetic, since a `Date` for each record is ten times as slow. */
export function dayNumber(date: string): number {
  // Years begin in March, so that the leap day is the last of its year, and repeat after 400 of them.
  const month = (monthOf(date) + 9) % 12;
  const year = yearOf(date) - (month > 9 ? 1 : 0);
  const leapDays = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
  return year * 365 + leapDays + Math.floor((month * 153 + 2) / 5) + dayOf(date) - 1 - 719_468;
}

/** The date this many days after 1970-01-01. Throws an `EvaluationFault` outside the years 1 to 9999. */
export function dateOfDayNumber(days: number): string {
  instant(days * dayMs);
  const day = days + 719_468;
  const era = Math.floor(day / 146_097);
  const dayOfEra = day - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month = Math.floor((dayOfYear * 5 + 2) / 153);
  const year = era * 400 + yearOfEra + (month > 9 ? 1 : 0);
  return isoDate(year, ((month + 2) % 12) + 1, dayOfYear - Math.floor((month * 153 + 2) / 5) + 1);
}

/** The UTC date of an instant, as `YYYY-MM-DD`. */
export const dateOfInstant = (epochMs: number): string => dateOfDayNumber(Math.floor(epochMs / dayMs));

/** Midnight UTC at the start of a `YYYY-MM-DD` date, in epoch milliseconds. */
export const instantOfDate = (date: string): number => dayNumber(date) * dayMs;

const isoDate = (year: number, month: number, day: number): string =>
  `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)}`;

const twoDigits = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** The date of a year, month and day, or undefined when there is none. */
export function dateOf(year: number, month: number, day: number): string | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  return isoDate(year, month, day);
}

export const yearOf = (date: string): number => Number(date.slice(0, 4));
export const monthOf = (date: string): number => Number(date.slice(5, 7));
export const dayOf = (date: string): number => Number(date.slice(8, 10));

/** 1 for Sunday to 7 for Saturday. */
export const weekdayOf = (date: string): number => ((((dayNumber(date) + 4) % 7) + 7) % 7) + 1;

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * The date some months later. The last day of a month stays the last day; a day the new month lacks becomes its
 * last one: 31 January and 30 January plus one are 28 February, 28 February plus one is 31 March.
 */
export function addMonths(date: string, months: number): string {
  const total = yearOf(date) * 12 + (monthOf(date) - 1) + Math.trunc(months);
  const year = Math.floor(total / 12);
  const month = total - year * 12 + 1;
  if (!(year >= 1 && year <= 9999)) throw new EvaluationFault('The date is out of range');
  const last = daysInMonth(year, month);
  const wasLast = dayOf(date) === daysInMonth(yearOf(date), monthOf(date));
  return dateOf(year, month, wasLast ? last : Math.min(dayOf(date), last)) ?? date;
}
