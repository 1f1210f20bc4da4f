/** A span of days as epoch milliseconds: from `start`, up to but without `end`. */
export interface InstantRange {
  readonly start: number;
  readonly end: number;
}

type Unit = 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR';

const dayMs = 86_400_000;
const maxCount = 9_999;
const monthsIn: Partial<Record<Unit, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12 };
const namedDays: ReadonlyMap<string, readonly [first: number, days: number]> = new Map([
  ['YESTERDAY', [-1, 1]],
  ['TODAY', [0, 1]],
  ['TOMORROW', [1, 1]],
  ['LAST_90_DAYS', [-90, 91]],
  ['NEXT_90_DAYS', [1, 90]],
]);
const pattern =
  /^(?:(THIS|LAST|NEXT)|(LAST_N|NEXT_N|N))_(?:FISCAL_)?(DAY|WEEK|MONTH|QUARTER|YEAR)(S)?(_AGO)?(?::(\d{1,9}))?$/;

/**
 * The days a date literal such as `LAST_N_DAYS:7` stands for at this moment, in UTC; undefined when it is none.
 * Weeks begin on Sunday and fiscal years with the calendar's, as in an org of locale en_US that sets nothing else.
 * Source: "Date Formats and Date Literals in WHERE", SOQL and SOSL Reference.
 */
export function dateLiteralRange(literal: string, now: number): InstantRange | undefined {
  const text = literal.toUpperCase();
  const today = Math.floor(now / dayMs) * dayMs;
  const days = namedDays.get(text);
  if (days !== undefined) {
    const start = today + days[0] * dayMs;
    return { start, end: start + days[1] * dayMs };
  }
  const [, plain, counted, unitName, plural, ago, digits] = pattern.exec(text) ?? [];
  const unit = unitsByName.get(unitName ?? '');
  if (unit === undefined) return undefined;
  if (plain !== undefined) {
    if (plural !== undefined || ago !== undefined || digits !== undefined || unit === 'DAY') return undefined;
    const first = plain === 'THIS' ? 0 : plain === 'LAST' ? -1 : 1;
    return unitRange(today, unit, first, 1);
  }
  const count = Number(digits);
  if (plural === undefined || digits === undefined || count > maxCount) return undefined;
  if (counted === 'N') return ago === undefined ? undefined : unitRange(today, unit, -count, 1);
  if (ago !== undefined) return undefined;
  if (counted === 'NEXT_N') return unitRange(today, unit, 1, count);
  // The last n days include the day that is running; the last n weeks, months and so on do not.
  return unitRange(today, unit, -count, unit === 'DAY' ? count + 1 : count);
}

const unitsByName: ReadonlyMap<string, Unit> = new Map(
  (['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'] as const).map((unit) => [unit, unit]),
);

/** `count` units, the first of them `first` units away from the one that holds today. */
function unitRange(today: number, unit: Unit, first: number, count: number): InstantRange {
  const months = monthsIn[unit];
  if (months === undefined) {
    const step = unit === 'WEEK' ? 7 * dayMs : dayMs;
    const current = unit === 'WEEK' ? today - new Date(today).getUTCDay() * dayMs : today;
    return { start: current + first * step, end: current + (first + count) * step };
  }
  const date = new Date(today);
  const month = Math.floor(date.getUTCMonth() / months) * months;
  const startOf = (units: number): number => Date.UTC(date.getUTCFullYear(), month + units * months, 1);
  return { start: startOf(first), end: startOf(first + count) };
}
