import { expect, test } from 'vitest';
import { errorCodes } from '../errors/codes.ts';
import { exclusionReasons, explainReason } from './reasons.ts';

test.each([...Object.keys(exclusionReasons), ...Object.keys(errorCodes), 'A_CODE_OF_THE_DESTINATION'])(
  '%s is explained by its meaning and a remedy, and by nothing else',
  (code) => {
    expect(explainReason(code, null)).toEqual({ meaning: expect.any(String), remedy: expect.any(String) });
  },
);

test('a code of the destination means what the destination said', () => {
  expect(explainReason('STRING_TOO_LONG', 'Too long.').meaning).toBe('Too long.');
});
