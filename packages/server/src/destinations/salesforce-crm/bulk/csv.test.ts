import { describe, expect, test } from 'vitest';
import { toCell } from './csv-cell.ts';
import { readCsv } from './read-csv.ts';

describe('values as JSON would carry them', () => {
  test.each([
    ['plain', 'plain'],
    ['a, b', '"a, b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['two\r\nlines', '"two\r\nlines"'],
    [' blank before', '" blank before"'],
    ['blank behind ', '"blank behind "'],
    ['=1+1', '=1+1'],
    [true, 'true'],
    [false, 'false'],
    [-12.5, '-12.5'],
    [0, '0'],
    [null, '#N/A'],
    ['', '#N/A'],
  ])('%j', (value, cell) => expect(toCell(value)).toBe(cell));

  test.each([['#N/A'], ['x'.repeat(32_001)], ['a\0b'], [1e21], [1e-7]])('no cell for %j', (value) =>
    expect(toCell(value)).toBeUndefined(),
  );
});

/** Rows of a file that comes in chunks of so many bytes. */
async function rowsOf(text: string, size: number): Promise<string[][]> {
  const bytes = Buffer.from(text);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const rows: string[][] = [];
  for await (const some of readCsv(chunks())) rows.push(...some);
  return rows;
}

const file = '"sf__Id","sf__Error",Email\n"","A:b, ""c""\nd:E --","zoë@x.com"\r\n003,,\n\nlast,"",""';
const read = [
  ['sf__Id', 'sf__Error', 'Email'],
  ['', 'A:b, "c"\nd:E --', 'zoë@x.com'],
  ['003', '', ''],
  ['last', '', ''],
];
test.each([1, 2, 3, 5, 7, 1_000])('result files in chunks of %d bytes', async (size) =>
  expect(await rowsOf(file, size)).toEqual(read),
);

test.each(['"open', '"a"b,c\n', `"${'x'.repeat(2_000_001)}`])(
  'a file that is none is refused',
  async (text) => {
    await expect(rowsOf(text, 65_536)).rejects.toMatchObject({ code: 'destination_unavailable' });
  },
);
