import { expect, test } from 'vitest';
import { errorCodes } from '../errors/codes.ts';
import { exclusionReasons, explainReason, failureReasons } from './reasons.ts';

test.each([
  ...Object.keys(exclusionReasons),
  ...Object.keys(failureReasons),
  ...Object.keys(errorCodes),
  'A_CODE_OF_THE_DESTINATION',
])('%s is explained by its meaning and a remedy, and by nothing else', (code) => {
  const explained = explainReason({ status: 'failed', code, message: null });
  expect(explained).toEqual({ meaning: expect.any(String), remedy: expect.any(String) });
});

test.each(['no_match', 'several_matches', 'lead_converted', 'campaign_gone', 'record_held'])(
  '%s has a remedy of its own, that sends nobody to correct a value in the source',
  (code) => {
    const { meaning, remedy } = explainReason({
      status: 'failed',
      code,
      message: 'Said by the destination.',
    });
    expect(meaning).not.toBe('Said by the destination.');
    expect(remedy).not.toMatch(/^Correct the value in the source/);
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
