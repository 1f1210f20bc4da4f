import { expect, test } from 'vitest';
import { chooseApiVersion } from './api-version.ts';

const list = (...versions: string[]) => versions.map((version) => ({ label: 'x', url: 'x', version }));

test.each([
  [list('31.0', '67.0', '68.0'), '67.0'],
  [list('64.0', '65.0', '9.0'), '65.0'],
  [list('46.0'), '46.0'],
  [[], undefined],
  [{ version: '67.0' }, undefined],
  [[{ version: 67 }, null, { version: '67.0/../evil' }], undefined],
])('%j: %s', (versions, expected) => {
  expect(chooseApiVersion(versions)).toBe(expected);
});

test('an org older than collections upsert is refused', () => {
  expect(() => chooseApiVersion(list('44.0', '45.0'))).toThrow('45.0');
});
