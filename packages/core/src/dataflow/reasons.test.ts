import { expect, test } from 'vitest';
import { errorCodes } from '../errors/codes.ts';
import { exclusionReasons, explainReason } from './reasons.ts';

test.each([...Object.keys(exclusionReasons), ...Object.keys(errorCodes), 'A_CODE_OF_THE_DESTINATION'])(
  '%s is explained by its meaning and a remedy, and by nothing else',
  (code) => {
    const explained = explainReason({ status: 'failed', code, message: null });
    expect(explained).toEqual({ meaning: expect.any(String), remedy: expect.any(String) });
  },
);

test('a code of the destination means what the destination said; while it waits there is nothing to do', () => {
  expect(explainReason({ status: 'failed', code: 'STRING_TOO_LONG', message: 'Too long.' })).toMatchObject({
    meaning: 'Too long.',
    remedy: expect.stringContaining('Correct'),
  });
  expect(explainReason({ status: 'pending', code: 'UNABLE_TO_LOCK_ROW', message: 'Locked.' })).toMatchObject({
    meaning: 'Locked.',
    remedy: expect.stringMatching(/^Nothing/),
  });
});
