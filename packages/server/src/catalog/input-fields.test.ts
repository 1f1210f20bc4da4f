import { HeadraceError, type InputField } from '@headrace/core';
import { expect, test } from 'vitest';
import { readInputValues, splitSecrets } from './input-fields.ts';

const field = (name: string, more: Partial<InputField> = {}): InputField => ({
  name,
  title: name,
  description: `What ${name} is.`,
  required: false,
  secret: false,
  ...more,
});
const fields = [
  field('username', { required: true }),
  field('password', { required: true, secret: true, maxLength: 20 }),
  field('region', { enum: ['eu', 'us'], default: 'eu' }),
  field('domain', { pattern: '^[a-z]+$' }),
];
const right = { username: 'ann', password: 'hunter2' };

const faultsOf = (given: Record<string, string>) => {
  try {
    readInputValues(fields, given, '/values');
    return [];
  } catch (error) {
    if (!(error instanceof HeadraceError)) throw error;
    expect(error.code).toBe('invalid_input');
    return error.details.map(({ pointer, message }) => `${pointer} ${message}`);
  }
};

test('fills in defaults and leaves out what is empty', () => {
  expect(readInputValues(fields, { ...right, domain: '' }, '/values')).toEqual({ ...right, region: 'eu' });
});

test('names what is missing', () => {
  expect(faultsOf({ username: 'ann', password: '' })).toEqual([
    expect.stringMatching(/^\/values\/password .*missing.*What password is\./),
  ]);
});

test('names the nearest field for one that is not declared, also for names of the language', () => {
  expect(faultsOf({ ...right, usename: 'x' })).toEqual([expect.stringContaining('Did you mean "username"?')]);
  expect(faultsOf({ ...right, constructor: 'x' })).toHaveLength(1);
});

test('checks length, choice and pattern', () => {
  expect(faultsOf({ ...right, password: 'x'.repeat(21) })).toEqual([
    expect.stringMatching(/^\/values\/password /),
  ]);
  expect(faultsOf({ ...right, region: 'mars' })).toEqual([expect.stringContaining('eu, us')]);
  expect(faultsOf({ ...right, domain: 'A b' })).toEqual([expect.stringMatching(/^\/values\/domain /)]);
});

test('promise 9: no fault repeats a value', () => {
  const faults = faultsOf({
    username: '',
    password: 'top-secret-that-is-far-too-long',
    domain: 'TOP-SECRET',
  });
  expect(faults).toHaveLength(3);
  for (const fault of faults) expect(fault.toLowerCase()).not.toContain('top-secret');
});

test('divides secrets from what may be read back', () => {
  expect(splitSecrets(fields, { ...right, region: 'us' })).toEqual({
    settings: { username: 'ann', region: 'us' },
    secrets: { password: 'hunter2' },
  });
});
