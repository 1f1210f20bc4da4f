import { describe, expect, test } from 'vitest';
import { choices, describedAs } from './describe.fixture.ts';
import { fitValue } from './fit-value.ts';

const ok = (value: string | number | boolean | null) => ({ kind: 'value', value });
const text = { length: 40 };
const money = { length: 0, precision: 6, scale: 2 };
const gold = {
  length: 20,
  restricted: true,
  restrictedPicklist: true,
  ...choices('gold', ['slv', 'Silver']),
};
const open = { length: 20, ...choices('gold') };
const retired = {
  length: 20,
  restrictedPicklist: true,
  picklistValues: [{ value: 'old', label: 'Old', active: false }],
};
const street = { length: 9, compoundFieldName: 'MailingAddress' };
const toUser = { length: 18, referenceTo: ['User'] };
const id15 = '0035500001H9cak';

describe('a value in the form its field takes', () => {
  test.each([
    ['  Ada ', 'string', text, ok('Ada')],
    [' ADA@Example.COM ', 'email', text, ok('ada@example.com')],
    [' +49 (170) 12-34', 'phone', text, ok('+49 (170) 12-34')],
    [' https://a.example/?b=C ', 'url', text, ok('https://a.example/?b=C')],
    [10_115, 'string', text, ok('10115')],
    [true, 'string', text, ok('true')],
    ['\ud800x', 'string', text, ok('\ufffdx')],
    ['\u0011 a\u0007', 'string', text, ok('a')],
    ['a\0b\0', 'string', text, ok('ab')],
    ['\0 ', 'string', text, { kind: 'blank' }],
    ['\ud800x', 'picklist', open, ok('\ufffdx')],
    ['a\r\nb\rc', 'textarea', text, ok('a\nb\nc')],
    [null, 'string', text, ok(null)],
    [null, 'boolean', text, { kind: 'blank' }],
    ['', 'string', text, { kind: 'blank' }],
    [' \t\u00a0', 'string', text, { kind: 'blank' }],
    ['true', 'boolean', {}, ok(true)],
    [0, 'boolean', {}, ok(false)],
    ['12.50', 'currency', money, ok(12.5)],
    ['1.005', 'currency', money, ok(1.01)],
    [-2.345, 'double', money, ok(-2.35)],
    [9_999.994, 'percent', money, ok(9_999.99)],
    [' -3 ', 'int', { digits: 8 }, ok(-3)],
    ['+3', 'int', { digits: 8 }, ok(3)],
    ['1980-02-29', 'date', {}, ok('1980-02-29')],
    ['2026-09-22T10:15:00.987+02:00', 'datetime', {}, ok('2026-09-22T08:15:00.000Z')],
    ['2026-09-22T10:15:00-0330', 'datetime', {}, ok('2026-09-22T13:45:00.000Z')],
    ['08:15', 'time', {}, ok('08:15:00.000Z')],
    ['08:15:30.5Z', 'time', {}, ok('08:15:30.500Z')],
    ['GOLD', 'picklist', gold, ok('gold')],
    ['Silver', 'picklist', gold, ok('slv')],
    [' other ', 'picklist', open, ok('other')],
    ['silver; gold;;GOLD', 'multipicklist', gold, ok('gold;slv')],
    [' ; ', 'multipicklist', gold, { kind: 'blank' }],
    ['b;gold;a', 'multipicklist', open, ok('gold;a;b')],
    [id15, 'reference', { referenceTo: ['Contact'] }, ok(`${id15}AAB`)],
    [`${id15}AAB`.toUpperCase(), 'reference', {}, ok(`${id15}AAB`)],
  ])('%j as %s %j', (value, type, more, expected) => {
    expect(fitValue(value, describedAs(type, more), 'exclude')).toEqual(expected);
  });

  test.each([
    ['yes', 'boolean', {}, 'value_not_sendable'],
    ['twelve', 'double', {}, 'value_not_sendable'],
    ['0x10', 'int', {}, 'value_not_sendable'],
    ['1.5', 'int', {}, 'value_not_sendable'],
    [true, 'double', {}, 'value_not_sendable'],
    [Number.NaN, 'double', {}, 'value_not_sendable'],
    [Number.POSITIVE_INFINITY, 'string', {}, 'value_not_sendable'],
    ['1e999', 'double', {}, 'value_not_sendable'],
    ['1981-02-29', 'date', {}, 'value_not_sendable'],
    ['22.9.1981', 'date', {}, 'value_not_sendable'],
    ['2026-09-22T10:15:00Z', 'date', {}, 'value_not_sendable'],
    ['2026-09-22', 'datetime', {}, 'value_not_sendable'],
    ['2026-09-22T10:15:00', 'datetime', {}, 'value_not_sendable'],
    ['2026-09-31T10:15:00Z', 'datetime', {}, 'value_not_sendable'],
    ['25:00', 'time', {}, 'value_not_sendable'],
    [id15, 'reference', toUser, 'value_not_sendable'],
    [`${id15}AAA`, 'reference', {}, 'value_not_sendable'],
    ['acme', 'reference', {}, 'value_not_sendable'],
    [10_000, 'currency', money, 'value_out_of_range'],
    [9_999.995, 'currency', money, 'value_out_of_range'],
    ['123456789', 'int', { digits: 8 }, 'value_out_of_range'],
    ['9007199254740993', 'double', { precision: 18 }, 'value_out_of_range'],
    ['1699-12-31', 'date', {}, 'value_out_of_range'],
    ['4001-01-01T00:00:00Z', 'datetime', {}, 'value_out_of_range'],
    ['bronze', 'picklist', gold, 'value_not_in_picklist'],
    ['Old', 'picklist', retired, 'value_not_in_picklist'],
    ['gold;bronze', 'multipicklist', gold, 'value_not_in_picklist'],
    ['x'.repeat(21), 'picklist', open, 'value_too_long'],
    ['x'.repeat(41), 'string', text, 'value_too_long'],
    ['x'.repeat(41), 'phone', text, 'value_too_long'],
    // The end of a line counts as two, but in an address as one.
    ['12345678\n0', 'textarea', { length: 10 }, 'value_too_long'],
    ['12345678\n0', 'textarea', street, 'value_too_long'],
    ['ab'.repeat(16), 'email', text, 'value_hashed'],
    ['ab'.repeat(20), 'email', text, 'value_hashed'],
    [` ${'aB'.repeat(32)} `, 'email', text, 'value_hashed'],
  ])('%j is not for %s %j: %s', (value, type, more, reason) => {
    const fit = fitValue(value, describedAs(type, more), 'exclude');
    expect(fit).toMatchObject({ kind: 'unfit', reason });
    expect(JSON.stringify(fit)).not.toContain(String(value).trim());
  });

  test('a street that just fits', () => {
    expect(fitValue('1234567\n9', describedAs('textarea', street), 'exclude')).toEqual(ok('1234567\n9'));
    expect(fitValue('1234567\n9', describedAs('textarea', { length: 9 }), 'exclude').kind).toBe('unfit');
  });
});

describe('what is too long is cut where that is chosen, and where the rest still means something', () => {
  test.each([
    ['Wolfeschlegelsteinhausen', 'string', {}, ok('Wolfeschle')],
    ['123456789 x', 'string', {}, ok('123456789')],
    // Two units of one character.
    ['123456789😀x', 'string', {}, ok('123456789')],
    ['12345678😀x', 'string', {}, ok('12345678😀')],
    ['1\n2\n3\n4\n5', 'textarea', {}, ok('1\n2\n3\n4')],
    ['1\n2\n3\n4\n5\n6\n7', 'textarea', street, ok('1\n2\n3\n4\n5')],
  ])('%j as %s %j', (value, type, more, expected) => {
    expect(fitValue(value, describedAs(type, { length: 10, ...more }), 'truncate')).toEqual(expected);
  });

  test.each([
    ['x'.repeat(41), 'email', {}],
    ['x'.repeat(41), 'phone', {}],
    ['x'.repeat(41), 'url', {}],
    ['x'.repeat(41), 'picklist', {}],
    ['x'.repeat(41), 'multipicklist', {}],
    ['x'.repeat(41), 'string', { unique: true }],
    ['x'.repeat(41), 'string', { externalId: true }],
  ])('never %j as %s %j', (value, type, more) => {
    expect(fitValue(value, describedAs(type, more), 'truncate')).toMatchObject({
      reason: 'value_too_long',
    });
  });
});
