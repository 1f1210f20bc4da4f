import { expect, test } from 'vitest';
import { explainLog } from './program-log.ts';

test('a person gets the messages, not the traces nor the chatter', () => {
  const log = [
    '{"level":30,"msg":"starting"}',
    'headrace: The port 4400 is in use.',
    '    at listen (node:net:1:1)',
    '{"level":60,"msg":"The database refused the password."}',
    '(node:12) Warning: something',
    '{not json',
    '',
    'Node.js v24.0.0',
  ].join('\n');
  expect(explainLog(log)).toBe(
    'headrace: The port 4400 is in use.\nThe database refused the password.\n{not json',
  );
});
