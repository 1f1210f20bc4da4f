import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addMonths, dateOf, dateOfDayNumber, dayMs, dayNumber, weekdayOf } from './calendar.ts';
import { EvaluationFault } from './evaluation.ts';

const firstDay = dayNumber('0001-01-01');
const lastDay = dayNumber('9999-12-31');
const days = fc.integer({ min: firstDay, max: lastDay });

describe('calendar', () => {
  it('counts days as Date does, both ways', () => {
    fc.assert(
      fc.property(days, (day) => {
        const date = new Date(day * dayMs).toISOString().slice(0, 10);
        expect(dateOfDayNumber(day)).toBe(date);
        expect(dayNumber(date)).toBe(day);
        expect(weekdayOf(date)).toBe(new Date(day * dayMs).getUTCDay() + 1);
      }),
    );
  });

  it('ends with the years 1 and 9999', () => {
    expect(() => dateOfDayNumber(firstDay - 1)).toThrow(EvaluationFault);
    expect(() => dateOfDayNumber(lastDay + 1)).toThrow(EvaluationFault);
    expect(() => addMonths('9999-12-01', 1)).toThrow(EvaluationFault);
    expect(() => addMonths('0001-01-31', -1)).toThrow(EvaluationFault);
  });

  it('knows the days of each month', () => {
    expect(dateOf(2000, 2, 29)).toBe('2000-02-29');
    expect([dateOf(1900, 2, 29), dateOf(2026, 4, 31), dateOf(2026, 13, 1), dateOf(2026, 1, 0)]).toEqual(
      Array(4).fill(undefined),
    );
  });
});
