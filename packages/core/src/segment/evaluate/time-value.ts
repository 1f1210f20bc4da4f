const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const instantPattern = /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Characters of a time: more digits of a second than this has room for are no time. */
const longest = 100;

/** A day in the form of an XDM date, `YYYY-MM-DD`. */
export const writeDay = (year: number, month: number, day: number): string =>
  `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;

/** Whether the calendar has this day; years 1 to 9999. */
export function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (lengths[month - 1] ?? 0);
}

/** Whether a text that says a time says a whole day. */
export const isDayText = (text: string): boolean => text.length === 10;

/** What a text says as a point in time: a real day, an RFC 3339 instant, or neither. */
export function timeKind(text: string): 'date' | 'instant' | undefined {
  if (readTime(text) === undefined) return undefined;
  return isDayText(text) ? 'date' : 'instant';
}

/**
 * Milliseconds since 1970 of an XDM date (the start of the day in UTC) or date-time; finer fractions are cut
 * off. Undefined for any other text: `Date.parse` alone would read local times, prose, 30 February and 24 o'clock.
 */
export function readTime(text: string): number | undefined {
  if (text.length > longest) return undefined;
  if (!dayPattern.test(text) && !instantPattern.test(text)) return undefined;
  const [year, dayOfMonth] = [Number(text.slice(0, 4)), Number(text.slice(8, 10))];
  if ((year < 1 || dayOfMonth > 28) && !isDay(year, Number(text.slice(5, 7)), dayOfMonth)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
