import type { FieldType } from '../schema/field.ts';

/** A SOQL date function: what it makes of a field, and the SQL that does it. All days are days in UTC. */
export interface DateFunction {
  readonly type: 'int' | 'date';
  readonly accepts: readonly FieldType[];
  /** `time` is the argument list of SQLite's date functions that names the moment. */
  readonly sql: (time: string) => string;
}

const days: readonly FieldType[] = ['date', 'datetime'];
const number = (format: string, time: string): string => `cast(strftime('${format}', ${time}) as integer)`;
const part = (format: string, adjust = ''): DateFunction => ({
  type: 'int',
  accepts: days,
  sql: (time) => `(${number(format, time)}${adjust})`,
});
const month = part('%m');
const quarter: DateFunction = { ...month, sql: (time) => `((${number('%m', time)} + 2) / 3)` };

/** By upper-case name; fiscal years are calendar years. Source: "Date Functions", SOQL and SOSL Reference. */
export const dateFunctions: ReadonlyMap<string, DateFunction> = new Map<string, DateFunction>([
  ['CALENDAR_MONTH', month],
  ['CALENDAR_QUARTER', quarter],
  ['CALENDAR_YEAR', part('%Y')],
  ['FISCAL_MONTH', month],
  ['FISCAL_QUARTER', quarter],
  ['FISCAL_YEAR', part('%Y')],
  ['DAY_IN_MONTH', part('%d')],
  ['DAY_IN_WEEK', part('%w', ' + 1')],
  ['DAY_IN_YEAR', part('%j')],
  ['WEEK_IN_MONTH', { ...month, sql: (time) => `((${number('%d', time)} + 6) / 7)` }],
  ['WEEK_IN_YEAR', { ...month, sql: (time) => `((${number('%j', time)} + 6) / 7)` }],
  ['HOUR_IN_DAY', { type: 'int', accepts: ['datetime'], sql: (time) => number('%H', time) }],
  ['DAY_ONLY', { type: 'date', accepts: ['datetime'], sql: (time) => `date(${time})` }],
]);

/** The moment a column holds, as SQLite's date functions want it. */
export const sqlTime = (type: FieldType, column: string): string =>
  type === 'datetime' ? `${column} / 1000, 'unixepoch'` : column;
