import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NotUtf8, readBatch, readHeader } from './read-batch.ts';
import { scanUpload } from './scan-upload.ts';

const lf = { delimiter: ',', lineEnding: '\n' };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'salesforce-emulator-csv-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function withFile<T>(content: string | Buffer, use: (file: number, bytes: number) => T): T {
  const path = join(folder, 'upload.csv');
  writeFileSync(path, content);
  const file = openSync(path, 'r');
  try {
    return use(file, Buffer.byteLength(content));
  } finally {
    closeSync(file);
  }
}

function readAll(content: string): string[][] {
  return withFile(content, (file, bytes) => {
    const all: string[][] = [];
    for (let at = readHeader(file, bytes, lf).nextByte; at < bytes; ) {
      const before = all.length;
      const nextByte = readBatch(file, bytes, at, lf, (row) => all.push([...row.values]));
      expect(nextByte).toBeGreaterThan(at);
      expect(all.length - before).toBeLessThanOrEqual(10_000);
      at = nextByte;
    }
    return all;
  });
}

test('batches go on exactly where the last one ended, whatever the width of characters and rows', () => {
  const rows = Array.from({ length: 23_000 }, (_, index) => [`${index}`, `é😀${'x'.repeat(index % 50)}`]);
  expect(readAll(`A,B\n${rows.map((row) => row.join()).join('\n')}`)).toEqual(rows);
  const long = [
    ['1', 'y'.repeat(900_000)],
    ['2', '"\n'.repeat(200_000)],
    ['3', 'z'],
  ];
  const line = (row: string[]) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join();
  expect(readAll(`A,B\n${long.map(line).join('\n')}\n`)).toEqual(long);
});

test('empty lines are no rows, and a header may stand alone', () => {
  expect(readAll('A,B\n\n1,2\n\n')).toEqual([['1', '2']]);
  expect(readAll('A,B')).toEqual([]);
  withFile('A,"B"\r\n1,2', (file, bytes) =>
    expect(readHeader(file, bytes, { ...lf, lineEnding: '\r\n' })).toMatchObject({
      text: 'A,"B"',
      nextByte: 7,
    }),
  );
  withFile('', (file) => expect(readHeader(file, 0, lf)).toMatchObject({ row: undefined }));
});

test('bytes that are no UTF-8 are refused', () => {
  withFile(Buffer.from([65, 10, 0xff, 10]), (file, bytes) =>
    expect(() => readHeader(file, bytes, lf)).toThrow(NotUtf8),
  );
  withFile(Buffer.concat([Buffer.from('A\n'), Buffer.from('é').subarray(0, 1)]), (file, bytes) =>
    expect(() => readBatch(file, bytes, 0, lf, () => {})).toThrow(NotUtf8),
  );
});

test('a whole upload has to end its lines as the job says; line breaks inside quotes are values', () => {
  const message = 'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is';
  const scan = (content: string, ending: 'LF' | 'CRLF') =>
    withFile(content, (file, bytes) => scanUpload(file, bytes, ending));
  expect(scan('A\n1\n', 'LF')).toBeUndefined();
  expect(scan('A\r\n1\r\n', 'CRLF')).toBeUndefined();
  expect(scan('A\r\n1', 'LF')).toBe(`${message} LF`);
  expect(scan('A\r\n1\n', 'CRLF')).toBe(`${message} CRLF`);
  expect(scan('A\n"x\r\ny"\n', 'LF')).toBeUndefined();
  expect(scan('A\n"x\n', 'LF')).toContain('quote');
});
