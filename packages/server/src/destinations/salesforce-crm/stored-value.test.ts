import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isStoredEqual, toStoredValue } from './stored-value.ts';

const ok = (value: string | number | boolean | null) => ({ kind: 'value', value });

describe('a value in the kind its field takes', () => {
  test.each([
    ['  Ada ', 'string', ok('Ada')],
    [' ADA@Example.COM ', 'email', ok('ada@example.com')],
    ['+49 (170) 12-34', 'phone', ok('+49 (170) 12-34')],
    [10_115, 'string', ok('10115')],
    [true, 'string', ok('true')],
    ['\ud800x', 'string', ok('\ufffdx')],
    [null, 'string', ok(null)],
    ['', 'string', { kind: 'blank' }],
    [' \t\u00a0', 'string', { kind: 'blank' }],
    ['true', 'boolean', ok(true)],
    [0, 'boolean', ok(false)],
    ['12.50', 'currency', ok(12.5)],
    [' -3 ', 'int', ok(-3)],
    ['1980-02-29', 'date', ok('1980-02-29')],
    ['2026-09-22T10:15:00.987+02:00', 'datetime', ok('2026-09-22T08:15:00.000Z')],
    ['A;B', 'multipicklist', ok('A;B')],
  ])('%j as %s', (value, type, expected) => {
    expect(toStoredValue(value, type)).toEqual(expected);
  });

  test.each([
    ['yes', 'boolean'],
    ['twelve', 'double'],
    ['0x10', 'int'],
    ['1.5', 'int'],
    [true, 'double'],
    [Number.NaN, 'double'],
    [Number.POSITIVE_INFINITY, 'string'],
    ['1e999', 'double'],
    ['1981-02-29', 'date'],
    ['22.9.1981', 'date'],
    ['2026-09-22T10:15:00Z', 'date'],
    ['2026-09-22', 'datetime'],
    ['2026-09-22T10:15:00', 'datetime'],
    ['2026-09-31T10:15:00Z', 'datetime'],
  ])('%j is no %s', (value, type) => {
    expect(toStoredValue(value, type).kind).toBe('wrong_kind');
  });
});

describe('what is held equals what was sent', () => {
  test.each([
    ['ada@example.com', 'ADA@example.com ', 'email', 0, true],
    ['ada@example.com', 'eva@example.com', 'email', 0, false],
    ['Ada', 'ada', 'string', 0, false],
    ['Ada', ' Ada', 'string', 0, true],
    [null, '', 'string', 0, true],
    [null, undefined, 'string', 0, true],
    ['', null, 'string', 0, true],
    ['Ada', null, 'string', 0, false],
    ['a\nb', 'a\r\nb', 'textarea', 0, true],
    [false, null, 'boolean', 0, true],
    [true, null, 'boolean', 0, false],
    [1.005, 1.01, 'currency', 2, true],
    [-2.5, -3, 'double', 0, true],
    [12, '12', 'int', 0, true],
    [12, 13, 'int', 0, false],
    [0, null, 'int', 0, false],
    ['0015e00000AbCdE', '0015e00000AbCdEAAT', 'reference', 0, true],
    ['0015e00000AbCdE', '0015e00000AbCdeAAT', 'reference', 0, false],
    ['2026-09-22T08:15:00.000Z', '2026-09-22T08:15:00.000+0000', 'datetime', 0, true],
    ['2026-09-22T08:15:00.000Z', '2026-09-22T08:15:01.000+0000', 'datetime', 0, false],
    ['1980-02-29', '1980-02-29', 'date', 0, true],
    ['B;A', 'A;B', 'multipicklist', 0, true],
    ['A;B', 'A;C', 'multipicklist', 0, false],
  ])('%j and %j as %s (scale %i): %s', (sent, held, type, scale, expected) => {
    expect(isStoredEqual(sent, held, { type, scale })).toBe(expected);
  });

  test('every value equals itself as it was prepared, and preparing twice changes nothing', () => {
    const type = fc.constantFrom('string', 'email', 'textarea', 'phone', 'boolean', 'double', 'int', 'date');
    const value = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.integer());
    fc.assert(
      fc.property(value, type, (given, kind) => {
        const once = toStoredValue(given, kind);
        if (once.kind !== 'value') return;
        expect(toStoredValue(once.value, kind)).toEqual(once);
        expect(isStoredEqual(once.value, once.value, { type: kind, scale: 2 })).toBe(true);
      }),
    );
  });
});
