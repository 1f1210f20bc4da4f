import type { TimeUnit } from '../syntax/ast.ts';
import type { Shift } from './value.ts';

export const dayMs = 86_400_000;
/** 1970-01-05, the first Monday: weeks begin on Mondays (ISO 8601). */
const firstMonday = 4 * dayMs;

const fixed: Partial<Record<TimeUnit, number>> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: dayMs,
  week: 7 * dayMs,
};
const months: Partial<Record<TimeUnit, number>> = {
  month: 1,
  year: 12,
  decade: 120,
  century: 1_200,
  millennium: 12_000,
};

/** Whether a unit is as long as the calendar has it. */
export const isCalendarUnit = (unit: TimeUnit): boolean => fixed[unit] === undefined;

/** The last instant that the calendar has, about the year 275,760; the first lies as far before 1970. */
const farthest = 8.64e15;

/** Whether the calendar has a time; offsets can lead beyond it. */
export const isOnCalendar = (time: number): boolean => Math.abs(time) <= farthest;

/**
 * A time some units later (before, where negative). Months and more are added on the calendar in UTC; a day that the
 * month does not have becomes its last. What lies beyond the calendar stays there.
 */
export function addUnits(time: number, { amount, unit }: Shift): number {
  const length = fixed[unit];
  if (length !== undefined) return time + amount * length;
  if (!isOnCalendar(time)) return time;
  const at = new Date(time);
  const month = at.getUTCFullYear() * 12 + at.getUTCMonth() + amount * (months[unit] ?? 0);
  const [year, ofYear] = [Math.floor(month / 12), ((month % 12) + 12) % 12];
  const day = Math.min(at.getUTCDate(), daysIn(year, ofYear));
  return utc(year, ofYear, day) + (((time % dayMs) + dayMs) % dayMs);
}

/** `Date.UTC` takes the years 0 to 99 for those of the last century. */
function utc(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  const time = date.getTime();
  return Number.isNaN(time) ? (year > 0 ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER) : time;
}

const daysIn = (year: number, month: number): number => new Date(utc(year, month + 1, 0)).getUTCDate() || 28;

/** The beginning of the calendar unit (UTC) that holds a time; of one beyond the calendar itself. */
export function beginOf(time: number, unit: TimeUnit): number {
  const length = fixed[unit];
  if (length !== undefined) {
    const origin = unit === 'week' ? firstMonday : 0;
    return Math.floor((time - origin) / length) * length + origin;
  }
  if (!isOnCalendar(time)) return time;
  const at = new Date(time);
  const size = months[unit] ?? 1;
  const month = Math.floor((at.getUTCFullYear() * 12 + at.getUTCMonth()) / size) * size;
  return utc(Math.floor(month / 12), ((month % 12) + 12) % 12, 1);
}

/**
 * How long from now on what moves in these steps from `now` moves as fast as `now` itself: it jumps where a day begins
 * before months are added, since the days that a month does not have become its last. Infinity without months.
 */
export function untilJump(now: number, shifts: readonly Shift[]): number {
  let [at, least] = [now, Number.POSITIVE_INFINITY];
  for (const shift of shifts) {
    if (isCalendarUnit(shift.unit)) least = Math.min(least, beginOf(at, 'day') + dayMs - at);
    at = addUnits(at, shift);
  }
  return least;
}

/** The beginning of the unit after the one that begins at a time. */
export const endOf = (begin: number, unit: TimeUnit): number => addUnits(begin, { amount: 1, unit });
