import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDate, isDateTime } from './date-formats.ts';

test('every day there is, and its instants, are accepted', () => {
  const days = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(days, (instant) => {
      const iso = instant.toISOString();
      expect(isDateTime(iso)).toBe(true);
      expect(isDate(iso.slice(0, 10))).toBe(true);
    }),
  );
});

test('what is accepted is what JavaScript reads', () => {
  const part = fc.integer({ min: 0, max: 99 }).map((value) => String(value).padStart(2, '0'));
  fc.assert(
    fc.property(fc.tuple(part, part, part, part, part, part), ([year, month, day, hour, minute, second]) => {
      const value = `20${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
      if (isDateTime(value)) expect(new Date(value).toISOString().slice(0, 19)).toBe(value.slice(0, 19));
    }),
    { numRuns: 2_000 },
  );
});

test.each(['2023-02-29', '1900-02-29', '2024-13-01', '2024-00-10', '0000-01-01', '2024-1-1', '01.02.2024'])(
  '%s is no day',
  (value) => expect(isDate(value)).toBe(false),
);

test.each([
  '2024-01-01',
  '2024-01-01T10:00:00',
  '2024-01-01 10:00:00Z',
  '2024-01-01T24:00:00Z',
  '2016-12-31T23:59:60Z',
  '2024-01-01T10:00:00+25:00',
  '2024-02-30T10:00:00Z',
])('%s is no instant', (value) => expect(isDateTime(value)).toBe(false));
