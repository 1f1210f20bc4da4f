import { expect, test } from 'vitest';
import { parseProgramRecord } from './program-record.ts';

test('a whole record is read back', () => {
  expect(
    parseProgramRecord(
      '{"pid":12,"url":"http://127.0.0.1:4400","emulator_port":5001,"children":[{"pid":13,"start":"99"}]}',
    ),
  ).toEqual({
    pid: 12,
    url: 'http://127.0.0.1:4400',
    emulatorPort: 5001,
    children: [{ pid: 13, start: '99' }],
  });
});

test.each(['', '{"pid":', 'null', '[]', '{"pid":"x","emulator_port":70000,"children":[{"pid":-1}]}'])(
  'a damaged record %j counts as none',
  (text) => {
    expect(parseProgramRecord(text)).toEqual({ pid: null, url: null, emulatorPort: null, children: [] });
  },
);
