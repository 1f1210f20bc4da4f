import {
  addMonths,
  dateOf,
  dateOfInstant,
  dayMs,
  dayOf,
  instant,
  instantOfDate,
  monthOf,
  weekdayOf,
  yearOf,
} from '../calendar.ts';
import { argument, illegalArgument, requireCount, requireType } from '../call-check.ts';
import { whole } from '../decimal.ts';
import { EvaluationFault } from '../evaluation.ts';
import type { FormulaValue } from '../formula-type.ts';
import { strict } from '../strict-function.ts';
import type { FunctionRule, FunctionRules } from '../term.ts';

function makeDate(year: number, month: number, day: number): string {
  if (!(year >= 1 && year < 10_000)) throw new EvaluationFault('Year out of range in DATE() function');
  const date = dateOf(whole(year), whole(month), whole(day));
  if (date === undefined) throw new EvaluationFault('Month or Day out of range in DATE() function');
  return date;
}

function parseDate(text: string): string {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})/.exec(text);
  const date = match === null ? undefined : dateOf(Number(match[1]), Number(match[2]), Number(match[3]));
  if (date === undefined || date < '0001') throw new EvaluationFault('Invalid date for DATEVALUE function');
  return date;
}

function parseInstant(text: string): number {
  const match = /^\d{4}-\d{1,2}-\d{1,2} (\d{1,2}):(\d{1,2}):(\d{1,2})/.exec(text);
  const [hour, minute, second] = (match ?? []).slice(1).map(Number);
  if (
    hour === undefined ||
    minute === undefined ||
    second === undefined ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  )
    throw new EvaluationFault('Invalid date/time for DATETIMEVALUE function');
  return instantOfDate(parseDate(text)) + ((hour * 60 + minute) * 60 + second) * 1000;
}

/** A conversion from one of these types, by the value's own form: instants are numbers, dates and texts are not. */
const conversion =
  (
    types: readonly ('text' | 'date' | 'datetime')[],
    result: 'date' | 'datetime',
    convert: (value: string | number, type: string) => FormulaValue,
  ): FunctionRule =>
  (call) => {
    requireCount(call, 1);
    const { type, run } = argument(call, 0);
    if (type === 'boolean' || type === 'number') throw illegalArgument(call);
    requireType(call, 0, ...types);
    return {
      type: result,
      run: (context) => {
        const value = run(context);
        return value === null || typeof value === 'boolean' ? null : convert(value, type);
      },
    };
  };

const shiftMonths: FunctionRule = (call) => {
  requireCount(call, 2);
  const { type } = argument(call, 0);
  const run = requireType(call, 0, 'date', 'datetime');
  const months = requireType(call, 1, 'number');
  return {
    type: type === 'datetime' ? 'datetime' : 'date',
    run: (context) => {
      const start = run(context);
      const count = months(context);
      if (typeof count !== 'number') return null;
      if (typeof start === 'string') return addMonths(start, count);
      if (typeof start !== 'number') return null;
      const timeOfDay = ((start % dayMs) + dayMs) % dayMs;
      return instant(instantOfDate(addMonths(dateOfInstant(start), count)) + timeOfDay);
    },
  };
};

/** All in UTC, the time zone of the emulator's users. */
export const dateFunctions: FunctionRules = {
  ADDMONTHS: shiftMonths,
  DATE: strict(['number', 'number', 'number'], 'date', makeDate),
  DATETIMEVALUE: conversion(['datetime', 'date', 'text'], 'datetime', (value, type) =>
    typeof value === 'number' ? value : type === 'date' ? instantOfDate(value) : parseInstant(value),
  ),
  DATEVALUE: conversion(['datetime', 'text'], 'date', (value) =>
    typeof value === 'number' ? dateOfInstant(value) : parseDate(value),
  ),
  DAY: strict(['date'], 'number', dayOf),
  MONTH: strict(['date'], 'number', monthOf),
  NOW: (call) => {
    requireCount(call, 0);
    return { type: 'datetime', run: ({ now }) => now };
  },
  TODAY: (call) => {
    requireCount(call, 0);
    return { type: 'date', run: ({ now }) => dateOfInstant(now) };
  },
  WEEKDAY: strict(['date'], 'number', weekdayOf),
  YEAR: strict(['date'], 'number', yearOf),
};
