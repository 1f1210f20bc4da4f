import { expect, test } from 'vitest';
import { choices, describedAs } from './describe.fixture.ts';
import { isStoredEqual } from './stored-equal.ts';

const tiers = choices('gold', ['slv', 'Silver']);

test.each([
  ['ada@example.com', 'ADA@example.com ', 'email', {}, true],
  ['ada@example.com', 'eva@example.com', 'email', {}, false],
  ['Ada', 'ada', 'string', {}, false],
  ['Ada', ' Ada', 'string', {}, true],
  ['+49 170', '+49170', 'phone', {}, false],
  [null, '', 'string', {}, true],
  [null, undefined, 'string', {}, true],
  ['', null, 'string', {}, true],
  ['Ada', null, 'string', {}, false],
  ['a\nb', 'a\r\nb', 'textarea', {}, true],
  [false, null, 'boolean', {}, true],
  [true, null, 'boolean', {}, false],
  [1.005, 1.01, 'currency', { scale: 2 }, true],
  [-2.5, -3, 'double', {}, true],
  [12, '12', 'int', {}, true],
  [12, 13, 'int', {}, false],
  [0, null, 'int', {}, false],
  ['0015e00000AbCdE', '0015e00000AbCdEAAT', 'reference', {}, true],
  ['0015e00000AbCdE', '0015e00000AbCdeAAT', 'reference', {}, false],
  ['2026-09-22T08:15:00.000Z', '2026-09-22T08:15:00.000+0000', 'datetime', {}, true],
  ['2026-09-22T08:15:00.987Z', '2026-09-22T08:15:00.000+0000', 'datetime', {}, true],
  ['2026-09-22T08:15:00.000Z', '2026-09-22T08:15:01.000+0000', 'datetime', {}, false],
  ['1980-02-29', '1980-02-29', 'date', {}, true],
  ['08:15', '08:15:00.000Z', 'time', {}, true],
  ['B;A', 'A;B', 'multipicklist', {}, true],
  ['A;B', 'A;C', 'multipicklist', {}, false],
  ['SILVER;gold', 'gold;slv', 'multipicklist', tiers, true],
  ['Silver', 'slv', 'picklist', tiers, true],
  ['gold', 'slv', 'picklist', tiers, false],
  // A state or country by its code or its name.
  ['DE', 'Germany', 'picklist', choices(['DE', 'Germany']), true],
])('%j and %j as %s %j: %s', (sent, held, type, more, expected) => {
  expect(isStoredEqual(sent, held, describedAs(type, { length: 0, ...more }))).toBe(expected);
});
